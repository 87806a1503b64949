//! A narrow client of the OCI distribution API: one [`Session`] is one repository, seen with one set of credentials, for
//! one task.
//!
//! It is written over `reqwest` and not over `oci-client` (0.18), because what we need of such a library is mostly what
//! that one leaves open, and could not be added from outside: a token with the scopes of both repositories of a mount, going on in
//! the upload session that a declined mount opens, cancelling an upload, proving the right to push, telling
//! a refused token from a missing one (it goes on unauthenticated), limits on the size of manifests, tokens and error texts,
//! `Retry-After`, proxies, and a deadline for every request. What would be left of it is the URL building.
//!
//! What it guarantees:
//!
//! - Credentials go to the registry itself and to the token service that it names, nowhere else: not to where it redirects,
//!   not over plain HTTP when the registry is spoken to over TLS. Sessions share connections, never credentials or tokens.
//! - Every request ends: within [`Deadlines::call`], or, where a blob is on its way, as soon as nothing has moved for
//!   [`Deadlines::stall`].
//! - Everything that is fetched by digest has that digest, and nothing is read beyond its limit.

mod answer;
mod auth;
mod blobs;
mod challenge;
mod endpoint;
mod manifests;
mod mount;
mod upload;
mod verified;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Request, Response, StatusCode, Url};
use tokio::sync::Mutex;

use super::credentials::{Basic, Credentials};
use super::error::{ImageError, Place, Problem};
use crate::domain::{Digest, ImageRepository};

pub(super) use blobs::Blob;
pub(super) use endpoint::Endpoint;
pub use endpoint::{Deadlines, RegistriesError, build_http};
pub(super) use manifests::{Manifest, ManifestRef};
pub(super) use upload::Content;

/// How many redirects in a row are followed.
const MOST_REDIRECTS: usize = 5;

/// Before a registry that failed is asked once more.
const PAUSE: Duration = Duration::from_millis(300);

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Pull,
    Push,
}

/// One repository with one set of credentials.
pub(super) struct Session {
    endpoint: Endpoint,
    place: Place,
    login: Option<Basic>,
    purpose: Purpose,
    /// Another repository of the same registry that a token must allow to pull from, for mounts.
    mounts_from: Option<String>,
    /// Whether mounts were refused: then none is tried any more.
    mounts_refused: AtomicBool,
    authorization: Mutex<Option<HeaderValue>>,
}

impl Session {
    pub(super) fn new(
        endpoint: Endpoint,
        repository: &ImageRepository,
        credentials: Option<&Credentials>,
        purpose: Purpose,
    ) -> Result<Self, ImageError> {
        let place = Place { registry: repository.registry().to_owned(), repository: repository.path().to_owned() };
        let login = match credentials.map(|all| all.for_repository(&place.registry, &place.repository)) {
            None => None,
            Some(Ok(login)) => login,
            Some(Err(unusable)) => {
                return Err(ImageError { at: place, problem: Problem::CredentialsUnusable(unusable) });
            }
        };
        Ok(Self {
            endpoint,
            place,
            login,
            purpose,
            mounts_from: None,
            mounts_refused: AtomicBool::new(false),
            authorization: Mutex::new(None),
        })
    }

    /// Lets this session mount blobs of `repository`, which must be in the same registry.
    pub(super) fn mounting_from(mut self, repository: &ImageRepository) -> Self {
        self.mounts_from = Some(repository.path().to_owned());
        self
    }

    /// Where blobs may be mounted from.
    fn mounts_from(&self) -> Option<&str> {
        self.mounts_from.as_deref().filter(|_| !self.mounts_refused.load(Ordering::Relaxed))
    }

    /// Mounts no more; false if none would have been tried anyway.
    fn give_up_mounting(&self) -> bool {
        self.mounts_from.is_some() && !self.mounts_refused.swap(true, Ordering::Relaxed)
    }

    pub(super) fn error(&self, problem: Problem) -> ImageError {
        ImageError { at: self.place.clone(), problem }
    }

    /// What people call content of this repository.
    pub(super) fn named(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.place)
    }

    fn deadlines(&self) -> &Deadlines {
        &self.endpoint.deadlines
    }

    /// `/v2/REPOSITORY/` and then `rest`.
    fn url(&self, rest: &str) -> Result<Url, ImageError> {
        let path = format!("/v2/{}/{rest}", self.place.repository);
        self.endpoint.base.join(&path).map_err(|_| self.no_address())
    }

    pub(super) fn no_address(&self) -> ImageError {
        self.error(Problem::Unreachable("its name makes no address".to_owned()))
    }

    /// Sends a request without a body, or with one in memory, and follows redirects; authenticates when asked to, once.
    ///
    /// A registry that fails is asked once more: some do when two bring the same content at the same moment.
    async fn send(&self, doing: &'static str, request: Request) -> Result<Response, ImageError> {
        let (mut asked, mut failed) = (false, false);
        loop {
            let attempt = request
                .try_clone()
                .ok_or_else(|| self.error(Problem::Unreachable("a body cannot be repeated".into())))?;
            let response = self.send_redirected(doing, attempt).await?;
            if is_passing(&response) && !failed {
                failed = true;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            if response.status() != StatusCode::UNAUTHORIZED || asked {
                return Ok(response);
            }
            asked = true;
            if !self.authenticate(&response).await? {
                return Ok(response);
            }
        }
    }

    /// Reads are led elsewhere by many registries (to where the blobs really are); writes are not.
    async fn send_redirected(&self, doing: &'static str, mut request: Request) -> Result<Response, ImageError> {
        for _ in 0..MOST_REDIRECTS {
            let (method, from) = (request.method().clone(), request.url().clone());
            let headers = request.headers().clone();
            let response = self.send_once(doing, request).await?;
            let leads_on = response.status().is_redirection() && matches!(method, Method::GET | Method::HEAD);
            let Some(location) = response.headers().get(LOCATION).filter(|_| leads_on) else {
                return Ok(response);
            };
            let to = self.redirected(&from, location)?;
            request = Request::new(method, to);
            *request.headers_mut() = headers;
        }
        Err(self.error(Problem::Unreachable("it redirects in circles".into())))
    }

    fn redirected(&self, from: &Url, location: &HeaderValue) -> Result<Url, ImageError> {
        let to = location.to_str().ok().and_then(|location| from.join(location).ok());
        to.filter(|to| to.scheme() == "https" || to.scheme() == "http" && from.scheme() == "http")
            .ok_or_else(|| self.error(Problem::Unreachable("it redirects to an address that cannot be used".into())))
    }

    /// Sends a request as it is, authorized if it goes to the registry itself.
    async fn send_once(&self, doing: &'static str, mut request: Request) -> Result<Response, ImageError> {
        self.authorize(&mut request).await;
        let after = self.deadlines().call;
        match tokio::time::timeout(after, self.endpoint.http.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.error(self.transport_problem(&error))),
            Err(_) => Err(self.error(Problem::TimedOut { doing, after })),
        }
    }

    /// Adds what the registry was seen to want, if the request goes to the registry itself.
    async fn authorize(&self, request: &mut Request) {
        if request.url().origin() == self.endpoint.base.origin()
            && let Some(authorization) = self.authorization.lock().await.clone()
        {
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
    }
}

/// A failure that says neither that it stays nor how long it lasts.
fn is_passing(response: &Response) -> bool {
    let status = response.status();
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED && !response.headers().contains_key(RETRY_AFTER)
}
