//! What a release's record says to other environments, and of the gates on its way.
//!
//! The word of a version is a function of the rest of its record: it is there from the write that says *verified* to the
//! write that says *rejected*, whoever writes and however often.

use super::fate::Fate;
use super::recheck;
use crate::api::v1alpha1::{GateBefore, GateState, GateStatus, TengineReleaseStatus, VersionStatus};
use crate::plan::gates::{Judged, Passage};
use crate::plan::observed::{phase_word_of, word_of};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// Attaches this environment's word to a verified version, and takes it away from every other.
///
/// It dates from then, or from `again` where it was taken away meanwhile and is given anew. A version that failed when it was
/// verified again has none until it passes.
///
/// `chosen`: it is what should run. Only such a version has the word of a phase.
pub fn attach(status: &mut TengineReleaseStatus, environment: Option<&str>, again: Option<Timestamp>, chosen: bool) {
    let of_phase = environment.filter(|_| chosen).and_then(|environment| word_of_phase(status, environment));
    status.statuses = match (Fate::of(status), environment) {
        (Fate::Verified { at }, Some(environment)) if recheck::failed_at(status.recheck.as_ref()).is_none() => {
            let name = word_of(environment);
            let before = status.statuses.iter().find(|word| word.name == name).map(|word| word.since.0);
            let since = again.or(before).or_else(|| recheck::passed_at(status.recheck.as_ref()));
            vec![VersionStatus { name, since: Time(since.map_or(at, |since| since.max(at))) }]
        }
        (Fate::Verified { .. } | Fate::Pending | Fate::Built | Fate::Rejected { .. }, _) => Vec::new(),
    };
    status.statuses.extend(of_phase);
}

/// The word of the phase that a version has been through in all instances, from its end until the next one has ended.
fn word_of_phase(status: &TengineReleaseStatus, environment: &str) -> Option<VersionStatus> {
    let is_rejected = matches!(Fate::of(status), Fate::Rejected { .. });
    let phases = status.phases.as_ref().filter(|phases| !is_rejected && (1..phases.last).contains(&phases.done))?;
    let name = phase_word_of(environment, phases.done);
    let before = status.statuses.iter().find(|word| word.name == name);
    Some(before.cloned().unwrap_or(VersionStatus { name, since: phases.since.clone() }))
}

/// Writes down how the gates stand for a release that waits; what was written of one that went its way stays, and of one that was started
/// what was written of the gates before that. `has_come`: it has loaded, and came to those before its change-over.
pub fn note_gates(status: &mut TengineReleaseStatus, judged: Option<&[Judged]>, has_come: bool, now: Timestamp) {
    let Some(judged) = judged else { return };
    let before = std::mem::take(&mut status.gates);
    let begun = judged.iter().all(|judged| judged.before == GateBefore::SwitchOver);
    let passed = |gate: &&GateStatus| {
        begun
            && gate.before.is_none()
            && gate.state != GateState::Waiting
            && judged.iter().all(|judged| judged.gate != gate.name)
    };
    let passed: Vec<GateStatus> = before.iter().filter(passed).cloned().collect();
    let judged = judged.iter().map(|judged| {
        let (state, message, opens_at) = match &judged.passage {
            Passage::Open(why) => (GateState::Open, why, None),
            Passage::Overridden(why) => (GateState::Overridden, why, None),
            Passage::Shut(shut) => (GateState::Waiting, &shut.message, shut.opens_at),
        };
        let known = before.iter().find(|before| before.name == judged.gate);
        let same = known.filter(|before| before.state == state);
        let since = same.map_or(Time(now), |before| before.since.clone());
        let comes_later = judged.before == GateBefore::SwitchOver;
        let arrived_at = match known {
            Some(before) if comes_later => before.arrived_at.clone().or(has_come.then_some(Time(now))),
            Some(before) => before.arrived_at.clone(),
            None => (!comes_later || has_come).then_some(Time(now)),
        };
        GateStatus {
            name: judged.gate.clone(),
            before: comes_later.then_some(judged.before),
            state,
            message: message.clone(),
            since,
            arrived_at,
            opens_at: opens_at.map(Time),
        }
    });
    status.gates = passed.into_iter().chain(judged).collect();
}
