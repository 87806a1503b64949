//! One question, its answer, and the work on it.

use super::super::backoff;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{Look, Trouble};
use futures::FutureExt as _;
use jiff::Timestamp;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::task::AbortHandle;

/// Trouble as a task sees it; the board adds the times.
#[derive(Debug, Clone)]
pub struct Failure {
    pub reason: Reason,
    pub message: String,
    pub definite: bool,
    /// How long the other side asked us to wait, if it did.
    pub retry_after: Option<Duration>,
}

/// One question, its answer, and the work on it.
#[derive(Debug)]
pub struct Slot<T> {
    pub(super) question: String,
    answer: Option<(T, Timestamp)>,
    trouble: Option<Trouble>,
    failures: u32,
    served: Option<String>,
    pub(super) work: Option<Work>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { question: String::new(), answer: None, trouble: None, failures: 0, served: None, work: None }
    }
}

/// Work that ends when it is dropped.
#[derive(Debug)]
pub(super) struct Work(AbortHandle);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Work {
    /// Starts it.
    pub(super) fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work).abort_handle())
    }
}

/// Waits for work, and takes a panic in it as one failed attempt: nobody else would ever finish the work.
pub(super) async fn attempt<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| Failure {
        reason: Reason::WorkerFailed,
        message: "the operator failed at this by its own fault: its log has the details; it is tried again".into(),
        definite: false,
        retry_after: None,
    })
}

impl<T: Clone> Slot<T> {
    /// Another question than before starts with nothing.
    pub(super) fn turn_to(&mut self, question: &str) {
        if self.question != question {
            *self = Self { question: question.to_owned(), ..Self::default() };
        }
    }

    /// What is known.
    pub(super) fn look(&self) -> Look<T> {
        Look {
            answer: self.answer.clone(),
            trouble: self.trouble.clone(),
            running: self.work.is_some(),
            served: self.served.clone(),
        }
    }

    /// Work on this question ended.
    pub(super) fn finish(
        &mut self,
        outcome: Result<T, Failure>,
        served: Option<String>,
        longest: Duration,
        now: Timestamp,
    ) {
        self.work = None;
        self.served = served;
        match outcome {
            Ok(answer) => {
                self.answer = Some((answer, now));
                self.trouble = None;
                self.failures = 0;
            }
            Err(failure) => {
                self.failures = self.failures.saturating_add(1);
                let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
                self.trouble = Some(failure.into_trouble(self.failures, longest, since, now));
            }
        }
    }
}

impl Failure {
    /// The `failures`th in a row; it is tried again after `longest` at the latest, but when the other side asked for more.
    pub(super) fn into_trouble(self, failures: u32, longest: Duration, since: Timestamp, now: Timestamp) -> Trouble {
        let wait = backoff::wait(failures, jitter()).min(longest).max(self.retry_after.unwrap_or_default());
        let retry_at = now.checked_add(wait).unwrap_or(now);
        Trouble { reason: self.reason, message: self.message, definite: self.definite, since, retry_at }
    }
}

/// From 0 to 1. The hasher's keys are random enough to spread tries.
fn jitter() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0) >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}
