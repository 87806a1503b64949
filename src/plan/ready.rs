//! What `Ready` says: the release that policy wants is serving, and nothing that a person must do is open.
//!
//! An ordered chain; the first row that fits speaks. Each row is one small function that answers with all
//! that follows from it.

use super::observed::{Build, Trouble};
use super::status::Situation;
use super::{Problem, Wanted, release, verify::Verdict};
use crate::api::v1alpha1::TengineRelease;
use crate::api::v1alpha1::condition::{ConditionType, Reason};
use kube::ResourceExt as _;
use std::time::Duration;

/// The three values a condition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// `True`.
    Yes,
    /// `False`.
    No,
    /// `Unknown`.
    Open,
}

/// Whether anything goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    /// Nothing is left to do.
    Settled,
    /// Work is under way or is tried again.
    Reconciling,
    /// Somebody has to change something.
    Stalled,
}

/// What `Ready` says, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub truth: Truth,
    pub reason: Reason,
    pub message: String,
    pub motion: Motion,
    /// Something older serves on purpose.
    pub held_back: bool,
}

impl Answer {
    fn new(truth: Truth, reason: Reason, motion: Motion, fact: &str, situation: &Situation<'_>) -> Self {
        // A fact may come with the same advice; once, and last, is enough.
        let fact = fact.strip_suffix(reason.advice()).unwrap_or(fact);
        let message = sentences(&[fact, &serving(situation, reason), reason.advice()]);
        Self { truth, reason, message, motion, held_back: false }
    }
}

/// The shortest time of being out of reach that counts.
const SHORTEST_GRACE: Duration = Duration::from_mins(10);

