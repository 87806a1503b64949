//! What was asked of a release besides starting it: tests before its roll-out, verification after it.
//!
//! Each check has an identity that follows from the release, the check and the last Retry, and its Job has a name that follows
//! from that: however often it is planned, by however many operators, it runs once. Only a process that ran, or a number that came,
//! speaks about the release; everything else is environment: it is said, and tried again.

use super::desired::{Probe, WantedCheck, WantedJob, WantedQuery};
use super::effect::{Effect, Query, Track};
use super::observed::{CheckJob, JobState, QuerySeen};
use super::releases::{Fate, Release};
use super::sight::Sight;
use crate::api::v1alpha1::{StepName, condition::Reason};
use crate::domain::{ChildName, KeyHasher};
use crate::manifest::{self, CheckPod};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// How long after a Job that did not have its say another one is started.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// How long after an answer that is no number Prometheus is asked again.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// What the checks of one step say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// All passed, or none was asked for.
    Passed,
    /// They are under way.
    Running(String),
    /// Something that is not the release's fault is in the way.
    Held(Reason, String),
    /// One failed.
    Failed {
        /// Which, and how.
        message: String,
        /// What it said.
        evidence: String,
    },
}

/// When checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Tests,
    Verification,
}

/// The tests of the release that policy wants; `None` where it is not their turn.
pub fn tests<'a>(sight: Sight<'a>, candidate: Option<&'a Release>) -> Track<Option<Proof>> {
    let Some(release) = candidate.filter(|release| is_to_be_tested(sight, release)) else { return Track::found(None) };
    let track = look(sight, release, Stage::Tests, None);
    Track { found: Some(track.found), effects: track.effects, due: track.due }
}

/// Whether it may take the place of another as far as tests go: what they said is written down before anything is done about it.
pub fn let_pass(sight: Sight<'_>, release: &Release) -> bool {
    release.fate != Fate::Built || sight.desired.checks.tests.is_empty() || release.has_done(StepName::Tests)
}

fn is_to_be_tested(sight: Sight<'_>, release: &Release) -> bool {
    release.fate == Fate::Built && !let_pass(sight, release) && sight.told() != Some(&release.name)
}

/// The verification of a release whose pods are all ready, since then.
pub fn verification(sight: Sight<'_>, release: &Release, ready_since: Option<Timestamp>) -> Track<Proof> {
    if release.verified_at().is_some() {
        return Track::found(Proof::Passed);
    }
    let steady = ready_since.and_then(|since| {
        let wait = SignedDuration::try_from(sight.desired.checks.min_ready).unwrap_or(SignedDuration::MAX);
        since.checked_add(wait).ok()
    });
    if let Some(at) = steady.filter(|at| *at > sight.now) {
        let words = format!("all pods have to be ready for {} s", sight.desired.checks.min_ready.as_secs());
        return Track { due: Some(at), ..Track::found(Proof::Running(words)) };
    }
    look(sight, release, Stage::Verification, ready_since)
}

/// Jobs that nobody waits for any more: of releases that were refused, superseded or are done, and of checks that were changed.
/// What is over stays with its release, for its log.
pub fn abandoned<'a>(sight: Sight<'a>, under_way: [Option<&'a Release>; 2]) -> Vec<Effect> {
    let open = under_way.into_iter().flatten().filter(|release| is_open(release));
    let wanted: Vec<ChildName> = open
        .flat_map(|release| [Stage::Tests, Stage::Verification].map(|stage| (release, stage)))
        .flat_map(|(release, stage)| {
            checks(sight, stage).iter().map(move |check| job_name(sight, &identity(release, stage, check)))
        })
        .collect();
    let jobs = sight.observed.jobs.iter().filter(|job| !job.deleting && !job.state.is_over());
    jobs.filter(|job| !wanted.iter().any(|name| name.as_ref() == job.name))
        .map(|job| Effect::DeleteJob { name: job.name.clone() })
        .collect()
}

