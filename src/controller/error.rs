//! What it means that *we* failed; that something is not yet so is never an error.

use crate::api::v1alpha1::condition::Reason;
use crate::words;
use std::future::Future;
use std::time::Duration;

/// The longest an API server may take for one request.
const DEADLINE: Duration = Duration::from_secs(30);
/// How much of what it says is passed on, in bytes: more would leave no room for what to do.
const LONGEST_WORDS: usize = 700;

/// What the API server answers where another object is there than the one that was decided on.
const CONFLICT: u16 = 409;
/// What the API server answers to who may not.
pub const FORBIDDEN: u16 = 403;

/// A request to the API server failed.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    /// What we were about to do.
    pub what: String,
    /// Why it failed.
    #[source]
    pub source: Cause,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// It answered with an error, or could not be reached.
    #[error("{}", told(.0))]
    Api(Box<kube::Error>),
    /// It did not answer.
    #[error("no answer from the API server within {} s", .0.as_secs())]
    Deadline(Duration),
    /// An object of the name is there, and is not ours.
    #[error("it belongs to somebody else, perhaps to an earlier TengineDeployment of this name")]
    Taken,
    /// What was decided was decided on what is no longer there.
    #[error("it was changed meanwhile")]
    Stale,
    /// It is another replica's turn.
    #[error("this replica does not lead any more")]
    NotLeading,
}

impl Error {
    /// An object of this name has another owner.
    pub fn taken(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: Cause::Taken }
    }

    /// Another object was there than the one that was decided on.
    pub fn stale(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: Cause::Stale }
    }

    /// What was rendered is no such object.
    pub fn unreadable(what: impl Into<String>, error: serde_json::Error) -> Self {
        Self { what: what.into(), source: Cause::Api(Box::new(kube::Error::SerdeError(error))) }
    }

    /// Another replica leads, as far as anybody can say.
    pub fn not_leading(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: Cause::NotLeading }
    }

    /// Whether it came of deciding on what is no longer so: nothing is wrong, and it is decided anew.
    pub fn is_stale(&self) -> bool {
        matches!(self.source, Cause::Stale | Cause::NotLeading)
    }

    /// The same; a conflict means that another object was there than the one that was decided on.
    #[must_use]
    pub fn of_seen(self) -> Self {
        if self.code() == Some(CONFLICT) { Self { source: Cause::Stale, ..self } } else { self }
    }

    /// The status code that the API server answered with, if it did.
    pub fn code(&self) -> Option<u16> {
        match &self.source {
            Cause::Api(error) => match error.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            Cause::Deadline(_) | Cause::Taken | Cause::Stale | Cause::NotLeading => None,
        }
    }

    /// What it is called where it kept something from being written.
    pub fn reason(&self) -> Reason {
        match self.source {
            Cause::Taken => Reason::NameTaken,
            Cause::Api(_) | Cause::Deadline(_) | Cause::Stale | Cause::NotLeading => Reason::WriteRefused,
        }
    }

    /// What, and why, in one line.
    pub fn chain(&self) -> String {
        format!("{}: {}", self.what, self.source)
    }
}

/// What a person is told: the API server's own words where it said something, and never the text of a library's types.
pub(super) fn told(error: &kube::Error) -> String {
    let mut text = match error {
        kube::Error::Api(status) if !status.message.is_empty() => status.message.clone(),
        kube::Error::Api(status) => format!("the API server answered with code {}", status.code),
        kube::Error::SerdeError(_) => "the API server answered something that cannot be read".to_owned(),
        other => {
            tracing::debug!(error = words::in_full(other), "the API server gave no answer");
            format!("the API server cannot be reached: {}", words::of_a_request(other))
        }
    };
    if text.len() > LONGEST_WORDS {
        text.truncate(text.floor_char_boundary(LONGEST_WORDS));
        text.push('…');
    }
    text
}

/// Awaits an answer of the API server, but not for ever.
pub async fn within<T>(what: impl Into<String>, request: impl Future<Output = kube::Result<T>>) -> Result<T, Error> {
    within_time(DEADLINE, what, request).await
}

/// The same, for who cannot wait so long.
pub async fn within_time<T>(
    deadline: Duration,
    what: impl Into<String>,
    request: impl Future<Output = kube::Result<T>>,
) -> Result<T, Error> {
    match tokio::time::timeout(deadline, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Error { what: what.into(), source: Cause::Api(Box::new(error)) }),
        Err(_) => Err(Error { what: what.into(), source: Cause::Deadline(deadline) }),
    }
}

/// What was to be changed or to go is gone already.
///
/// # Errors
/// Any other.
pub fn gone_is_fine(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.code() == Some(404) => Ok(()),
        other => other,
    }
}
