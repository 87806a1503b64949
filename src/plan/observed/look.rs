//! What the outside said when it was last asked.

use crate::api::v1alpha1::condition::Reason;
use crate::domain::{CommitId, TagMismatch};
use jiff::Timestamp;

/// A question to the outside that is asked again and again: its last answer, and the trouble since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look<T> {
    /// The last answer to this very question, and when it came.
    pub answer: Option<(T, Timestamp)>,
    /// What went wrong since the last answer.
    pub trouble: Option<Trouble>,
    /// Whether the question is being asked right now.
    pub running: bool,
    /// The value of the `reconcile-at` annotation that this will serve: a look that began before somebody asked by hand does not.
    pub serving: Option<String>,
    /// The value of the `reconcile-at` annotation that the last finished look served.
    pub served: Option<String>,
    /// Where an answer from before this process is remembered: when to ask for the first time, so that after a start not all
    /// ask at once.
    pub not_before: Option<Timestamp>,
    /// Where there was no place to ask again, and the answer is fresh enough for that to be no trouble: when to try it once more.
    pub put_off: Option<Timestamp>,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self {
            answer: None,
            trouble: None,
            running: false,
            serving: None,
            served: None,
            not_before: None,
            put_off: None,
        }
    }
}

/// An outside party said no, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub reason: Reason,
    /// In a sentence, with what to do.
    pub message: String,
    /// A definite no, as opposed to being out of reach.
    pub definite: bool,
    /// Since when there is trouble without a success in between.
    pub since: Timestamp,
    /// When it was last met: at the last try.
    pub at: Timestamp,
    /// When to try again.
    pub retry_at: Timestamp,
}

/// What became of an image in its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It can be pulled.
    Whole,
    /// The registry lacks it, or a part of it; what is missing, with its article.
    Gone(String),
}

/// What a Git ref points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSeen {
    /// The full name of the ref.
    pub reference: String,
    /// The commit.
    pub commit: CommitId,
    /// Of the newest tag: one that is newer still and does not count.
    pub passed_over: Option<TagMismatch>,
}

impl SourceSeen {
    /// A ref at a commit.
    pub fn new(reference: impl Into<String>, commit: CommitId) -> Self {
        Self { reference: reference.into(), commit, passed_over: None }
    }
}
