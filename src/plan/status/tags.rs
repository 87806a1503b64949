//! What `Ready` says of a release train that is not followed.

use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::train::{self, Stand};
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use crate::api::v1alpha1::condition::Reason;

/// The tag that was taken last was moved, or is gone: somebody has to say what is meant by that.
pub(super) fn not_followed(reading: &Reading<'_>) -> Option<Answer> {
    let (reason, fact) = match train::stand(reading.sight)? {
        Stand::Follows(_) => return None,
        Stand::Moved { taken, to } => {
            let fact = format!("tag {} was moved from {} to {}", name(taken), taken.short(), to.short());
            (Reason::TagMoved, fact)
        }
        Stand::Gone { taken } => {
            let fact = format!("tag {}, which was taken at {}, is not there any more", name(taken), taken.short());
            (Reason::TagGone, fact)
        }
    };
    let answer = Answer::new(Truth::No, reason, Motion::Stalled, &fact, reading);
    Some(Answer { held_back: reading.choice.release.is_some(), ..answer })
}

fn name(taken: &Release) -> &str {
    taken.spec.tag.as_ref().map_or("", |tag| tag.name.as_str())
}
