//! What becomes of a verified commit, as values that cannot be wrong.

use super::check::{Check, Follow};
use super::{FromGit, Origin};
use crate::api::v1alpha1::Promotion;
use crate::domain::{GitRef, TagTemplate};

/// What is pushed for a commit that was verified: a branch, a tag, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPassing {
    /// The branch that goes forward to it.
    pub branch: Option<GitRef>,
    /// How the tag on it is called.
    pub tag: Option<TagTemplate>,
    /// The Secret of who pushes.
    pub secret: String,
}

pub(super) fn read(check: &mut Check, promotion: Option<&Promotion>, origin: Option<&Origin>) -> Option<WantedPassing> {
    let wanted = promotion?.on_verified.as_ref()?;
    let field = |name: &str| format!("spec.promotion.onVerified.{name}");
    let branch = wanted.branch.as_ref().and_then(|branch| check.parse::<GitRef>(&field("branch"), branch));
    let tag = wanted.tag.as_ref().and_then(|tag| check.parse::<TagTemplate>(&field("tag"), tag));
    if wanted.branch.is_none() && wanted.tag.is_none() {
        check.complain("spec.promotion.onVerified: give a branch, a tag, or both");
    }
    match origin {
        Some(Origin::Promotion(_)) => {
            check.complain("spec.promotion: what source.promotion takes has no Git; leave it out, or set it where the images are built");
        }
        Some(Origin::Git(git)) if branch.as_ref().is_some_and(|branch| follows(git, branch)) => {
            check.complain("spec.promotion.onVerified.branch: it is the branch that is followed; give another one");
        }
        Some(Origin::Git(_)) | None => {}
    }
    Some(WantedPassing { branch, tag, secret: wanted.secret_ref.name.clone() })
}

fn follows(git: &FromGit, branch: &GitRef) -> bool {
    matches!(&git.source.follow, Follow::Branch(followed) if followed == branch)
}
