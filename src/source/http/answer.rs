//! What a bad answer means.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Response, StatusCode};

use super::{Conversation, one_line};
use crate::domain::retry_after;
use crate::source::{Credentials, SourceError};
use crate::words::shown::masked;

/// How much of an error's text is looked at, in bytes.
const LONGEST_ERROR: usize = 4 * 1024;

/// Headers that say that nothing is left of what may be asked.
const REMAINING: [&str; 2] = ["x-ratelimit-remaining", "ratelimit-remaining"];

/// Headers that say when there is something again: seconds of the epoch, or seconds from now.
const RESET: [&str; 2] = ["x-ratelimit-reset", "ratelimit-reset"];

impl Conversation<'_> {
    /// The answer, if it is one in Git's words.
    pub(super) async fn accepted(&self, response: Response, media_type: &str) -> Result<Response, SourceError> {
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let told = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        let told = told.split(';').next().unwrap_or_default().trim();
        if told.eq_ignore_ascii_case(media_type) {
            return Ok(response);
        }
        let dumb = told.eq_ignore_ascii_case("text/plain") && is_list(&self.beginning(response).await);
        Err(if dumb { self.dumb() } else { self.not_git() })
    }

    pub(super) fn not_git(&self) -> SourceError {
        SourceError::NotARepository { url: self.remote.url.to_string() }
    }

    fn dumb(&self) -> SourceError {
        let detail = "its host serves it as plain files (\"dumb\" HTTP), without Git behind it".to_owned();
        SourceError::Unsupported { url: self.remote.url.to_string(), detail }
    }

    async fn refusal(&self, response: Response) -> SourceError {
        let (host, url) = (self.host(), self.remote.url.to_string());
        let (status, headers) = (response.status(), response.headers().clone());
        let wait = wait(&headers, Timestamp::now());
        match status {
            StatusCode::TOO_MANY_REQUESTS => SourceError::RateLimited { host, retry_after: wait },
            StatusCode::FORBIDDEN | StatusCode::SERVICE_UNAVAILABLE if wait.is_some() || is_spent(&headers) => {
                SourceError::RateLimited { host, retry_after: wait }
            }
            StatusCode::UNAUTHORIZED => self.unauthorized(&headers),
            StatusCode::FORBIDDEN => SourceError::AccessDenied { url },
            StatusCode::NOT_FOUND | StatusCode::GONE => SourceError::RepositoryNotFound { url },
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                SourceError::ProxyRefused { host, detail: "it asks for credentials".to_owned() }
            }
            StatusCode::BAD_REQUEST if self.remote.url.is_plain_http() && self.wants_tls(response).await => {
                let detail = "it is an https host; write https:// into the URL".to_owned();
                SourceError::Unreachable { host, detail }
            }
            _ => SourceError::HostFailed { host, status: status.as_u16() },
        }
    }

    fn unauthorized(&self, headers: &HeaderMap) -> SourceError {
        let host = self.host();
        if self.authorization.is_none() {
            return SourceError::AuthenticationRequired { host };
        }
        let schemes = schemes(headers);
        if schemes.is_empty() || schemes.iter().any(|scheme| ["basic", "bearer"].contains(&scheme.as_str())) {
            let broken_line = self.remote.credentials.as_ref().and_then(Credentials::ends_in_a_line_break);
            return SourceError::AuthenticationFailed { host, broken_line: broken_line.map(str::to_owned) };
        }
        let detail = format!("it takes {} only, and not a user name with a password", schemes.join(" or "));
        SourceError::HostRefused { host, detail: one_line(&detail) }
    }

    /// Servers say so in different words, which all name the protocol.
    async fn wants_tls(&self, response: Response) -> bool {
        String::from_utf8_lossy(&self.beginning(response).await).to_ascii_lowercase().contains("https")
    }

    async fn beginning(&self, mut response: Response) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < LONGEST_ERROR {
            match response.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
        bytes.truncate(LONGEST_ERROR);
        bytes
    }

    /// A host may send back what it was sent.
    pub(super) fn masked(&self, text: &str) -> String {
        let Some(credentials) = &self.remote.credentials else { return text.to_owned() };
        let text = text.split("Basic ").next().unwrap_or_default();
        masked(text, credentials.secrets()).into_owned()
    }
}

/// Whether a plain text is a list of references: an object's name, a tab, a reference's name.
fn is_list(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(line.iter().position(|byte| *byte == b'\t'), Some(40 | 64)) && line.windows(5).any(|part| part == b"refs/")
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// How long the host wants to be left alone, if it says so.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    if let Some(wait) = header(headers, RETRY_AFTER.as_str()).and_then(|text| retry_after(text, now)) {
        return Some(wait);
    }
    if !is_spent(headers) {
        return None;
    }
    let reset: i64 = RESET.iter().find_map(|name| header(headers, name)?.trim().parse().ok())?;
    // No host lets anybody wait for thirty years, so a number as large as that is a moment.
    let seconds = if reset > 1_000_000_000 { reset.saturating_sub(now.as_second()) } else { reset };
    retry_after(&seconds.max(0).to_string(), now)
}

/// Whether the host says that it was asked too often.
pub(super) fn is_rate_limited(response: &Response) -> bool {
    wait(response.headers(), Timestamp::now()).is_some() || is_spent(response.headers())
}

fn is_spent(headers: &HeaderMap) -> bool {
    REMAINING.iter().any(|name| header(headers, name).is_some_and(|left| left.trim() == "0"))
}

/// The ways of authentication that are offered, in lower case.
fn schemes(headers: &HeaderMap) -> Vec<String> {
    let offered = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let words = offered.flat_map(|text| text.split(',')).filter_map(|part| part.split_whitespace().next());
    let names = words.filter(|word| !word.contains('='));
    names.map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests;
