//! What an answer means, and what the lack of one means.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use super::{Purpose, Session};
use crate::domain;
use crate::image::credentials::Basic;
use crate::image::error::{ImageError, Problem, Said};
use crate::tls::tls_error;
use crate::words;
use crate::words::shown::{masked, shown_without};

/// How much of an error's text is read, in bytes.
const LONGEST_ERROR: usize = 16 * 1024;

/// How much of a registry's own words we pass on, in characters.
const LONGEST_QUOTE: usize = 160;

/// The body of an error answer (distribution specification, "Error Codes").
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    errors: Vec<ErrorEntry>,
    /// Where token services say what is wrong.
    #[serde(default)]
    details: String,
}

#[derive(Default, Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Session {
    /// The answer, if its status is among `good`; otherwise what it means.
    pub(super) async fn expect(
        &self,
        doing: &'static str,
        response: Response,
        good: &[StatusCode],
    ) -> Result<Response, ImageError> {
        if good.contains(&response.status()) { Ok(response) } else { Err(self.refusal(doing, response).await) }
    }

    /// What a bad answer means.
    pub(super) async fn refusal(&self, doing: &'static str, response: Response) -> ImageError {
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = self.read(doing, "an error text", response, LONGEST_ERROR).await.unwrap_or_default();
        let body: ErrorBody = serde_json::from_slice(&body).unwrap_or_default();
        let code = body.errors.first().map_or("", |error| error.code.as_str());
        let said = self.quote(&body).await;
        let problem = match (status, code) {
            (StatusCode::TOO_MANY_REQUESTS, _) | (_, "TOOMANYREQUESTS") => Problem::RateLimited { retry_after },
            (StatusCode::UNAUTHORIZED, _) => self.unauthorized(said).await,
            (StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED, _) | (_, "DENIED") => self.denied(said),
            (StatusCode::NOT_FOUND, _) | (_, "NAME_INVALID" | "NAME_UNKNOWN") => Problem::RepositoryNotFound { said },
            (StatusCode::PAYLOAD_TOO_LARGE, _) => Problem::TooLarge {
                what: "what was pushed".to_owned(),
                limit: "what the registry, or a proxy before it, takes".to_owned(),
            },
            // What says when it will be back is not out of order.
            (StatusCode::SERVICE_UNAVAILABLE, _) if retry_after.is_some() => Problem::RateLimited { retry_after },
            (status, _) if status.is_server_error() => Problem::Unreachable(format!("it answered {status}")),
            (status, _) => Problem::Unexpected { doing, status: status.as_u16(), said },
        };
        self.error(problem)
    }

    /// A 401 although we sent what we have.
    async fn unauthorized(&self, said: Said) -> Problem {
        let has_token = self.has_token().await;
        match &self.login {
            None => Problem::CredentialsMissing,
            // The token service took the credentials; what is missing is a right.
            Some(_) if has_token => self.denied(said),
            Some(_) => Problem::CredentialsRefused { said },
        }
    }

    /// Whether a token service gave us something, as opposed to a password that only the registry could judge.
    pub(super) async fn has_token(&self) -> bool {
        let authorization = self.authorization.lock().await;
        authorization.as_ref().is_some_and(|value| value.as_bytes().starts_with(b"Bearer "))
    }

    fn denied(&self, said: Said) -> Problem {
        match self.purpose {
            Purpose::Pull => Problem::PullDenied { said },
            Purpose::Push => Problem::PushDenied { said },
        }
    }

    /// What the registry said, without anything that could be ours.
    async fn quote(&self, body: &ErrorBody) -> Said {
        let text = match body.errors.first() {
            Some(error) if error.message.is_empty() => error.code.clone(),
            Some(error) => error.message.clone(),
            None => body.details.clone(),
        };
        let token = self.authorization.lock().await.clone();
        Said(shown_without(&text, self.secrets(token.as_ref())).chars().take(LONGEST_QUOTE).collect())
    }

    /// Everything that must not show up in a text: the login, and the token that was got for it.
    fn secrets(&self, authorization: Option<&HeaderValue>) -> Vec<String> {
        let token = authorization.and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(' '));
        let token = token.map(|(_, token)| token.to_owned());
        self.login.iter().flat_map(Basic::masked_forms).chain(token).collect()
    }

    /// The whole body, if it is not longer than `limit` and comes in time.
    pub(super) async fn read(
        &self,
        doing: &'static str,
        what: &str,
        mut response: Response,
        limit: usize,
    ) -> Result<Vec<u8>, ImageError> {
        let too_large =
            || Problem::TooLarge { what: what.to_owned(), limit: format!("{limit} bytes, which is what we read") };
        let reading = async {
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|e| self.transport_problem(&e))? {
                if bytes.len() + chunk.len() > limit {
                    return Err(too_large());
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        let after = self.deadlines().call;
        let read = tokio::time::timeout(after, reading).await;
        read.unwrap_or(Err(Problem::TimedOut { doing, after })).map_err(|problem| self.error(problem))
    }

    /// What a request without an answer means. The text never has the URL in it, which may be a signed one.
    pub(super) fn transport_problem(&self, error: &reqwest::Error) -> Problem {
        // Whoever holds it right now has no answer yet that could have the token in it.
        let token = self.authorization.try_lock().ok().and_then(|value| value.clone());
        let text = words::in_full(error);
        tracing::debug!(at = %self.place, error = %masked(&text, self.secrets(token.as_ref())), "a registry gave no answer");
        if error.is_timeout() {
            return Problem::TimedOut { doing: "connecting", after: self.deadlines().connect };
        }
        match tls_error(error) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                Problem::CertificateInvalid(words::of_a_certificate(why).to_owned())
            }
            Some(rustls::Error::InvalidMessage(_)) => Problem::Unreachable(
                "it does not speak TLS; if it is to be spoken to in plain HTTP, configure that".into(),
            ),
            Some(other) => Problem::Unreachable(words::of_tls(other).to_owned()),
            None => Problem::Unreachable(words::of_a_connection(error).to_owned()),
        }
    }
}

/// How long the other side wants to be left alone, if it says so.
fn retry_after(response: &Response) -> Option<Duration> {
    domain::retry_after(response.headers().get(RETRY_AFTER)?.to_str().ok()?, Timestamp::now())
}
