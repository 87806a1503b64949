//! How a verification that is made again is written down.

use crate::api::v1alpha1::{Recheck, RecheckOutcome};
use crate::plan::proofs::{Again, Proof};
use crate::plan::texts;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What is written of the one that serves.
pub fn note(before: Option<&Recheck>, again: Option<&Again>, now: Timestamp) -> Option<Recheck> {
    let Some(Again { scheduled, proof }) = again else { return before.cloned() };
    let ended = |outcome, message: Option<&str>| Recheck {
        under_way: None,
        scheduled_at: Some(Time(*scheduled)),
        ended_at: Some(Time(now)),
        outcome: Some(outcome),
        message: message.map(texts::message),
    };
    let before = before.cloned().unwrap_or_default();
    Some(match proof {
        Proof::Passed => ended(RecheckOutcome::Passed, None),
        Proof::Failed { message, .. } => ended(RecheckOutcome::Failed, Some(message)),
        // What is in the way passes, and is told by the conditions; what the last one came to stays until this one ends.
        Proof::Running(_) | Proof::Held(..) => Recheck { under_way: Some(Time(*scheduled)), ..before },
    })
}

/// What is left of it where another release serves: none is under way any more.
pub fn leave(before: Option<&Recheck>) -> Option<Recheck> {
    let ended = before.filter(|before| before.outcome.is_some())?;
    Some(Recheck { under_way: None, ..ended.clone() })
}

/// Whether the last one failed, and when.
pub fn failed_at(recheck: Option<&Recheck>) -> Option<Timestamp> {
    let failed = recheck.filter(|recheck| recheck.outcome == Some(RecheckOutcome::Failed))?;
    failed.ended_at.as_ref().map(|at| at.0)
}

/// When the last one passed.
pub fn passed_at(recheck: Option<&Recheck>) -> Option<Timestamp> {
    let passed = recheck.filter(|recheck| recheck.outcome == Some(RecheckOutcome::Passed))?;
    passed.ended_at.as_ref().map(|at| at.0)
}

/// What failed, just now or the last time.
pub fn failure<'a>(recheck: Option<&'a Recheck>, again: Option<&'a Again>) -> Option<&'a str> {
    match again.map(|again| &again.proof) {
        Some(Proof::Failed { message, .. }) => Some(message),
        Some(Proof::Passed) => None,
        Some(Proof::Running(_) | Proof::Held(..)) | None => {
            let failed = recheck.filter(|recheck| recheck.outcome == Some(RecheckOutcome::Failed))?;
            Some(failed.message.as_deref().unwrap_or_default())
        }
    }
}
