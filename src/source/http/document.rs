//! A document of a host's API, page by page.

use reqwest::header::{ACCEPT, LINK};
use reqwest::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::{Conversation, MOST_REDIRECTS, answer};
use crate::source::SourceError;

/// The most a host may say in one page, in bytes.
const LONGEST_PAGE: usize = 8 << 20;

/// A list behind a URL of its own, in JSON.
pub(in crate::source) struct Document<'a>(Conversation<'a>);

/// One page of a list.
pub(in crate::source) struct Page<T> {
    /// What is on it.
    pub(in crate::source) entries: Vec<T>,
    /// Whether the host says that another one follows.
    pub(in crate::source) has_next: bool,
}

impl<'a> Document<'a> {
    /// The document at the URL of this remote.
    pub(in crate::source) fn of(conversation: Conversation<'a>) -> Self {
        Self(Conversation { version: None, ..conversation })
    }

    /// The page that this query asks for. Where it is, and whether there is another, is never taken from the answer.
    pub(in crate::source) async fn page<T: DeserializeOwned>(&self, query: &str) -> Result<Page<T>, SourceError> {
        let response = self.get(&format!("{}?{query}", self.0.base)).await?;
        let response = self.0.accepted(response, "application/json").await?;
        let has_next = names_a_next(&response);
        Ok(Page { entries: self.read(response).await?, has_next })
    }

    /// One of the list, which is at this path below it; nothing where the host answers with one of these.
    pub(in crate::source) async fn one<T: DeserializeOwned>(
        &self,
        path: &str,
        none: &[StatusCode],
    ) -> Result<Option<T>, SourceError> {
        let response = self.get(&format!("{}/{path}", self.0.base)).await?;
        // A host that was asked too often may say so with such a status.
        let status = response.status();
        if none.contains(&status) && !(status == StatusCode::FORBIDDEN && answer::is_rate_limited(&response)) {
            return Ok(None);
        }
        let response = self.0.accepted(response, "application/json").await?;
        self.read(response).await.map(Some)
    }

    async fn get(&self, url: &str) -> Result<Response, SourceError> {
        let mut url = self.0.url(url)?;
        for _ in 0..=MOST_REDIRECTS {
            let mut request = Request::new(Method::GET, url.clone());
            request.headers_mut().insert(ACCEPT, reqwest::header::HeaderValue::from_static("application/json"));
            let response = self.0.send(request).await?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            url = self.0.redirected(&url, &response)?;
        }
        Err(self.0.redirect_refused("it is sent from one address to the next without an end"))
    }

    async fn read<T: DeserializeOwned>(&self, mut response: Response) -> Result<T, SourceError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.0.failure(&error))? {
            if bytes.len() + chunk.len() > LONGEST_PAGE {
                return Err(SourceError::TooLong { url: self.0.repository(), limit: LONGEST_PAGE });
            }
            bytes.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            tracing::debug!(%error, "what a host's API says is not understood");
            self.0.not_git()
        })
    }
}

/// Whether the header `Link` (RFC 8288) has one with the relation `next`.
fn names_a_next(response: &Response) -> bool {
    let links = response.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links
        .flat_map(|text| text.split(','))
        .any(|link| link.split(';').skip(1).any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next")))
}
