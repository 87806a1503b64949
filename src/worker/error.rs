//! How a run of a child can fail.

use std::io;
use std::time::Duration;

/// One failed attempt; it says nothing about the content that the child worked on.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// There is no folder to work in.
    #[error("the worker's folder could not be made")]
    Room(#[source] io::Error),
    /// The program could not be started.
    #[error("the worker process could not be started")]
    Start(#[source] io::Error),
    /// The pipes to the child failed.
    #[error("the worker process could not be spoken to")]
    Pipe(#[source] io::Error),
    /// It had not answered by the deadline, and was killed.
    #[error("the worker process was ended: it was not done after {after:?}{}", in_step(.step.as_deref()))]
    TimedOut {
        /// The deadline.
        after: Duration,
        /// What it was doing.
        step: Option<String>,
    },
    /// It ended without an answer.
    #[error("the worker process {how}{}", in_step(.step.as_deref()))]
    Died {
        /// How it ended.
        how: Ended,
        /// What it was doing.
        step: Option<String>,
        /// The end of what it wrote to standard error, for the log.
        stderr: String,
    },
    /// It answered something that is not an answer.
    #[error("the worker process answered something that is not an answer")]
    Garbage,
    /// Its answer was over the limit.
    #[error("the worker process answered more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By a signal.
    Signal(i32),
    /// With an exit code.
    Code(i32),
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ended::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Ended::Code(code) => write!(f, "ended with code {code} and no answer"),
        }
    }
}

impl WorkerError {
    /// One CamelCase word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            WorkerError::TimedOut { .. } => "TimedOut",
            WorkerError::Room(_)
            | WorkerError::Start(_)
            | WorkerError::Pipe(_)
            | WorkerError::Died { .. }
            | WorkerError::Garbage
            | WorkerError::TooLarge { .. } => "WorkerFailed",
        }
    }
}

fn in_step(step: Option<&str>) -> String {
    step.map(|step| format!(", in the step {step:?}")).unwrap_or_default()
}
