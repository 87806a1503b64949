//! What `Ready` says of the verification of what serves: that it is under way, or made again and failed.

use super::super::proofs::{Again, Proof};
use super::super::reading::Reading;
use super::super::releases::recheck;
use super::super::verify::Verdict;
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use super::words::sentences;
use crate::api::v1alpha1::condition::Reason;

/// All pods are ready; what else is asked of it is looked at.
pub(super) fn verifying(reading: &Reading<'_>) -> Option<Answer> {
    let Verdict::Proving(words) = reading.verdict else { return None };
    let target = reading.choice.release?;
    let fact = format!("{}: all pods are ready: {words}", target.short());
    let message = sentences(&[&fact]);
    Some(Answer { message, ..Answer::new(Truth::Open, Reason::Verifying, Motion::Reconciling, &fact, reading) })
}

/// What serves was verified again, and failed, or something is in the way of that.
pub(super) fn no_longer_verified(reading: &Reading<'_>) -> Option<Answer> {
    let release = reading.choice.release.filter(|_| reading.rollout.complete)?;
    if let Some(Again { proof: Proof::Held(reason, message), .. }) = reading.again {
        let fact = format!("{} is to be verified again: {message}", release.short());
        return Some(Answer::new(Truth::No, *reason, Motion::Reconciling, &fact, reading));
    }
    let message = recheck::failure(release.status.recheck.as_ref(), reading.again)?;
    let fact = format!("{} was verified again: {message}", release.short());
    Some(Answer::new(Truth::No, Reason::NoLongerVerified, Motion::Stalled, &fact, reading))
}
