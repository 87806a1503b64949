//! Tags that would count if their counterparts were on the same commits.

use super::CommitId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The newest tag that does not count because of its counterpart. Its text is a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagMismatch {
    /// The tag.
    pub tag: String,
    /// Where it is.
    pub commit: CommitId,
    /// The tag that would have to be there, too.
    pub counterpart: String,
    /// Where that is, if it is anywhere.
    pub at: Option<CommitId>,
    /// How many more there are that are newer than the one that counts.
    pub more: usize,
}

impl fmt::Display for TagMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, commit, counterpart, at, more } = self;
        write!(f, "tag {tag} on {} does not count: ", commit.short())?;
        match at {
            None => write!(f, "there is no tag {counterpart}")?,
            Some(at) => write!(f, "tag {counterpart} is on {}", at.short())?,
        }
        match more {
            0 => Ok(()),
            1 => f.write_str(" (nor does one more)"),
            more => write!(f, " (nor do {more} more)"),
        }
    }
}
