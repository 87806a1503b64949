//! How far a release got, step by step, with times. A step's times change with its state and with nothing else, so at rest nothing
//! is written.

use super::super::proofs::{self, Proof, Stage};
use super::super::reading::Reading;
use super::super::verify::Verdict;
use super::{Fate, Release, took};
use crate::api::v1alpha1::{ReleaseStep, StepName, StepState, TengineReleaseStatus, condition::Reason};
use crate::plan::releases::fate;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// A step's state, and a word on it.
type Standing = (StepState, Option<String>);

/// In their order.
const ALL: [StepName; 5] =
    [StepName::Build, StepName::Preflight, StepName::Tests, StepName::RollOut, StepName::Verification];

/// Brings the steps of a release up to what its status is about to say. What was settled before stays as it was told then.
pub fn bring_up(status: &mut TengineReleaseStatus, release: &Release, reading: &Reading<'_>) {
    let settled = matches!(release.fate, Fate::Verified { .. } | Fate::Rejected { .. });
    let chosen = reading.choice.is(release);
    let wanted = reading.candidate.is_some_and(|candidate| candidate.is(release));
    let waits = reading.passages.of(release).is_some();
    let tested = reading.tests.of(release).is_some();
    if settled && !(status.rejected_at.is_none() && release.rejection().is_some()) {
        return;
    }
    // Nobody can say just now what is wanted.
    if reading.candidate.is_none() && !chosen {
        return;
    }
    let step = |name| standing(status, release, reading, name);
    let all = ALL.map(|name| (name, step(name)));
    for (name, (state, message)) in all {
        let ended = !(chosen || wanted || waits || tested) && matches!(state, StepState::Running | StepState::Waiting);
        let state = if ended { StepState::Skipped } else { state };
        let now = reading.sight.now;
        // A build begins with the release, though that is written down a moment later.
        let is_first = name == StepName::Build && status.steps.is_empty();
        let begun = release.made.filter(|made| is_first && *made <= now).unwrap_or(now);
        set(&mut status.steps, (name, state, message.filter(|_| !ended)), begun, now);
    }
    // One that a newer operator knows of comes where it belongs.
    status.steps.sort_by_key(|step| step.name);
    status.took = took::took(status);
}

fn standing(status: &TengineReleaseStatus, release: &Release, reading: &Reading<'_>, name: StepName) -> Standing {
    let refusal = status.rejected_at.as_ref().and(status.state).and_then(fate::refusal);
    match name {
        StepName::Build => build(status, refusal),
        StepName::Preflight => before_roll_out(status, release, reading, (Stage::Preflight, refusal)),
        StepName::Tests => before_roll_out(status, release, reading, (Stage::Tests, refusal)),
        StepName::RollOut => roll_out(status, release, reading, refusal),
        StepName::Verification => verification(status, release, reading, refusal),
    }
}

fn build(status: &TengineReleaseStatus, refusal: Option<Reason>) -> Standing {
    match (&status.image, refusal) {
        (Some(_), _) => (StepState::Done, None),
        (None, Some(_)) => (StepState::Failed, status.message.clone()),
        (None, None) => (StepState::Running, None),
    }
}

fn before_roll_out(
    status: &TengineReleaseStatus,
    release: &Release,
    reading: &Reading<'_>,
    (stage, refusal): (Stage, Option<Reason>),
) -> Standing {
    if release.has_done(stage.step()) {
        return (StepState::Done, None);
    }
    let said = reading.tests.at(release).filter(|(at, _)| *at == stage).map(|(_, proof)| proof);
    match (said, refusal) {
        (_, Some(reason)) if reason == stage.refusal() => (StepState::Failed, status.message.clone()),
        (_, Some(_)) => (StepState::Skipped, None),
        (Some(Proof::Passed), None) => (StepState::Done, None),
        (Some(Proof::Running(words) | Proof::Held(_, words)), None) => (StepState::Running, Some(words.clone())),
        (Some(Proof::Failed { .. }) | None, None) => {
            let to_come = proofs::is_asked(reading.sight, stage) && !reading.choice.is(release);
            (if to_come { StepState::Waiting } else { StepState::Skipped }, None)
        }
    }
}

fn roll_out(
    status: &TengineReleaseStatus,
    release: &Release,
    reading: &Reading<'_>,
    refusal: Option<Reason>,
) -> Standing {
    let chosen = reading.choice.is(release);
    let complete = chosen && reading.rollout.complete && reading.rollout.ready > 0;
    match refusal {
        Some(Reason::VerificationFailed | Reason::Unhealthy) => (StepState::Done, None),
        Some(Reason::LoadFailed | Reason::TestFailed) => (StepState::Skipped, None),
        Some(_) if status.image.is_none() => (StepState::Skipped, None),
        Some(_) if complete => (StepState::Done, None),
        Some(_) => (StepState::Failed, status.message.clone()),
        None if complete || status.verified_at.is_some() => (StepState::Done, None),
        None if chosen => {
            let words = match reading.verdict {
                Verdict::InTheWay { message, .. } => Some(message.clone()),
                _ => None,
            };
            (StepState::Running, words)
        }
        None => (StepState::Waiting, None),
    }
}

fn verification(
    status: &TengineReleaseStatus,
    release: &Release,
    reading: &Reading<'_>,
    refusal: Option<Reason>,
) -> Standing {
    let asked = !reading.sight.desired.checks.asks_for_no_verification();
    let complete = reading.choice.is(release) && reading.rollout.complete;
    match (refusal, reading.verdict) {
        (Some(Reason::VerificationFailed), _) => (StepState::Failed, status.message.clone()),
        (Some(_), _) => (StepState::Skipped, None),
        (None, _) if status.verified_at.is_some() => (if asked { StepState::Done } else { StepState::Skipped }, None),
        (None, _) if !asked => (StepState::Skipped, None),
        (None, Verdict::Proving(words)) if complete => (StepState::Running, Some(words.clone())),
        (None, Verdict::InTheWay { message, .. }) if complete => (StepState::Running, Some(message.clone())),
        (None, _) => (StepState::Waiting, None),
    }
}

fn set(
    steps: &mut Vec<ReleaseStep>,
    (name, state, message): (StepName, StepState, Option<String>),
    begun: Timestamp,
    now: Timestamp,
) {
    let before = steps.iter().find(|step| step.name == name);
    let (mut since, mut until) = before.map_or((None, None), |before| (before.since.clone(), before.until.clone()));
    if before.is_none_or(|before| before.state != state) {
        match state {
            StepState::Waiting => (since, until) = (None, None),
            StepState::Running => (since, until) = (Some(Time(begun)), None),
            StepState::Done | StepState::Failed => {
                since = since.or(Some(Time(begun)));
                until = Some(Time(now));
            }
            StepState::Skipped => until = since.as_ref().map(|_| Time(now)),
        }
    }
    let step = ReleaseStep { name, state, since, until, message };
    match steps.iter_mut().find(|known| known.name == name) {
        Some(known) => *known = step,
        None => steps.push(step),
    }
}
