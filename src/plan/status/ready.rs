//! What `Ready` says: the release that policy wants is serving, and nothing that a person must do is open.
//!
//! An ordered chain; the first row that fits speaks. Each row is one small function that answers with all
//! that follows from it.

use super::super::choose::Because;
use super::super::desired::Problem;
use super::super::fleet::Fleet;
use super::super::observed::{Build, Trouble};
use super::super::promote::{self, Stand};
use super::super::proofs::Proof;
use super::super::reading::Reading;
use super::super::releases::{Release, fate};
use super::super::verify::Verdict;
use super::super::want::Wanted;
use super::answer::{Answer, Motion};
use super::at_gate::rolling_out;
use super::conditions::Truth;
use super::fallback::is_of_a_roll_out;
use super::outside::{Outside, troubles};
use super::words::{pods_in_words, sentences};
use super::{at_gate, passed, tags, tested, verified};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::Component;
use std::time::Duration;

/// The shortest time of being out of reach that counts.
const SHORTEST_GRACE: Duration = Duration::from_mins(10);

/// The first row that fits.
pub(super) fn answer(reading: &Reading<'_>) -> Answer {
    let rows: [fn(&Reading<'_>) -> Option<Answer>; 21] = [
        name_taken,
        missing_reference,
        unavailable,
        pin_lost,
        pinned,
        tags::not_followed,
        refused,
        definite_no,
        not_promoted,
        out_of_reach,
        in_the_way,
        verified::verifying,
        verified::no_longer_verified,
        behind,
        at_gate::fell_back,
        at_gate::at_a_gate,
        on_its_way,
        unknown_yet,
        passed::refused,
        tags::passed,
        stopped,
    ];
    let answer = rows.into_iter().find_map(|row| row(reading)).unwrap_or_else(|| up_to_date(reading));
    if reading.sight.desired.suspend { suspended(&answer) } else { answer }
}

/// Suspended: as computed, under its own name.
fn suspended(answer: &Answer) -> Answer {
    let message = sentences(&["source and releases are frozen", &answer.message]);
    let truth = if answer.truth == Truth::Open { Truth::No } else { answer.truth };
    Answer { truth, reason: Reason::Suspended, message, motion: Motion::Settled, held_back: answer.held_back }
}

fn name_taken(reading: &Reading<'_>) -> Option<Answer> {
    problem(reading.served.taken.first(), Motion::Stalled, reading)
}

fn missing_reference(reading: &Reading<'_>) -> Option<Answer> {
    problem(reading.sight.observed.references.problems.first(), Motion::Reconciling, reading)
}

fn problem(problem: Option<&Problem>, motion: Motion, reading: &Reading<'_>) -> Option<Answer> {
    problem.map(|problem| Answer::new(Truth::No, problem.reason, motion, &problem.message, reading))
}

/// Too few pods are ready and no roll-out explains it.
fn unavailable(reading: &Reading<'_>) -> Option<Answer> {
    let rollout = reading.rollout;
    let target = reading.choice.release.filter(|_| reading.fleet.is_none())?;
    let proven = target.verified_at().is_some();
    let one_version = rollout.updated == rollout.replicas && rollout.others.is_empty();
    if reading.sight.desired.replicas == 0 || rollout.complete || !proven || !one_version || is_starting(reading) {
        return None;
    }
    let enough_cores = rollout.ready >= reading.sight.desired.replicas;
    if enough_cores && rollout.waiting_for.is_empty() {
        return None;
    }
    let (reason, cause) = match reading.verdict {
        Verdict::InTheWay { reason, message } => (*reason, message.as_str()),
        Verdict::Pending | Verdict::Proving(_) | Verdict::Proven | Verdict::Refused { .. } => (Reason::Unavailable, ""),
    };
    let fact = sentences(&[&pods_in_words(reading), cause]);
    Some(Answer::new(Truth::No, reason, Motion::Reconciling, &fact, reading))
}

/// The version went through all phases, and instances are not well with it.
fn behind(reading: &Reading<'_>) -> Option<Answer> {
    let release = reading.choice.release.filter(|_| reading.rollout.complete)?;
    let (follow, behind) = reading.fleet?.behind()?;
    let fact = format!("{} is live: {behind}", release.short());
    let (truth, reason) = if follow { (Truth::Open, Reason::RollingOut) } else { (Truth::No, Reason::InstancesFailed) };
    Some(Answer::new(truth, reason, Motion::Reconciling, &fact, reading))
}

/// Pods that somebody just asked for are on their way; they are not missing.
fn is_starting(reading: &Reading<'_>) -> bool {
    let status = &reading.sight.observed.status;
    let asked_just_now = status.observed_generation != Some(reading.sight.desired.generation);
    let core = reading.sight.deployment(Component::Core).filter(|core| !core.deleting);
    let is_new =
        core.is_some_and(|core| !reading.served.in_sync || status.complete_generation != Some(core.generation));
    let rollout = reading.rollout;
    // A place that takes over has a generation of its own, and what stands beside the core follows it.
    let serves = |target: &Release| status.current.as_ref().is_none_or(|current| current.release == target.name);
    let takes_over = rollout.hand_over.is_some()
        || rollout.pods.iter().any(|pod| pod.is_told && pod.is_loaded)
        || reading.choice.release.is_some_and(|target| !serves(target));
    let troubled = rollout.pods.iter().any(|pod| pod.trouble.is_some());
    let is_held_up = matches!(reading.verdict, Verdict::InTheWay { .. });
    (asked_just_now || is_new || takes_over && !is_held_up) && !troubled
}

/// What a person pinned cannot run.
fn pin_lost(reading: &Reading<'_>) -> Option<Answer> {
    let pin = reading.standing.pin.filter(|_| reading.choice.because == Because::PinLost)?;
    let what = match reading.sight.observed.releases.named(&pin.release) {
        None => "is not there any more",
        Some(release) if release.rejection().is_some() => "was refused",
        Some(_) => "has no image",
    };
    let fact = format!("{}, which {} pinned, {what}", pin.release, pin.by);
    let answer = Answer::new(Truth::No, Reason::PinLost, Motion::Stalled, &fact, reading);
    Some(answer.holding_back())
}

/// A person brought an earlier release back. What the Git host or a registry refuses is still said.
fn pinned(reading: &Reading<'_>) -> Option<Answer> {
    let (pin, release) = (reading.standing.pin?, reading.standing.pinned?);
    if troubles(reading).iter().any(|(_, trouble)| trouble.definite) {
        return None;
    }
    if !reading.rollout.complete && reading.sight.desired.replicas > 0 {
        return in_the_way(reading).or_else(|| Some(rolling_out(reading, release)));
    }
    if let Some(answer) = verified::no_longer_verified(reading) {
        return Some(Answer { held_back: Some(Reason::Pinned), ..answer });
    }
    let fact = pin.in_words(release.short());
    let answer = Answer::new(Truth::Yes, Reason::Pinned, Motion::Settled, &fact, reading);
    Some(answer.holding_back())
}

fn refused(reading: &Reading<'_>) -> Option<Answer> {
    let candidate = reading.candidate?;
    let (reason, message) = refusal_of(reading, candidate)?;
    let mut fact = format!("{}: {message}", candidate.short());
    if reading.choice.because == Because::Held {
        fact = sentences(&[&fact, "It serves on, as rollback.mode says; RollBack brings the release before it back"]);
    }
    let held_back =
        reading.choice.because != Because::Held && serves_another(reading, candidate) && is_of_a_roll_out(reason);
    Some(Answer::new(Truth::No, reason, Motion::Stalled, &fact, reading).holding_back_if(held_back))
}

/// Refused before, or just now.
fn refusal_of(reading: &Reading<'_>, candidate: &Release) -> Option<(Reason, String)> {
    let of_target = reading.choice.release.is_some_and(|target| target.is(candidate));
    match reading.verdict {
        Verdict::Refused { reason, message, .. } if of_target => return Some((*reason, message.clone())),
        Verdict::Proven if of_target => return None,
        _ => {}
    }
    if let Some((stage, Proof::Failed { message, .. })) = reading.tests_of_candidate() {
        return Some((stage.refusal(), message.clone()));
    }
    if let Some(Build::Refused(refused)) = reading.build_of(candidate) {
        return Some((fate::lasting(refused.reason), refused.message.clone()));
    }
    Some((candidate.rejection()?, candidate.status.message.clone().unwrap_or_default()))
}

fn serves_another(reading: &Reading<'_>, candidate: &Release) -> bool {
    reading.choice.serves().is_some_and(|current| !current.is(candidate))
}

fn definite_no(reading: &Reading<'_>) -> Option<Answer> {
    let trouble = troubles(reading).into_iter().find(|(_, trouble)| trouble.definite)?;
    Some(Answer::of_trouble(trouble, reading))
}

/// The deployment whose versions are taken cannot be asked, or has none that may be taken.
fn not_promoted(reading: &Reading<'_>) -> Option<Answer> {
    let promotion = reading.sight.desired.promotion()?;
    let Stand::Shut((reason, message)) = promote::stand(reading.sight, promotion) else { return None };
    let motion = if reason.takes_a_change() { Motion::Stalled } else { Motion::Reconciling };
    let frozen = reading.sight.desired.suspend;
    let waits = reason.takes_a_change() || matches!(reading.wanted, Wanted::Unknown) && !frozen;
    waits.then(|| Answer::new(Truth::No, reason, motion, &message, reading))
}

/// Being out of reach is tolerated for a while, where what is wanted is known and something serves.
fn out_of_reach(reading: &Reading<'_>) -> Option<Answer> {
    let interval = reading.sight.desired.interval;
    let grace = SHORTEST_GRACE.max(interval.saturating_mul(3));
    let too_long = |(_, trouble): &(Outside, &Trouble)| {
        let lasted = Duration::try_from(reading.sight.now.duration_since(trouble.since)).unwrap_or_default();
        lasted >= grace || reading.choice.serves().is_none() || matches!(reading.wanted, Wanted::Unknown)
    };
    Some(Answer::of_trouble(troubles(reading).into_iter().find(too_long)?, reading))
}

/// The candidate's roll-out, or that of any other, is held up by something that is not its fault.
fn in_the_way(reading: &Reading<'_>) -> Option<Answer> {
    if let Some(Proof::Held(reason, message)) = reading.connection {
        return Some(Answer::new(Truth::No, *reason, Motion::Reconciling, message, reading));
    }
    let tests = reading.tests_of_candidate().zip(reading.candidate);
    if let Some(((_, Proof::Held(reason, message)), candidate)) = tests {
        let fact = format!("{}: {message}", candidate.short());
        return Some(Answer::new(Truth::No, *reason, Motion::Reconciling, &fact, reading));
    }
    let Verdict::InTheWay { reason, message } = reading.verdict else { return None };
    let fact =
        reading.choice.release.map_or_else(|| message.clone(), |target| format!("{}: {message}", target.short()));
    Some(Answer::new(Truth::No, *reason, Motion::Reconciling, &fact, reading))
}

fn on_its_way(reading: &Reading<'_>) -> Option<Answer> {
    let is_target = |candidate: &Release| reading.choice.release.is_some_and(|target| target.is(candidate));
    if let Some(candidate) =
        reading.candidate.filter(|candidate| !is_target(candidate) && !waits_its_turn(reading, candidate))
    {
        if let Some(answer) =
            reading.tests_of_candidate().and_then(|tests| tested::under_test(reading, candidate, tests))
        {
            return Some(answer);
        }
        if let Some(answer) = tested::waits_for_connection(reading, candidate) {
            return Some(answer);
        }
        let build = reading.build_of(candidate);
        let fact = match build.and_then(Build::trouble) {
            Some((_, trouble)) => format!("{}: not built yet: {}", candidate.short(), trouble.message),
            _ if candidate.spec.promoted.is_some() => format!("{}: being taken over", candidate.short()),
            _ => format!("{}: being fetched, checked and built", candidate.short()),
        };
        return Some(Answer::new(Truth::Open, Reason::Building, Motion::Reconciling, &fact, reading));
    }
    // No phase begins or ends where no cores are wanted.
    let is_well = |fleet: &Fleet<'_>| reading.served.in_sync && fleet.troubles().is_none();
    let stands_still = reading.sight.desired.replicas == 0 && reading.fleet.is_some_and(is_well);
    if reading.rollout.complete || reading.choice.release.is_none() || stands_still {
        return tested::keeps_content(reading);
    }
    Some(rolling_out(reading, reading.choice.release?))
}

/// Its image is there, its gates are open, and the roll-out before it is not at its end.
fn waits_its_turn(reading: &Reading<'_>, candidate: &Release) -> bool {
    let passed = reading.passages.of(candidate).is_some() || candidate.spec.promoted.is_some();
    let has_image = candidate.image().is_some();
    reading.tests_of_candidate().is_none() && passed && has_image && reading.choice.release.is_some()
}

/// Neither a candidate nor trouble: the first look is under way, or a release is being made.
fn unknown_yet(reading: &Reading<'_>) -> Option<Answer> {
    if reading.sight.desired.suspend && reading.choice.release.is_some() {
        return None;
    }
    let asked = reading.sight.desired.promotion().map(|promotion| promotion.from.to_string());
    let fact = format!("looking at {}", asked.as_deref().unwrap_or("Git host and registry"));
    let unknown = reading.candidate.is_none();
    unknown.then(|| Answer::new(Truth::Open, Reason::Progressing, Motion::Reconciling, &fact, reading))
}

fn stopped(reading: &Reading<'_>) -> Option<Answer> {
    (reading.sight.desired.replicas == 0).then(|| {
        if let Some((ending @ 1.., all)) = reading.fleet.map(Fleet::with_cores) {
            let fact = format!("replicas is 0: the cores of {ending} of {all} instances end");
            return Answer::new(Truth::Open, Reason::RollingOut, Motion::Reconciling, &fact, reading);
        }
        if let Some(pod) = reading.rollout.ending.first() {
            let fact = format!("replicas is 0: pod {} ends with the event that it has in hand", pod.name);
            return Answer::new(Truth::Open, Reason::RollingOut, Motion::Reconciling, &fact, reading);
        }
        let fact = "replicas is 0: nothing runs, the queue keeps the events";
        Answer {
            message: sentences(&[fact]),
            ..Answer::new(Truth::Yes, Reason::Stopped, Motion::Settled, fact, reading)
        }
    })
}

fn up_to_date(reading: &Reading<'_>) -> Answer {
    let fact = reading.choice.release.map_or_else(String::new, |release| {
        let subject = release.status.subject.clone().unwrap_or_default();
        format!("{} is live: {subject}", release.short())
    });
    let mut answer = Answer::new(Truth::Yes, Reason::UpToDate, Motion::Settled, &fact, reading);
    answer.message = sentences(&[&fact]);
    answer
}
