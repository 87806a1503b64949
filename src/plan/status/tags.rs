//! What `Ready` says of a release train that is not followed.

use super::super::look;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::train::{self, Stand};
use super::super::verify::Verdict;
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use super::outside::troubles;
use crate::api::v1alpha1::{PassedRelease, PassedTag, condition::Reason};
use crate::domain::{HostRelease, Lack, ReleaseStage, TagMismatch};

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
        Stand::Gone { taken } => gone(reading, taken),
    };
    let answer = Answer::new(Truth::No, reason, Motion::Stalled, &fact, reading);
    Some(answer.holding_back_if(reading.choice.release.is_some()))
}

/// The tag that was taken last does not count any more.
fn gone(reading: &Reading<'_>, taken: &Release) -> (Reason, String) {
    let (desired, observed) = (reading.sight.desired, reading.sight.observed);
    let mismatch = look::source(desired, observed).and_then(|seen| seen.passed_over);
    let mismatch = mismatch.filter(|mismatch| mismatch.tag == name(taken));
    let lacks_another = mismatch.as_ref().is_some_and(|one| matches!(one.lacks, Lack::Counterpart { .. }));
    let (tag, at) = (name(taken), taken.short());
    let (reason, fact) = match train::stage(desired).filter(|_| !lacks_another) {
        None => (Reason::TagGone, format!("tag {tag}, which was taken at {at}, is not there any more")),
        Some(ReleaseStage::Full) => {
            (Reason::ReleaseWithdrawn, format!("tag {tag}, which was taken at {at}, is no full release any more"))
        }
        Some(ReleaseStage::PreRelease) => {
            (Reason::ReleaseWithdrawn, format!("tag {tag}, which was taken at {at}, is no release any more"))
        }
    };
    (reason, mismatch.map_or(fact, |mismatch| mismatch.to_string()))
}

/// A newer tag does not count: its counterpart or its release may still come; or its counterpart is elsewhere, and then somebody has to
/// move one of them.
pub(super) fn passed(reading: &Reading<'_>) -> Option<Answer> {
    let seen = look::source(reading.sight.desired, reading.sight.observed)?;
    let mismatch = seen.passed_over?;
    let (truth, reason, motion) = match mismatch.lacks {
        Lack::Counterpart { at: None, .. } => (Truth::Yes, Reason::TagMismatch, Motion::Settled),
        Lack::Counterpart { at: Some(_), .. } => (Truth::No, Reason::TagMismatch, Motion::Stalled),
        Lack::Release(_) => (Truth::Yes, Reason::WaitingForRelease, Motion::Settled),
    };
    let answer = Answer::new(truth, reason, motion, &mismatch.to_string(), reading);
    Some(answer.holding_back())
}

/// What is written down of it.
pub(super) fn passed_over(mismatch: &TagMismatch) -> PassedTag {
    let (counterpart, at, release) = match &mismatch.lacks {
        Lack::Counterpart { tag, at } => (Some(tag.clone()), at.as_ref().map(ToString::to_string), None),
        Lack::Release(release) => (None, None, Some(passed_release(*release))),
    };
    PassedTag {
        tag: mismatch.tag.clone(),
        commit: mismatch.commit.to_string(),
        counterpart,
        counterpart_commit: at,
        release,
        more: i64::try_from(mismatch.more).ok().filter(|more| *more > 0),
    }
}

fn passed_release(release: Option<HostRelease>) -> PassedRelease {
    match release {
        None => PassedRelease::Missing,
        Some(HostRelease::Draft) => PassedRelease::Draft,
        // A full one always counts.
        Some(HostRelease::PreRelease | HostRelease::Full) => PassedRelease::PreRelease,
    }
}

fn name(taken: &Release) -> &str {
    taken.spec.tag.as_ref().map_or("", |tag| tag.name.as_str())
}