/// The first row that fits.
pub(super) fn answer(situation: &Situation<'_>) -> Answer {
    let rows: [fn(&Situation<'_>) -> Option<Answer>; 10] = [
        name_taken,
        missing_reference,
        unavailable,
        refused,
        definite_no,
        out_of_reach,
        in_the_way,
        on_its_way,
        unknown_yet,
        stopped,
    ];
    let answer = rows.into_iter().find_map(|row| row(situation)).unwrap_or_else(|| up_to_date(situation));
    if situation.desired.suspend { suspended(&answer) } else { answer }
}

/// Suspended: as computed, under its own name.
fn suspended(answer: &Answer) -> Answer {
    let message = sentences(&["source and releases are frozen", &answer.message]);
    let truth = if answer.truth == Truth::Open { Truth::No } else { answer.truth };
    Answer { truth, reason: Reason::Suspended, message, motion: Motion::Settled, held_back: answer.held_back }
}

fn name_taken(situation: &Situation<'_>) -> Option<Answer> {
    problem(situation.served.taken.first(), Motion::Stalled, situation)
}

fn missing_reference(situation: &Situation<'_>) -> Option<Answer> {
    problem(situation.observed.references.problems.first(), Motion::Reconciling, situation)
}

fn problem(problem: Option<&Problem>, motion: Motion, situation: &Situation<'_>) -> Option<Answer> {
    problem.map(|problem| Answer::new(Truth::No, problem.reason, motion, &problem.message, situation))
}

/// Too few pods are ready and no roll-out explains it.
fn unavailable(situation: &Situation<'_>) -> Option<Answer> {
    let rollout = situation.rollout;
    let target = situation.target.release?;
    let proven = target.status.as_ref().is_some_and(|status| status.verified_at.is_some());
    let one_version = rollout.updated == rollout.replicas && rollout.others.is_empty();
    if situation.desired.replicas == 0 || rollout.complete || !proven || !one_version || is_starting(situation) {
        return None;
    }
    let enough_cores = rollout.ready >= situation.desired.replicas;
    if enough_cores && rollout.waiting_for.is_empty() {
        return None;
    }
    let (reason, cause) = match situation.verdict {
        Verdict::InTheWay { reason, message } => (*reason, message.as_str()),
        Verdict::Pending | Verdict::Proven | Verdict::Refused { .. } => (Reason::Unavailable, ""),
    };
    let fact = sentences(&[&pods_in_words(situation), cause]);
    Some(Answer::new(Truth::No, reason, Motion::Reconciling, &fact, situation))
}

/// Pods that somebody just asked for are on their way; they are not missing.
fn is_starting(situation: &Situation<'_>) -> bool {
    let status = &situation.observed.status;
    let asked_just_now = status.observed_generation != Some(situation.desired.generation);
    let ready = status.conditions.iter().find(|condition| condition.type_ == ConditionType::Ready.to_string());
    let under_way = [Reason::RollingOut, Reason::Stopped].map(Reason::word);
    let was_under_way = ready.is_some_and(|ready| under_way.contains(&ready.reason.as_str()));
    let troubled = situation.rollout.pods.iter().any(|pod| pod.trouble.is_some()) || situation.rollout.overdue;
    (asked_just_now || was_under_way) && !troubled
}

/// `1 of 2 cores ready, heartbeat-watchd not ready`.
pub(super) fn pods_in_words(situation: &Situation<'_>) -> String {
    let rollout = situation.rollout;
    let cores = format!("{} of {} cores ready", rollout.ready, situation.desired.replicas);
    let besides = rollout.waiting_for.iter().map(|component| format!("{} not ready", component.label()));
    std::iter::once(cores).chain(besides).collect::<Vec<_>>().join(", ")
}

fn refused(situation: &Situation<'_>) -> Option<Answer> {
    let candidate = situation.candidate?;
    let (reason, message) = refusal_of(situation, candidate)?;
    let fact = format!("{}: {message}", short(candidate));
    let mut answer = Answer::new(Truth::No, reason, Motion::Stalled, &fact, situation);
    answer.held_back = serves_another(situation, candidate)
        && matches!(reason, Reason::CoreFailed | Reason::ProgressDeadlineExceeded | Reason::PackageMissing);
    Some(answer)
}

/// Refused before, or just now.
fn refusal_of(situation: &Situation<'_>, candidate: &TengineRelease) -> Option<(Reason, String)> {
    let of_target = situation.target.release.is_some_and(|target| target.name_any() == candidate.name_any());
    match situation.verdict {
        Verdict::Refused { reason, message, .. } if of_target => return Some((*reason, message.clone())),
        Verdict::Proven if of_target => return None,
        _ => {}
    }
    if let Some(Build::Refused(refused)) = situation.observed.builds.get(&candidate.name_any()) {
        return Some((release::lasting(refused.reason), refused.message.clone()));
    }
    let reason = release::rejected(candidate)?;
    Some((reason, candidate.status.as_ref()?.message.clone().unwrap_or_default()))
}

fn serves_another(situation: &Situation<'_>, candidate: &TengineRelease) -> bool {
    situation.target.current.is_some_and(|current| current.name_any() != candidate.name_any())
}

/// Trouble of the looks, and of the candidate's build.
fn troubles<'a>(situation: &'a Situation<'_>) -> Vec<&'a Trouble> {
    if situation.desired.suspend {
        return Vec::new();
    }
    let observed = situation.observed;
    let build = situation.candidate.and_then(|candidate| observed.builds.get(&candidate.name_any()));
    let build = build.and_then(Build::trouble).map(|(_, trouble)| trouble);
    [&observed.source.trouble, &observed.base.trouble, &observed.push.trouble]
        .into_iter()
        .filter_map(Option::as_ref)
        .chain(build)
        .collect()
}

fn definite_no(situation: &Situation<'_>) -> Option<Answer> {
    let trouble = troubles(situation).into_iter().find(|trouble| trouble.definite)?;
    Some(Answer::new(Truth::No, trouble.reason, Motion::Reconciling, &trouble.message, situation))
}

/// Being out of reach is tolerated for a while, where what is wanted is known and something serves.
fn out_of_reach(situation: &Situation<'_>) -> Option<Answer> {
    let interval = situation.desired.source.interval;
    let grace = SHORTEST_GRACE.max(interval.saturating_mul(3));
    let too_long = |trouble: &&Trouble| {
        let lasted = Duration::try_from(situation.now.duration_since(trouble.since)).unwrap_or_default();
        lasted >= grace || situation.target.current.is_none() || matches!(situation.wanted, Wanted::Unknown)
    };
    let trouble = troubles(situation).into_iter().find(too_long)?;
    Some(Answer::new(Truth::No, trouble.reason, Motion::Reconciling, &trouble.message, situation))
}

/// The candidate's roll-out is held up by something that is not its fault.
fn in_the_way(situation: &Situation<'_>) -> Option<Answer> {
    let Verdict::InTheWay { reason, message } = situation.verdict else { return None };
    let fact =
        situation.target.release.map_or_else(|| message.clone(), |target| format!("{}: {message}", short(target)));
    Some(Answer::new(Truth::No, *reason, Motion::Reconciling, &fact, situation))
}

fn on_its_way(situation: &Situation<'_>) -> Option<Answer> {
    let is_target = |candidate: &TengineRelease| {
        situation.target.release.is_some_and(|target| target.name_any() == candidate.name_any())
    };
    if let Some(candidate) = situation.candidate.filter(|candidate| !is_target(candidate)) {
        let build = situation.observed.builds.get(&candidate.name_any());
        let fact = match build.and_then(Build::trouble) {
            Some((_, trouble)) => format!("{}: not built yet: {}", short(candidate), trouble.message),
            _ => format!("{}: being fetched, checked and built", short(candidate)),
        };
        return Some(Answer::new(Truth::Open, Reason::Building, Motion::Reconciling, &fact, situation));
    }
    if situation.rollout.complete || situation.target.release.is_none() {
        return None;
    }
    let target = situation.target.release?;
    let updated = situation.rollout.pods.iter().filter(|pod| pod.ready).count();
    let fact = format!(
        "{}: on {} of {} pods, {} ready",
        short(target),
        situation.rollout.updated,
        situation.desired.replicas,
        updated.min(usize::try_from(situation.rollout.ready).unwrap_or_default())
    );
    Some(Answer::new(Truth::Open, Reason::RollingOut, Motion::Reconciling, &fact, situation))
}

/// Neither a candidate nor trouble: the first look is under way, or a release is being made.
fn unknown_yet(situation: &Situation<'_>) -> Option<Answer> {
    if situation.desired.suspend && situation.target.release.is_some() {
        return None;
    }
    situation.candidate.is_none().then(|| {
        Answer::new(
            Truth::Open,
            Reason::Progressing,
            Motion::Reconciling,
            "looking at Git host and registry",
            situation,
        )
    })
}

fn stopped(situation: &Situation<'_>) -> Option<Answer> {
    (situation.desired.replicas == 0).then(|| {
        let fact = "replicas is 0: nothing runs, the queue keeps the events";
        Answer {
            message: sentences(&[fact]),
            ..Answer::new(Truth::Yes, Reason::Stopped, Motion::Settled, fact, situation)
        }
    })
}

fn up_to_date(situation: &Situation<'_>) -> Answer {
    let fact = situation.target.release.map_or_else(String::new, |release| {
        let subject = release.status.as_ref().and_then(|status| status.subject.clone()).unwrap_or_default();
        format!("{} is live: {subject}", short(release))
    });
    let mut answer = Answer::new(Truth::Yes, Reason::UpToDate, Motion::Settled, &fact, situation);
    answer.message = sentences(&[&fact]);
    answer
}

/// The first seven digits of a release's commit.
pub(super) fn short(release: &TengineRelease) -> &str {
    release.spec.commit.get(..7).unwrap_or(&release.spec.commit)
}

/// What still serves, where that is worth a word.
fn serving(situation: &Situation<'_>, reason: Reason) -> String {
    let quiet = matches!(reason, Reason::UpToDate | Reason::Stopped | Reason::Unavailable);
    match situation.target.current {
        Some(current) if !quiet && situation.rollout.ready > 0 => format!("{} keeps serving", short(current)),
        _ => String::new(),
    }
}

/// Puts sentences together: each ends with one full stop, empty ones are left out.
pub(super) fn sentences(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.trim().trim_end_matches('.')).filter(|part| !part.is_empty());
    parts.map(|part| format!("{part}.")).collect::<Vec<_>>().join(" ")
}
