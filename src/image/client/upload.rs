//! Blobs: uploaded; and the right to do so, proven.

use std::path::PathBuf;
use std::pin::pin;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method, Request, Response, StatusCode, Url};
use tokio_util::io::ReaderStream;

use super::blobs::Presence;
use super::mount::Mounted;
use super::verified::{Progress, verified};
use super::{Blob, Session};
use crate::domain::Digest;
use crate::image::error::{ImageError, Problem};
use crate::words;

/// The content of OCI's empty blob (image specification, "Guidance for an empty descriptor").
const EMPTY: &[u8] = b"{}";

/// Where the content of a blob comes from.
pub(in crate::image) enum Content<'a> {
    Bytes(Bytes),
    File(PathBuf),
    /// Another repository, possibly of another registry.
    Repository(&'a Session),
}

type Chunks = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, Problem>> + Send>>;

impl Session {
    /// Proves that uploads are taken, with the two bytes of OCI's empty blob. Where the repository has them, mounting them from
    /// itself proves the same and changes nothing.
    ///
    /// Beginning an upload and cancelling it would seem to leave less, but does not: the reference registry (2.8) answers
    /// the cancelling with success and keeps a folder for each.
    ///
    /// The first request is a harmless one: a wrong password ends it, and is not tried again with the next.
    pub(in crate::image) async fn try_upload(&self) -> Result<(), ImageError> {
        let blob = Blob { digest: Digest::of(EMPTY), size: EMPTY.len() as u64 };
        let mounted = match self.look_at_blob(&blob).await? {
            Presence::There => self.mount_or_begin(&blob, &self.place.repository).await?,
            Presence::Missing | Presence::Untold => Mounted::Upload(self.begin_upload().await?),
        };
        match mounted {
            Mounted::Yes => Ok(()),
            Mounted::Upload(upload) => self.finish(upload, &blob, Content::Bytes(Bytes::from_static(EMPTY))).await,
        }
    }

    /// Sees to it that the repository has the blob: it has it already, mounts it, or gets it uploaded. How many bytes were sent
    /// is the answer.
    pub(in crate::image) async fn ensure_blob(&self, blob: &Blob, content: Content<'_>) -> Result<u64, ImageError> {
        if self.look_at_blob(blob).await? == Presence::There {
            return Ok(0);
        }
        let upload = match self.mounts_from() {
            None => self.begin_upload().await?,
            Some(from) => match self.mount_or_begin(blob, from).await? {
                Mounted::Yes => return Ok(0),
                Mounted::Upload(upload) => upload,
            },
        };
        self.finish(upload, blob, content).await?;
        Ok(blob.size)
    }

    /// Does what an upload was begun for, or cancels it. Where somebody else has brought the blob meanwhile, all is well.
    async fn finish(&self, upload: Url, blob: &Blob, content: Content<'_>) -> Result<(), ImageError> {
        let Err(error) = self.upload(upload.clone(), blob, content).await else { return Ok(()) };
        self.cancel_upload(upload).await;
        match self.look_at_blob(blob).await {
            Ok(Presence::There) => Ok(()),
            _ => Err(error),
        }
    }

    /// As well as may be. Registries clean up by themselves what is left, as it is where a body broke off while they read it.
    async fn cancel_upload(&self, upload: Url) {
        if let Err(error) = self.send("cancelling an upload", Request::new(Method::DELETE, upload)).await {
            tracing::debug!(%error, "an upload could not be cancelled");
        }
    }

    /// In one piece: by far the quickest, and the one way that every registry knows.
    async fn upload(&self, mut upload: Url, blob: &Blob, content: Content<'_>) -> Result<(), ImageError> {
        const DOING: &str = "uploading a blob";
        upload.query_pairs_mut().append_pair("digest", blob.digest.as_ref());
        let progress = Progress::default();
        let source = if let Content::Repository(source) = content { source } else { self };
        let chunks = self.chunks(blob, content).await?;
        let body = Body::wrap_stream(verified(chunks, blob.clone(), progress.clone()));
        let mut request = Request::new(Method::PUT, upload);
        request.headers_mut().insert(CONTENT_LENGTH, blob.size.into());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        *request.body_mut() = Some(body);
        let sent = self.send_watched(DOING, request, &progress).await;
        let response = sent.map_err(|error| progress.failure().map_or(error, |problem| source.error(problem)))?;
        self.expect(DOING, response, &[StatusCode::CREATED]).await?;
        Ok(())
    }

    async fn chunks(&self, blob: &Blob, content: Content<'_>) -> Result<Chunks, ImageError> {
        Ok(match content {
            Content::Bytes(bytes) => futures::stream::iter([Ok(bytes)]).boxed(),
            Content::File(path) => {
                let unreadable = |e: std::io::Error| Problem::LayerUnreadable(words::of_a_file(&e));
                let file = tokio::fs::File::open(path).await.map_err(|e| self.error(unreadable(e)))?;
                ReaderStream::with_capacity(file, 64 * 1024).map_err(unreadable).boxed()
            }
            Content::Repository(source) => {
                let response = source.open_blob(blob).await?;
                response.bytes_stream().map_err(|_| Problem::Unreachable("reading a blob broke off".into())).boxed()
            }
        })
    }

    /// Sends a body of any length: what counts is that it moves.
    async fn send_watched(
        &self,
        doing: &'static str,
        mut request: Request,
        progress: &Progress,
    ) -> Result<Response, ImageError> {
        self.authorize(&mut request).await;
        let after = self.deadlines().stall;
        let mut sending = pin!(self.endpoint.http.execute(request));
        let mut seen = 0;
        loop {
            let problem = match tokio::time::timeout(after, &mut sending).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => self.transport_problem(&error),
                Err(_) if progress.moved() > seen => {
                    seen = progress.moved();
                    continue;
                }
                Err(_) => Problem::TimedOut { doing, after },
            };
            return Err(self.error(problem));
        }
    }
}
