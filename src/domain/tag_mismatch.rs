//! Tags that would count if they had what they lack.

use super::{CommitId, HostRelease};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The newest tag that does not count because of something else than its name. Its text is a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagMismatch {
    /// The tag.
    pub tag: String,
    /// Where it is.
    pub commit: CommitId,
    /// What it lacks.
    pub lacks: Lack,
    /// How many more there are that are newer than the one that counts.
    pub more: usize,
}

/// What a tag needs to count, and has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// A counterpart on the same commit.
    Counterpart {
        /// The tag that would have to be there, too.
        tag: String,
        /// Where that is, if it is anywhere.
        at: Option<CommitId>,
    },
    /// A release of the wanted stage on the Git host; what it has instead, if anything.
    Release(Option<HostRelease>),
}

impl fmt::Display for TagMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, commit, lacks, more } = self;
        write!(f, "tag {tag} on {} does not count: {lacks}", commit.short())?;
        match more {
            0 => Ok(()),
            1 => f.write_str(" (nor does one more)"),
            more => write!(f, " (nor do {more} more)"),
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counterpart { tag, at: None } => write!(f, "there is no tag {tag}"),
            Self::Counterpart { tag, at: Some(at) } => write!(f, "tag {tag} is on {}", at.short()),
            Self::Release(None) => f.write_str("it is no release on the Git host"),
            Self::Release(Some(HostRelease::Draft)) => f.write_str("its release on the Git host is a draft"),
            Self::Release(Some(HostRelease::PreRelease)) => f.write_str("its release on the Git host is a pre-release"),
            // Such a tag counts, whatever the stage that is asked for.
            Self::Release(Some(HostRelease::Full)) => f.write_str("its release on the Git host is a full one"),
        }
    }
}
