//! The door to all registries.

use std::sync::{Arc, Mutex, PoisonError};

use super::base;
use super::client::{Deadlines, RegistriesError};
use super::client::{Endpoint, ManifestRef, Purpose, Session, build_http};
use super::credentials::Credentials;
use super::document::{Document, environment};
use super::error::{ImageError, Place, Problem};
use crate::domain::{BaseReference, Digest, ImageRepository, Platform};
use crate::settings::{Hosts, RegistryHost};

/// All registries, as the operator's configuration says they are reached. Holds connections, but no credentials: those come
/// with each call and end with it.
#[derive(Debug, Clone)]
pub struct Registries {
    hosts: Hosts,
    /// For what has neither a CA nor a proxy of its own.
    plain: reqwest::Client,
    /// For registries that the configuration gives one of these.
    special: Arc<Mutex<Vec<Special>>>,
    deadlines: Deadlines,
}

/// A client with a CA or a proxy of its own.
#[derive(Debug)]
struct Special {
    settings: RegistryHost,
    /// Of the CA file that it was made with.
    ca: Option<Digest>,
    http: reqwest::Client,
}

impl Special {
    fn of(settings: &RegistryHost, deadlines: &Deadlines) -> Result<Self, RegistriesError> {
        // Before the client reads the file: should it change in between, the next look makes another client.
        let ca = ca_digest(settings);
        let http = build_http(settings.ca_file.as_ref(), settings.proxy.as_deref(), deadlines)?;
        Ok(Self { settings: settings.clone(), ca, http })
    }

    /// The client, made anew if the CA file has other content now: authorities are replaced while we run. A file that is of no
    /// use at the moment (it is just being written, perhaps) takes nothing away.
    fn current(&mut self, deadlines: &Deadlines) -> reqwest::Client {
        let ca = ca_digest(&self.settings);
        if ca.is_some() && ca != self.ca {
            match Self::of(&self.settings, deadlines) {
                Ok(renewed) => *self = renewed,
                Err(error) => tracing::warn!(%error, "a changed CA file cannot be used; the one before still counts"),
            }
        }
        self.http.clone()
    }
}

fn ca_digest(settings: &RegistryHost) -> Option<Digest> {
    Some(Digest::of(&std::fs::read(settings.ca_file.as_ref()?).ok()?))
}

/// What a base reference points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseSeen {
    /// The digest of the manifest, or of the index where the image is there for several platforms.
    pub digest: Digest,
}

/// What became of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSeen {
    /// It can be pulled.
    Whole,
    /// The registry lacks it, or a part of it; what is missing, with its article.
    Gone(String),
}

impl Registries {
    /// Reads the CA files, which are read again when they change.
    pub fn new(hosts: Hosts, deadlines: Deadlines) -> Result<Self, RegistriesError> {
        let plain = build_http(None, None, &deadlines)?;
        let mut special = Vec::new();
        for host in hosts.registries.values().filter(|host| host.ca_file.is_some() || host.proxy.is_some()) {
            special.push(Special::of(host, &deadlines)?);
        }
        Ok(Self { hosts, plain, special: Arc::new(Mutex::new(special)), deadlines })
    }

    /// What a base image is now. Reads no content: one request, two where the registry wants a token first.
    pub async fn look_at_base(
        &self,
        base: &BaseReference,
        credentials: Option<&Credentials>,
    ) -> Result<BaseSeen, ImageError> {
        let session = self.session(&base.repository, credentials, Purpose::Pull)?;
        let at = match (&base.digest, &base.tag) {
            (Some(digest), _) => ManifestRef::Digest(digest),
            (None, tag) => ManifestRef::Tag(tag.as_deref().unwrap_or("latest")),
        };
        let seen = self.look(&session, "looking at an image", session.look_at_manifest(at)).await?;
        let digest = seen.ok_or_else(|| session.error(Problem::ImageNotFound(base.to_string())))?;
        Ok(BaseSeen { digest })
    }

    /// The value that a base image gives to a variable of the environment, if it gives one.
    pub async fn look_at_variable(
        &self,
        (base, digest, platform): (&BaseReference, &Digest, &Platform),
        name: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Option<String>, ImageError> {
        let session = self.session(&base.repository, credentials, Purpose::Pull)?;
        let reading = base::read(&session, digest, platform);
        let (_, config) = self.look(&session, "reading an image's config", reading).await?;
        Ok(environment(&config, name))
    }

    /// Whether an image can be pulled: its manifest is there, and all that it names.
    pub async fn look_for_image(
        &self,
        repository: &ImageRepository,
        digest: &Digest,
        credentials: Option<&Credentials>,
    ) -> Result<ImageSeen, ImageError> {
        let session = self.session(repository, credentials, Purpose::Pull)?;
        self.look(&session, "looking for an image", look_for(&session, digest)).await
    }

    /// Proves the right to push, by pushing two bytes once; afterwards it changes nothing. No image and no tag is made.
    pub async fn check_push(
        &self,
        repository: &ImageRepository,
        credentials: Option<&Credentials>,
    ) -> Result<(), ImageError> {
        let session = self.session(repository, credentials, Purpose::Push)?;
        self.look(&session, "beginning an upload", session.try_upload()).await
    }

    pub(super) fn session(
        &self,
        repository: &ImageRepository,
        credentials: Option<&Credentials>,
        purpose: Purpose,
    ) -> Result<Session, ImageError> {
        let registry = repository.registry();
        let host = self.hosts.registry(registry);
        let http = {
            let mut special = self.special.lock().unwrap_or_else(PoisonError::into_inner);
            let special = special.iter_mut().find(|special| special.settings == host);
            special.map_or_else(|| self.plain.clone(), |special| special.current(&self.deadlines))
        };
        let endpoint = Endpoint::new(registry, host.plain_http, http, self.deadlines).ok_or_else(|| ImageError {
            at: Place { registry: registry.to_owned(), repository: repository.path().to_owned() },
            problem: Problem::Unreachable("its name makes no address".to_owned()),
        })?;
        Session::new(endpoint, repository, credentials, purpose)
    }

    pub(super) fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    async fn look<T>(
        &self,
        session: &Session,
        doing: &'static str,
        asking: impl Future<Output = Result<T, ImageError>>,
    ) -> Result<T, ImageError> {
        let after = self.deadlines.look;
        let answer = tokio::time::timeout(after, asking).await;
        answer.unwrap_or_else(|_| Err(session.error(Problem::TimedOut { doing, after })))
    }
}

async fn look_for(session: &Session, digest: &Digest) -> Result<ImageSeen, ImageError> {
    let Some(manifest) = session.read_manifest(ManifestRef::Digest(digest)).await? else {
        return Ok(ImageSeen::Gone(format!("the image {}", session.named(digest))));
    };
    let Document::Image(image) = Document::parse(&manifest).map_err(|problem| session.error(problem))? else {
        return Ok(ImageSeen::Whole);
    };
    let blobs: Vec<_> = image.blobs.iter().chain([&image.config]).collect();
    let missing = session.first_missing(blobs).await?;
    Ok(missing.map_or(ImageSeen::Whole, |blob| {
        ImageSeen::Gone(format!("the blob {} of image {}", blob.digest, session.named(digest)))
    }))
}
