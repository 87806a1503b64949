//! Blobs: looked at, read.

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, Request, Response, StatusCode};

use super::Session;
use crate::domain::Digest;
use crate::image::error::{ImageError, Problem};

/// Where a registry says which content it speaks of.
const DIGEST_HEADER: &str = "docker-content-digest";

/// A blob by what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::image) struct Blob {
    pub(in crate::image) digest: Digest,
    /// In bytes.
    pub(in crate::image) size: u64,
}

/// What a look at something says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::image) enum Presence {
    There,
    Missing,
    /// The registry does not let it be looked at.
    Untold,
}

impl Session {
    /// Whether the repository has it.
    pub(in crate::image) async fn look_at_blob(&self, blob: &Blob) -> Result<Presence, ImageError> {
        const DOING: &str = "looking at a blob";
        let request = Request::new(Method::HEAD, self.url(&format!("blobs/{}", blob.digest))?);
        let response = self.send(DOING, request).await?;
        match response.status() {
            StatusCode::OK if is_page(&response) && !names(&response, &blob.digest) => Err(self.error(page())),
            // What is shorter or longer is something else, whatever it is.
            StatusCode::OK if length(&response).is_some_and(|length| length != blob.size) => Ok(Presence::Missing),
            StatusCode::OK => Ok(Presence::There),
            StatusCode::NOT_FOUND => Ok(Presence::Missing),
            StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => Ok(Presence::Untold),
            // Whose token was given may push, perhaps, and not pull.
            StatusCode::UNAUTHORIZED if self.has_token().await => Ok(Presence::Untold),
            _ => Err(self.refusal(DOING, response).await),
        }
    }

    /// The first of these that the repository lacks for certain.
    pub(in crate::image) async fn first_missing<'a>(
        &self,
        blobs: impl IntoIterator<Item = &'a Blob>,
    ) -> Result<Option<&'a Blob>, ImageError> {
        for blob in blobs {
            if self.look_at_blob(blob).await? == Presence::Missing {
                return Ok(Some(blob));
            }
        }
        Ok(None)
    }

    /// Begins to read it.
    pub(super) async fn open_blob(&self, blob: &Blob) -> Result<Response, ImageError> {
        const DOING: &str = "reading a blob";
        let request = Request::new(Method::GET, self.url(&format!("blobs/{}", blob.digest))?);
        let response = self.send(DOING, request).await?;
        match response.status() {
            StatusCode::OK if is_page(&response) => Err(self.error(page())),
            StatusCode::OK => Ok(response),
            StatusCode::NOT_FOUND => {
                Err(self.error(Problem::InvalidImage(format!("the image lacks its blob {}", blob.digest))))
            }
            _ => Err(self.refusal(DOING, response).await),
        }
    }

    /// A small one, whole; `what` it is called in errors.
    pub(in crate::image) async fn read_blob(
        &self,
        what: &str,
        blob: &Blob,
        limit: usize,
    ) -> Result<Vec<u8>, ImageError> {
        let response = self.open_blob(blob).await?;
        let bytes = self.read("reading a blob", what, response, limit).await?;
        if Digest::of(&bytes) == blob.digest { Ok(bytes) } else { Err(self.error(other_content(blob))) }
    }
}

/// A web page: what something else than a registry answers with, often a login page, and often with a 200.
pub(super) fn is_page(response: &Response) -> bool {
    media_type(response) == "text/html"
}

/// What a page in place of an answer means.
pub(super) fn page() -> Problem {
    Problem::Unreachable("it answers with a web page: something asks to log in there, or it is no registry".into())
}

/// Without parameters, in lower case.
pub(super) fn media_type(response: &Response) -> String {
    let text = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The digest that the registry says this is of, if it is one that we can read.
pub(super) fn told_digest(response: &Response) -> Option<Digest> {
    response.headers().get(DIGEST_HEADER)?.to_str().ok()?.trim().parse().ok()
}

fn names(response: &Response, digest: &Digest) -> bool {
    told_digest(response).as_ref() == Some(digest)
}

/// As the header has it: an answer to HEAD has no body to measure.
fn length(response: &Response) -> Option<u64> {
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// A blob that is not what its digest says.
pub(super) fn other_content(blob: &Blob) -> Problem {
    Problem::InvalidImage(format!("the blob with digest {} has other content or size", blob.digest))
}
