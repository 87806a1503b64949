//! Blobs that need no upload, because another repository of the registry has them; and where an upload begins.

use reqwest::header::{CONTENT_LENGTH, HeaderValue, LOCATION};
use reqwest::{Method, Request, Response, StatusCode, Url};

use super::{Blob, Session};
use crate::image::error::{ImageError, Problem};

/// What became of the request to mount a blob.
pub(super) enum Mounted {
    Yes,
    /// The registry wants it uploaded, here.
    Upload(Url),
}

impl Session {
    /// Mounts a blob, or begins its upload. A registry may always decline: its answer is then that of an upload that begins.
    /// Many refuse instead (the other repository may not be seen, mounting is switched off or unknown); that says nothing of
    /// the right to push, so an upload is asked for.
    pub(super) async fn mount_or_begin(&self, blob: &Blob, from: &str) -> Result<Mounted, ImageError> {
        match self.mount(blob, from).await {
            Err(refused) if refused.is_refusal() => {
                tracing::debug!(error = %refused, "mounting is refused: uploading instead");
                self.give_up_mounting();
                self.begin_upload().await.map(Mounted::Upload)
            }
            outcome => outcome,
        }
    }

    async fn mount(&self, blob: &Blob, from: &str) -> Result<Mounted, ImageError> {
        const DOING: &str = "mounting a blob";
        let mut request = self.post("blobs/uploads/")?;
        request.url_mut().query_pairs_mut().append_pair("mount", blob.digest.as_ref()).append_pair("from", from);
        let response = self.send(DOING, request).await?;
        let response = self.expect(DOING, response, &[StatusCode::CREATED, StatusCode::ACCEPTED]).await?;
        if response.status() == StatusCode::CREATED {
            return Ok(Mounted::Yes);
        }
        self.upload_url(&response).map(Mounted::Upload)
    }

    pub(super) async fn begin_upload(&self) -> Result<Url, ImageError> {
        const DOING: &str = "beginning an upload";
        let response = self.send(DOING, self.post("blobs/uploads/")?).await?;
        let response = self.expect(DOING, response, &[StatusCode::ACCEPTED]).await?;
        self.upload_url(&response)
    }

    /// Some registries insist on a length even where there is nothing.
    fn post(&self, rest: &str) -> Result<Request, ImageError> {
        let mut request = Request::new(Method::POST, self.url(rest)?);
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        Ok(request)
    }

    /// Where an upload goes on. Behind a proxy that ends TLS, some registries take themselves for plain-HTTP ones.
    fn upload_url(&self, response: &Response) -> Result<Url, ImageError> {
        let base = &self.endpoint.base;
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let mut url = location
            .and_then(|location| response.url().join(location).ok())
            .ok_or_else(|| self.error(Problem::Unreachable("it begins an upload without saying where".into())))?;
        if url.scheme() == "http" && base.scheme() == "https" && url.host_str() == base.host_str() {
            let (path, query) = (url.path().to_owned(), url.query().map(str::to_owned));
            url = base.clone();
            url.set_path(&path);
            url.set_query(query.as_deref());
        }
        Ok(url)
    }
}