fn is_open(release: &Release) -> bool {
    release.verified_at().is_none() && !release.rejection().is_some_and(Reason::is_of_checks)
}

fn checks(sight: Sight<'_>, stage: Stage) -> &[WantedCheck] {
    match stage {
        Stage::Tests => &sight.desired.checks.tests,
        Stage::Verification => &sight.desired.checks.verification,
    }
}

/// All checks of a step, begun together. The first that failed decides; else the first in whose way something is.
///
/// What was looked at before `since` was looked at with other pods, and says nothing of these.
fn look(sight: Sight<'_>, release: &Release, stage: Stage, since: Option<Timestamp>) -> Track<Proof> {
    let each = checks(sight, stage).iter().map(|check| (check, one(sight, release, (stage, since), check)));
    let mut whole = Track::found(Proof::Passed);
    let mut running = Vec::new();
    for (check, track) in each {
        whole.effects.extend(track.effects);
        whole.due = whole.due.into_iter().chain(track.due).min();
        match (&whole.found, track.found) {
            (Proof::Failed { .. }, _) | (_, Proof::Passed) => {}
            (_, failed @ Proof::Failed { .. }) => whole.found = failed,
            (Proof::Held(..), _) => {}
            (_, held @ Proof::Held(..)) => whole.found = held,
            (_, Proof::Running(_)) => running.push(check.name.as_str()),
        }
    }
    if whole.found == Proof::Passed && !running.is_empty() {
        whole.found = Proof::Running(format!("{} under way", running.join(", ")));
    }
    if matches!(whole.found, Proof::Failed { .. }) {
        // Nothing is begun any more.
        (whole.effects, whole.due) = (Vec::new(), None);
    }
    whole
}

fn one(
    sight: Sight<'_>,
    release: &Release,
    (stage, since): (Stage, Option<Timestamp>),
    check: &WantedCheck,
) -> Track<Proof> {
    let identity = identity(release, stage, check);
    match &check.probe {
        Probe::Job(job) => of_job(sight, release, (check, job), &job_name(sight, &identity), since),
        Probe::Query(query) => of_query(sight, (check, query), identity, since),
    }
}

fn of_job(
    sight: Sight<'_>,
    release: &Release,
    check: (&WantedCheck, &WantedJob),
    name: &ChildName,
    since: Option<Timestamp>,
) -> Track<Proof> {
    let (check, wanted) = check;
    let running = || Proof::Running(check.name.clone());
    let Some(job) = sight.observed.jobs.iter().find(|job| job.name == name.as_ref()) else {
        let started = render(sight, release, wanted, name);
        return Track { effects: started.into_iter().collect(), ..Track::found(running()) };
    };
    let found = match &job.state {
        _ if job.deleting => running(),
        _ if job.made < since => {
            let effects = vec![Effect::DeleteJob { name: job.name.clone() }];
            return Track { effects, ..Track::found(running()) };
        }
        JobState::Waiting | JobState::Running => running(),
        JobState::Passed => Proof::Passed,
        JobState::Failed { message, log, .. } => failed(check, message, log),
        JobState::Held(reason, words) => Proof::Held(*reason, format!("check {}: Job {name}: {words}", check.name)),
        JobState::Lost { reason, message, at } => return lost(sight, check, job, (*reason, message, *at)),
    };
    Track { due: job.due, ..Track::found(found) }
}

fn failed(check: &WantedCheck, message: &str, log: &str) -> Proof {
    let last = log.lines().rev().find(|line| !line.trim().is_empty()).map_or("", str::trim);
    let last: String = last.chars().take(300).collect();
    let said = if last.is_empty() { String::new() } else { format!(": {last}") };
    Proof::Failed { message: format!("check {} failed: {message}{said}", check.name), evidence: log.to_owned() }
}

