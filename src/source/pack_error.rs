//! Why a definition was not packed: trouble with the source, a refusal, or trouble of ours.

use serde::{Deserialize, Serialize};

use super::{CommitFacts, Refusal, Remote, SourceError};
use crate::worker::WorkerError;

/// Why a definition was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The commit could not be had.
    #[error(transparent)]
    Source(SourceError),
    /// The commit was had, and its content is refused: it will be refused again.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The commit, where it was got at all.
        commit: Option<Box<CommitFacts>>,
    },
    /// The worker process failed; that says nothing about host or content.
    #[error("The definition was not checked: {0}. It is tried again by itself.")]
    Worker(#[source] WorkerError),
}

impl PackError {
    /// One CamelCase word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            PackError::Source(error) => error.reason(),
            PackError::Refused { refusal, .. } => refusal.reason(),
            PackError::Worker(error) => error.reason(),
        }
    }

    /// Whether the same request would get the same answer until somebody changes something.
    pub fn is_definite(&self) -> bool {
        match self {
            PackError::Source(error) => error.is_definite(),
            PackError::Refused { .. } => true,
            PackError::Worker(_) => false,
        }
    }

    /// A child that had to be killed while it fetched waited for the host.
    pub(super) fn of_worker(error: WorkerError, remote: &Remote) -> Self {
        match &error {
            WorkerError::TimedOut { step, .. } if step.as_deref().is_none_or(|step| step == FETCH) => {
                PackError::Source(SourceError::of_worker(error, remote))
            }
            _ => PackError::Worker(error),
        }
    }
}

/// The step in which a child speaks to the host.
pub(super) const FETCH: &str = "fetch";

impl From<WorkerError> for PackError {
    fn from(error: WorkerError) -> Self {
        PackError::Worker(error)
    }
}

impl From<PackFault> for PackError {
    fn from(fault: PackFault) -> Self {
        match fault {
            PackFault::Source(error) => PackError::Source(error),
            PackFault::Refused(refusal, commit) => PackError::Refused { refusal, commit },
        }
    }
}

/// The part of [`PackError`] that a child can answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum PackFault {
    Source(SourceError),
    Refused(Refusal, Option<Box<CommitFacts>>),
}

impl From<SourceError> for PackFault {
    fn from(error: SourceError) -> Self {
        PackFault::Source(error)
    }
}

impl From<Refusal> for PackFault {
    fn from(refusal: Refusal) -> Self {
        PackFault::Refused(refusal, None)
    }
}
