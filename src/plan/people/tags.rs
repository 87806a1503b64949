//! `AcceptTag`: a tag that was moved is followed.

use super::verbs::{Answer, Said, Scene};
use crate::api::v1alpha1::TengineAction;
use crate::plan::train::{self, Stand};

impl Scene<'_> {
    /// Accepts the move of the tag that was taken last, to the commit that the person saw and to no other.
    pub(super) fn accept_tag(&self, action: &TengineAction) -> Answer {
        let (tag, commit) = (action.spec.tag.as_deref(), action.spec.commit.as_deref());
        let tag = tag.ok_or("spec.tag: name the tag that was moved")?;
        let commit = commit.ok_or("spec.commit: name the commit that the tag is on now")?;
        let stand = train::stand(self.sight).ok_or("no tags are followed, or none was seen yet")?;
        let (taken, to) = match stand {
            Stand::Moved { taken, to } => (taken, to),
            Stand::Follows(_) => return Err("no tag was moved: the newest is followed".to_owned()),
            Stand::Gone { taken } => {
                return Err(format!("{} is not there any more: push it again", taken.spec.reference));
            }
        };
        let moved = taken.spec.tag.as_ref().map_or("", |tag| tag.name.as_str());
        if moved != tag {
            return Err(format!("spec.tag: the tag that was moved is {moved}"));
        }
        if to.as_ref() != commit {
            return Err(format!("spec.commit: tag {tag} is on {to} now"));
        }
        if self.words.accepts(tag, &to, &taken.name) {
            return Err(format!("that tag {tag} is on {} was accepted already", to.short()));
        }
        let message = format!("tag {tag} is followed from {} to {}", taken.short(), to.short());
        Ok(Said { release: taken.name.clone(), commit: Some(to), message, ..Said::default() })
    }
}
