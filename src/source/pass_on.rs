//! Telling others in Git that a commit was verified: what is asked for, and how it can end.

use serde::{Deserialize, Serialize};

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
    /// The host was not reached, or says no to who asks.
    #[error(transparent)]
    Source(SourceError),
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
    /// The history that tells whether the branch can go forward is larger than may be fetched.
    #[error("{what}, which it takes to see whether branch {branch} can go forward")]
    TooLarge {
        /// The branch.
        branch: String,
        /// What is too large.
        what: String,
    },
    /// The worker process failed; that says nothing about the host.
    #[error("nothing was pushed: {0}")]
    Worker(#[source] WorkerError),
}

/// The part of [`PassError`] that a child can answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum PassFault {
    Source(SourceError),
    Diverged { branch: GitRef, at: CommitId, commit: CommitId },
    TagTaken { tag: GitRef },
    Refused { what: String, words: String },
    Raced,
    TooLarge { branch: String, what: String },
}

impl From<SourceError> for PassFault {
    fn from(error: SourceError) -> Self {
        PassFault::Source(error)
    }
}

impl From<PassFault> for PassError {
    fn from(fault: PassFault) -> Self {
        match fault {
            PassFault::Source(error) => PassError::Source(error),
            PassFault::Diverged { branch, at, commit } => PassError::Diverged { branch, at, commit },
            PassFault::TagTaken { tag } => PassError::TagTaken { tag },
            PassFault::Refused { what, words } => PassError::Refused { what, words },
            PassFault::Raced => PassError::Raced,
            PassFault::TooLarge { branch, what } => PassError::TooLarge { branch, what },
        }
    }
}
