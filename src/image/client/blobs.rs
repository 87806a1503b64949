//! Blobs: looked at, read.

use reqwest::{Method, Request, Response, StatusCode};

use super::Session;
use crate::domain::Digest;
use crate::image::error::{ImageError, Problem};

/// A blob by what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::image) struct Blob {
    pub(in crate::image) digest: Digest,
    /// In bytes.
    pub(in crate::image) size: u64,
}

impl Session {
    /// Whether the repository has it.
    pub(super) async fn has_blob(&self, blob: &Blob) -> Result<bool, ImageError> {
        const DOING: &str = "looking at a blob";
        let request = Request::new(Method::HEAD, self.url(&format!("blobs/{}", blob.digest))?);
        let response = self.send(DOING, request).await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refusal(DOING, response).await),
        }
    }

    /// Begins to read it.
    pub(super) async fn open_blob(&self, blob: &Blob) -> Result<Response, ImageError> {
        const DOING: &str = "reading a blob";
        let request = Request::new(Method::GET, self.url(&format!("blobs/{}", blob.digest))?);
        let response = self.send(DOING, request).await?;
        match response.status() {
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

/// A blob that is not what its digest says.
pub(super) fn other_content(blob: &Blob) -> Problem {
    Problem::InvalidImage(format!("the blob with digest {} has other content or size", blob.digest))
}
