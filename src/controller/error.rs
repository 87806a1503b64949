//! What it means that *we* failed; that something is not yet so is never an error.

use std::future::Future;
use std::time::Duration;

/// The longest an API server may take for one request.
const DEADLINE: Duration = Duration::from_secs(30);

/// A request to the API server failed.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    /// What we were about to do.
    pub what: String,
    /// What the API server said.
    #[source]
    pub source: Cause,
}

/// What the API server said.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// It answered with an error, or could not be reached.
    #[error(transparent)]
    Api(Box<kube::Error>),
    /// It did not answer.
    #[error("no answer from the API server within {} s", DEADLINE.as_secs())]
    Deadline,
}

impl Error {
    /// The status code that the API server answered with, if it did.
    pub fn code(&self) -> Option<u16> {
        match &self.source {
            Cause::Api(error) => match error.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            Cause::Deadline => None,
        }
    }

    /// What, and the whole chain behind it, in one line.
    pub fn chain(&self) -> String {
        format!("{}: {}", self.what, self.source)
    }
}

/// Awaits an answer of the API server, but not for ever.
pub async fn within<T>(what: impl Into<String>, request: impl Future<Output = kube::Result<T>>) -> Result<T, Error> {
    match tokio::time::timeout(DEADLINE, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Error { what: what.into(), source: Cause::Api(Box::new(error)) }),
        Err(_) => Err(Error { what: what.into(), source: Cause::Deadline }),
    }
}
