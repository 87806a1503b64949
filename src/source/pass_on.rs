//! Telling others in Git that a commit was verified: what is asked for, and how it can end.

use serde::{Deserialize, Serialize};

use super::pack_error::PackFault;
use super::{Seen, SourceError};
use crate::domain::{CommitId, GitRef, TagTemplate};
use crate::worker::WorkerError;

/// What the host is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassOn {
    /// The commit, and the reference that it was seen at.
    pub seen: Seen,
    /// The branch that is to have it.
    pub branch: Option<GitRef>,
    /// What the tag on it is called, and how all such tags are: one of them is enough.
    pub tag: Option<(GitRef, TagTemplate)>,
}

/// What the host has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOn {
    /// The branch that has the commit.
    pub branch: Option<GitRef>,
    /// The tag that is on it.
    pub tag: Option<String>,
}

/// Why the host does not have it.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// That is known.
    #[error(transparent)]
    Fault(#[from] PassFault),
    /// The worker process failed; that says nothing about the host.
    #[error("nothing was pushed: {0}")]
    Worker(#[source] WorkerError),
}

/// The part of [`PassError`] that a child can answer.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PassFault {
    /// The host was not reached, or says no to who asks.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The branch has commits that the commit has not.
    #[error("branch {branch} is at {at}, which {commit} does not have")]
    Diverged {
        /// The branch.
        branch: GitRef,
        /// Where it is.
        at: CommitId,
        /// The commit that was verified.
        commit: CommitId,
    },
    /// The tag is there, on another commit.
    #[error("tag {tag} is on another commit")]
    TagTaken {
        /// The tag.
        tag: GitRef,
    },
    /// The host does not take it.
    #[error("the host does not take {what}: {words}")]
    Refused {
        /// The branch or the tag.
        what: String,
        /// What the host says of it.
        words: String,
    },
    /// Somebody else pushed in between: what is to be done has to be looked at anew.
    #[error("somebody pushed at the same time")]
    Raced,
    /// What it takes to push is larger than may be fetched.
    #[error("{what}")]
    TooLarge {
        /// What is too large, and what it is needed for.
        what: String,
    },
}

impl From<PackFault> for PassFault {
    /// Of a fetch. What is fetched is not read, so nothing else of it is refused than that it is too large.
    fn from(fault: PackFault) -> Self {
        match fault {
            PackFault::Source(error) => PassFault::Source(error),
            PackFault::Refused(refusal, _) => {
                PassFault::TooLarge { what: refusal.to_string().trim_end_matches('.').to_owned() }
            }
        }
    }
}
