//! Manifests: looked at, read whole, written.

use std::fmt;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode};

use super::Session;
use super::blobs::{is_page, media_type, page, told_digest};
use crate::domain::Digest;
use crate::image::error::{ImageError, Problem};
use crate::image::media_type::ACCEPTED;

/// The largest manifest we read: what the distribution specification asks registries to take.
const LARGEST_MANIFEST: usize = 4 * 1024 * 1024;

/// The name of a manifest within its repository.
#[derive(Debug, Clone, Copy)]
pub(in crate::image) enum ManifestRef<'a> {
    Tag(&'a str),
    Digest(&'a Digest),
}

impl fmt::Display for ManifestRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// A manifest, byte for byte.
#[derive(Debug, Clone)]
pub(in crate::image) struct Manifest {
    /// The media type that the registry gave it.
    pub(in crate::image) content_type: String,
    pub(in crate::image) bytes: Vec<u8>,
    pub(in crate::image) digest: Digest,
}

impl Session {
    /// The digest of what is there, if anything is. What the short way (HEAD) does not tell is read: some registries, and
    /// proxies before them, refuse it, know nothing of what they would have to get first, or leave the digest out.
    pub(in crate::image) async fn look_at_manifest(&self, at: ManifestRef<'_>) -> Result<Option<Digest>, ImageError> {
        const DOING: &str = "looking at an image";
        let response = self.request_manifest(DOING, Method::HEAD, at).await?;
        let told = match (response.status(), at) {
            (StatusCode::OK, _) if is_page(&response) => None,
            (StatusCode::OK, ManifestRef::Digest(digest)) => Some(digest.clone()),
            (StatusCode::OK, ManifestRef::Tag(_)) => told_digest(&response),
            (StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS, _) => {
                return Err(self.refusal(DOING, response).await);
            }
            (status, _) if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
                return Err(self.refusal(DOING, response).await);
            }
            _ => None,
        };
        match told {
            Some(digest) => Ok(Some(digest)),
            None => Ok(self.read_manifest(at).await?.map(|manifest| manifest.digest)),
        }
    }

    /// What is there, if anything is. What is named by digest has that digest.
    pub(in crate::image) async fn read_manifest(&self, at: ManifestRef<'_>) -> Result<Option<Manifest>, ImageError> {
        const DOING: &str = "reading a manifest";
        let response = self.request_manifest(DOING, Method::GET, at).await?;
        match response.status() {
            StatusCode::OK if is_page(&response) => return Err(self.error(page())),
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(self.refusal(DOING, response).await),
        }
        let content_type = media_type(&response);
        let bytes = self.read(DOING, &format!("manifest {at}"), response, LARGEST_MANIFEST).await?;
        let digest = Digest::of(&bytes);
        match at {
            ManifestRef::Digest(wanted) if *wanted != digest => {
                Err(self.error(Problem::InvalidImage(format!("the manifest with digest {wanted} has other content"))))
            }
            _ => Ok(Some(Manifest { content_type, bytes, digest })),
        }
    }

    async fn request_manifest(
        &self,
        doing: &'static str,
        method: Method,
        at: ManifestRef<'_>,
    ) -> Result<Response, ImageError> {
        let mut request = Request::new(method, self.url(&format!("manifests/{at}"))?);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        self.send(doing, request).await
    }

    /// Writes a manifest.
    pub(in crate::image) async fn write_manifest(
        &self,
        at: ManifestRef<'_>,
        content_type: &'static str,
        bytes: &[u8],
    ) -> Result<(), ImageError> {
        const DOING: &str = "pushing a manifest";
        let mut request = Request::new(Method::PUT, self.url(&format!("manifests/{at}"))?);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *request.body_mut() = Some(bytes.to_vec().into());
        let response = self.send(DOING, request).await?;
        self.expect(DOING, response, &[StatusCode::CREATED, StatusCode::OK, StatusCode::ACCEPTED]).await?;
        Ok(())
    }
}
