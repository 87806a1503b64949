//! What `Ready` says of a release train that is not followed.

use super::super::look;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::train::{self, Stand};
use super::super::verify::Verdict;
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use super::outside::troubles;
use crate::api::v1alpha1::{PassedTag, condition::Reason};
use crate::domain::TagMismatch;

/// The tag that was taken last was moved, or is gone: somebody has to say what is meant by that.
///
/// A host or a registry that says no, and what is wrong with what runs, have the word before.
pub(super) fn not_followed(reading: &Reading<'_>) -> Option<Answer> {
    let refused = troubles(reading).into_iter().any(|(_, trouble)| trouble.definite);
    if refused || matches!(reading.verdict, Verdict::Refused { .. } | Verdict::InTheWay { .. }) {
        return None;
    }
    let (reason, fact) = match train::stand(reading.sight)? {
        Stand::Follows(_) => return None,
        Stand::Moved { taken, to } => {
            let fact = format!("tag {} was moved from {} to {to}", name(taken), taken.short());
            (Reason::TagMoved, fact)
        }
        Stand::Gone { taken } => {
            let seen = look::source(reading.sight.desired, reading.sight.observed);
            let mismatch = seen.and_then(|seen| seen.passed_over).filter(|mismatch| mismatch.tag == name(taken));
            let fact = mismatch.map_or_else(
                || format!("tag {}, which was taken at {}, is not there any more", name(taken), taken.short()),
                |mismatch| mismatch.to_string(),
            );
            (Reason::TagGone, fact)
        }
    };
    let answer = Answer::new(Truth::No, reason, Motion::Stalled, &fact, reading);
    Some(answer.holding_back_if(reading.choice.release.is_some()))
}

/// A newer tag does not count: its counterpart may still come, or is elsewhere, and then somebody has to move one of them.
pub(super) fn passed(reading: &Reading<'_>) -> Option<Answer> {
    let seen = look::source(reading.sight.desired, reading.sight.observed)?;
    let mismatch = seen.passed_over?;
    let (truth, motion) = match mismatch.at {
        None => (Truth::Yes, Motion::Settled),
        Some(_) => (Truth::No, Motion::Stalled),
    };
    let answer = Answer::new(truth, Reason::TagMismatch, motion, &mismatch.to_string(), reading);
    Some(answer.holding_back())
}

/// What is written down of it.
pub(super) fn passed_over(mismatch: &TagMismatch) -> PassedTag {
    PassedTag {
        tag: mismatch.tag.clone(),
        commit: mismatch.commit.to_string(),
        counterpart: mismatch.counterpart.clone(),
        counterpart_commit: mismatch.at.as_ref().map(ToString::to_string),
        more: i64::try_from(mismatch.more).ok().filter(|more| *more > 0),
    }
}

fn name(taken: &Release) -> &str {
    taken.spec.tag.as_ref().map_or("", |tag| tag.name.as_str())
}
