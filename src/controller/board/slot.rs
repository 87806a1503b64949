//! What came of one question, and the work on it.

use super::super::backoff;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::Trouble;
use futures::FutureExt as _;
use jiff::{Timestamp, Unit};
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
    /// Whom of those that ask the same.
    pub about: About,
    /// Whether nobody was asked: there was no place for that in time.
    pub unasked: bool,
}

/// Whom trouble is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// All who ask the same: the other side said it, or said nothing.
    All,
    /// Who asked alone, whose Secret could not be read.
    Asker,
    /// Those of the namespace of who asked, which had no place left to ask in.
    Namespace,
}

/// So many intervals an answer may be old before it is told as trouble that there was no place to ask again.
const FRESH: u32 = 10;

/// What the outside said to one question, and the trouble since.
#[derive(Debug, Clone)]
pub(super) struct Record<T> {
    pub(super) answer: Option<(T, Timestamp)>,
    trouble: Option<Trouble>,
    /// Whether that is only that nobody was asked.
    unasked: bool,
    failures: Failures,
}

/// Failures in a row, and how many of them were refused credentials.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Failures {
    all: u32,
    refusals: u32,
}

impl Failures {
    /// One more. What was out of reach for long and refuses us once has not refused us many times; and what has refused us many times has,
    /// whatever else fails in between.
    fn count(&mut self, is_refusal: bool) {
        self.all = self.all.saturating_add(1);
        self.refusals = self.refusals.saturating_add(u32::from(is_refusal));
    }
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Self { answer: None, trouble: None, unasked: false, failures: Failures::default() }
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
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| {
        let message = "the operator failed at this by its own fault: its log has the details; it is tried again";
        Failure::new(Reason::WorkerFailed, message, false)
    })
}

impl<T> Record<T> {
    /// What is wrong, with the time of the last answer: so that everybody sees how old it is.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.clone().map(|trouble| self.dated(trouble))
    }

    /// The same for trouble that is somebody's own.
    pub(super) fn dated(&self, mut trouble: Trouble) -> Trouble {
        if let Some((_, at)) = &self.answer {
            let at = at.round(Unit::Second).unwrap_or(*at);
            trouble.message = format!("{} (last answer: {at})", trouble.message);
        }
        trouble
    }

    /// Whether there is no trouble but that nobody was asked for want of a place.
    pub(super) const fn is_unasked_at_most(&self) -> bool {
        self.trouble.is_none() || self.unasked
    }

    /// Whether it was answered within the last few of these intervals.
    pub(super) fn is_fresh(&self, interval: Duration, now: Timestamp) -> bool {
        let age = self.answer.as_ref().map(|(_, at)| Duration::try_from(now.duration_since(*at)).unwrap_or_default());
        age.is_some_and(|age| age < interval.saturating_mul(FRESH))
    }

    /// An attempt ended; whether that is news.
    pub(super) fn finish(&mut self, outcome: Result<T, Failure>, longest: Duration, now: Timestamp) -> bool
    where
        T: PartialEq,
    {
        match outcome {
            Ok(answer) => {
                let known = self.answer.as_ref().is_some_and(|(known, _)| *known == answer);
                let turned = !known || self.trouble.is_some();
                *self = Self { answer: Some((answer, now)), ..Self::default() };
                turned
            }
            Err(failure) => {
                let before = self.trouble.take();
                let since = before.as_ref().map_or(now, |trouble| trouble.since);
                // What the other side said, or did not, is not over because nobody could ask it again.
                self.unasked = failure.unasked && (before.is_none() || self.unasked);
                let trouble = failure.into_trouble(&mut self.failures, longest, since, now);
                let same = before
                    .is_some_and(|before| (before.reason, before.message) == (trouble.reason, trouble.message.clone()));
                self.trouble = Some(trouble);
                !same
            }
        }
    }
}

impl Failure {
    /// The other side did not ask us to wait, and it is everybody's who asks the same.
    pub fn new(reason: Reason, message: impl Into<String>, definite: bool) -> Self {
        Self { reason, message: message.into(), definite, retry_after: None, about: About::All, unasked: false }
    }

    /// One more in a row; it is tried again after `longest` at the latest, but when the other side asked for more, or
    /// refused our credentials: the same ones again and again get an account locked.
    pub(super) fn into_trouble(
        self,
        failures: &mut Failures,
        longest: Duration,
        since: Timestamp,
        now: Timestamp,
    ) -> Trouble {
        let is_refusal = self.reason == Reason::AuthenticationFailed && self.definite;
        failures.count(is_refusal);
        let wait = if is_refusal {
            backoff::refused(failures.refusals, longest)
        } else {
            backoff::wait(failures.all, jitter()).min(longest)
        };
        let retry_at = now.checked_add(wait.max(self.retry_after.unwrap_or_default())).unwrap_or(now);
        Trouble { reason: self.reason, message: self.message, definite: self.definite, since, at: now, retry_at }
    }
}

/// From 0 to 1. The hasher's keys are random enough to spread tries.
fn jitter() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0) >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}