/// It is taken away after a while, and then another one is started under its name.
fn lost(sight: Sight<'_>, check: &WantedCheck, job: &CheckJob, why: (Reason, &str, Timestamp)) -> Track<Proof> {
    let (reason, message, at) = why;
    let mut track = Track::found(Proof::Held(reason, format!("check {}: Job {}: {message}", check.name, job.name)));
    let again = at.checked_add(AGAIN).unwrap_or(sight.now);
    if again > sight.now {
        track.due = Some(again);
    } else {
        track.effects.push(Effect::DeleteJob { name: job.name.clone() });
    }
    track
}

fn of_query(
    sight: Sight<'_>,
    check: (&WantedCheck, &WantedQuery),
    identity: String,
    since: Option<Timestamp>,
) -> Track<Proof> {
    let (check, wanted) = check;
    let mut seen = sight.observed.queries.get(&identity).cloned().unwrap_or_default();
    seen.answer = seen.answer.filter(|(_, at)| since.is_none_or(|since| since <= *at));
    let ask = || {
        let (url, expression) = (wanted.url.clone(), wanted.expression.clone());
        Effect::Ask(Box::new(Query { identity, url, expression }))
    };
    match seen {
        QuerySeen { answer: Some((Ok(number), _)), .. } => Track::found(compare(check, wanted, number)),
        QuerySeen { answer, running } => {
            let (found, due) = match answer {
                Some((Err(why), at)) => {
                    let message = format!("check {}: {why}", check.name);
                    (Proof::Held(Reason::QueryFailed, message), at.checked_add(ASK_AGAIN).ok())
                }
                Some((Ok(_), _)) | None => (Proof::Running(check.name.clone()), None),
            };
            let is_due = due.is_none_or(|due| due <= sight.now) && !running;
            Track { found, effects: is_due.then(ask).into_iter().collect(), due: due.filter(|due| *due > sight.now) }
        }
    }
}

fn compare(check: &WantedCheck, wanted: &WantedQuery, number: f64) -> Proof {
    let beyond = match (wanted.at_least, wanted.at_most) {
        (Some(least), _) if number < least => format!("at least {least} is asked for"),
        (_, Some(most)) if number > most => format!("at most {most} is asked for"),
        _ => return Proof::Passed,
    };
    let message = format!("check {} failed: {} is {number}, {beyond}", check.name, wanted.expression);
    Proof::Failed { evidence: message.clone(), message }
}

/// Stands for a check of a release, since it was last told to be tried again.
fn identity(release: &Release, stage: Stage, check: &WantedCheck) -> String {
    let asked = match &check.probe {
        Probe::Job(job) => json!([job.command, job.env, job.resources, job.timeout.as_secs()]),
        Probe::Query(query) => json!([query.url, query.expression, query.at_least, query.at_most]),
    };
    KeyHasher::default()
        .part("release", &release.name)
        .part("key", &release.spec.key)
        .part("uid", &release.uid)
        .part("stage", format!("{stage:?}"))
        .part("check", &check.name)
        .part("asked", asked.to_string())
        .part("retried", release.retried.map(|at| at.as_second().to_string()).unwrap_or_default())
        .digits()
}

fn job_name(sight: Sight<'_>, identity: &str) -> ChildName {
    ChildName::of_check(&sight.desired.name, identity)
}

fn render(sight: Sight<'_>, release: &Release, job: &WantedJob, name: &ChildName) -> Option<Effect> {
    let platform = release.platform();
    let object = manifest::check_job(
        &CheckPod {
            namespace: &sight.desired.namespace,
            deployment: &sight.desired.name,
            release: &release.name,
            release_uid: &release.uid,
            commit: &release.spec.commit,
            image: release.image()?,
            platform: platform.as_ref(),
            version: release.status.dsl_version.as_deref().unwrap_or(&release.spec.commit),
            settings: &release.spec.settings,
            command: &job.command,
            env: &job.env,
            resources: job.resources.as_ref(),
            timeout: job.timeout,
        },
        name,
    );
    Some(Effect::StartJob { name: name.to_string(), owner: release.uid.clone(), object: Box::new(object) })
}
