//! What `Ready` says while a release waits at a gate.

use super::super::fleet::Fleet;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use super::fallback::fallen;
use super::words::{pods_in_words, sentences};
use crate::api::v1alpha1::condition::Reason;

/// A roll-out was taken back, and what is newer waits at a gate.
pub(super) fn fell_back(reading: &Reading<'_>) -> Option<Answer> {
    let candidate = reading.candidate?;
    reading.passages.shut(candidate)?;
    let waits = reading.passages.waits_for(candidate)?;
    let fallen = fallen(reading).filter(|_| reading.rollout.complete)?;
    let mut answer = Answer::new(Truth::No, fallen.reason, Motion::Stalled, &fallen.fact, reading);
    answer.message = sentences(&[&answer.message, &waits]);
    Some(answer.holding_back_if(fallen.held_back))
}

/// What policy wants serves, and something newer waits: that is well, unless it can wait for ever or nothing serves.
pub(super) fn at_a_gate(reading: &Reading<'_>) -> Option<Answer> {
    let candidate = reading.candidate?;
    let (_, shut) = reading.passages.shut(candidate)?;
    let fact = reading.passages.waits_for(candidate)?;
    let incomplete = !reading.rollout.complete && reading.sight.desired.replicas > 0;
    if let Some(target) = reading.choice.release.filter(|_| incomplete) {
        return Some(rolling_out(reading, target));
    }
    let (truth, motion) = match (reading.choice.release, shut.reason.takes_a_change()) {
        (_, true) => (Truth::No, Motion::Stalled),
        (Some(_), false) => (Truth::Yes, Motion::Settled),
        (None, false) => (Truth::No, Motion::Reconciling),
    };
    let answer = Answer::new(truth, shut.reason, motion, &fact, reading);
    Some(answer.holding_back_if(reading.choice.release.is_some()))
}

/// It has loaded beside what serves, and a gate keeps it from taking over: that is well for as long as all of what serves is there.
fn before_its_change_over(reading: &Reading<'_>, target: &Release) -> Option<Answer> {
    let (_, shut) = reading.passages.shut(target).filter(|_| reading.rollout.at_gate)?;
    let mut fact =
        format!("{} has loaded, and waits to take over at {}", target.short(), reading.passages.gates_of(target)?);
    let serves = reading.choice.serves().is_some();
    let lacks = serves && reading.fleet.is_none() && reading.rollout.ready < reading.sight.desired.replicas;
    let troubles = reading.fleet.and_then(|fleet| ill(fleet, serves));
    let is_ill = troubles.is_some();
    let (truth, reason, motion) = match (shut.reason.takes_a_change(), serves) {
        (_, true) if is_ill => {
            fact = sentences(&[troubles.as_deref().unwrap_or_default(), &fact]);
            (Truth::No, Reason::InstancesFailed, Motion::Reconciling)
        }
        (true, _) => (Truth::No, shut.reason, Motion::Stalled),
        (false, true) if lacks => {
            fact = sentences(&[&pods_in_words(reading), &fact]);
            (Truth::No, Reason::Unavailable, Motion::Reconciling)
        }
        (false, true) => (Truth::Yes, shut.reason, Motion::Settled),
        (false, false) => (Truth::No, shut.reason, Motion::Reconciling),
    };
    Some(Answer::new(truth, reason, motion, &fact, reading).holding_back_if(serves && !lacks && !is_ill))
}

/// A person has to begin the next phase: that is well for as long as all instances are.
fn before_a_phase(reading: &Reading<'_>, target: &Release) -> Option<Answer> {
    let fleet = reading.fleet?;
    let next = fleet.paused?;
    let words = reading.rollout.hand_over.as_deref().unwrap_or_default();
    let fact = format!("{}: {words}; phase {} waits for StartPhase {}", target.short(), next.number(), next.word());
    let serves = reading.choice.serves().is_some();
    Some(if let Some(troubles) = ill(fleet, serves) {
        let fact = sentences(&[&troubles, &fact]);
        Answer::new(Truth::No, Reason::InstancesFailed, Motion::Reconciling, &fact, reading)
    } else {
        let (truth, motion) = if serves { (Truth::Yes, Motion::Settled) } else { (Truth::No, Motion::Reconciling) };
        Answer::new(truth, Reason::WaitingForStart, motion, &fact, reading).holding_back_if(serves)
    })
}

/// What is wrong with instances: also that one of them has nobody, where the others have the version before.
fn ill(fleet: &Fleet<'_>, serves: bool) -> Option<String> {
    fleet.troubles().or_else(|| fleet.idle().filter(|_| serves))
}

/// What is said while the target takes the place of what ran before.
pub(super) fn rolling_out(reading: &Reading<'_>, target: &Release) -> Answer {
    let waits = before_its_change_over(reading, target).or_else(|| before_a_phase(reading, target));
    if let Some(answer) = waits {
        return answer;
    }
    if let Some(words) = &reading.rollout.hand_over {
        let fact = format!("{}: {words}", target.short());
        return Answer::new(Truth::Open, Reason::RollingOut, Motion::Reconciling, &fact, reading);
    }
    let updated = reading.rollout.pods.iter().filter(|pod| pod.ready).count();
    let fact = format!(
        "{}: on {} of {} pods, {} ready",
        target.short(),
        reading.rollout.updated,
        reading.sight.desired.replicas,
        updated.min(usize::try_from(reading.rollout.ready).unwrap_or_default())
    );
    Answer::new(Truth::Open, Reason::RollingOut, Motion::Reconciling, &fact, reading)
}
