//! Builds, and what came of them.

use super::look::Trouble;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Content, ReleaseState, TengineReleaseStatus};
use crate::domain::{Digest, Platform};
use jiff::Timestamp;

/// The build of one release.
#[derive(Debug, Clone, PartialEq)]
pub enum Build {
    /// Under way; with what was in the way of the try before, which holds until there is an outcome.
    Running(Option<(Step, Trouble)>),
    /// Its image is in the registry.
    Built(Box<Built>),
    /// The content was refused.
    Refused(Box<Refused>),
    /// Something was in the way; which step, and what.
    Trouble(Step, Trouble),
}

impl Build {
    /// Whether there is an outcome to be written down.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Built(_) | Self::Refused(_))
    }

    /// Whether it holds though its release's record was written: trouble, unless the record says that nothing is to come of the release;
    /// and what keeps an image that was lost from being made again, which no record tells.
    pub fn outlasts(&self, record: &TengineReleaseStatus) -> bool {
        match self {
            Self::Running(_) => true,
            Self::Trouble(..) => record.rejected_at.is_none() && record.state != Some(ReleaseState::Superseded),
            Self::Built(built) => record.image.as_ref().is_some_and(|image| *image != built.image),
            Self::Refused(_) => record.image.is_some(),
        }
    }

    /// What is in the way, as far as is known.
    pub fn trouble(&self) -> Option<(Step, &Trouble)> {
        match self {
            Self::Trouble(step, trouble) | Self::Running(Some((step, trouble))) => Some((*step, trouble)),
            Self::Running(None) | Self::Built(_) | Self::Refused(_) => None,
        }
    }
}

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Fetch, check and pack.
    Source,
    /// Append and push.
    Image,
}

/// What is known of a commit once it was fetched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CommitFacts {
    /// First line of the message.
    pub subject: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was committed.
    pub committed_at: Option<Timestamp>,
}

/// A finished build.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The image by digest.
    pub image: String,
    /// What the image runs on.
    pub platform: Platform,
    /// The digest of the packed tree.
    pub tree: Digest,
    /// What Tengine calls this version.
    pub dsl_version: String,
    /// Of the commit.
    pub facts: CommitFacts,
    /// What the definitions hold.
    pub content: Content,
    /// What changed against the release that serves, where that could be told.
    pub changes: Option<Changes>,
    /// What the author should know, as sentences.
    pub notes: Vec<String>,
    /// Findings that stop nothing; empty for none.
    pub evidence: String,
}

#[cfg(test)]
impl Built {
    /// One of this image.
    pub(crate) fn of_a_test(image: &str) -> Self {
        Self {
            image: image.to_owned(),
            platform: "linux/amd64".parse().unwrap(),
            tree: Digest::of(b"tree"),
            dsl_version: "a".repeat(40),
            facts: CommitFacts::default(),
            content: Content::default(),
            changes: None,
            notes: Vec::new(),
            evidence: String::new(),
        }
    }
}

/// What changed in the definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// `+3 -1 ~2`.
    pub counts: String,
    /// What is counted, by name.
    pub names: Vec<String>,
    /// The types of events that only the newer one handles.
    pub added_events: Vec<String>,
    /// The types of events that only the older one handles.
    pub removed_events: Vec<String>,
}

/// A refused build.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Why, in a word.
    pub reason: Reason,
    /// Why, in a sentence.
    pub message: String,
    /// All findings.
    pub evidence: String,
    /// What the definitions hold, where they were read.
    pub content: Option<Content>,
    /// Of the commit, where it was got at all.
    pub facts: CommitFacts,
}
