//! A registry in memory with the habits of those that people really use, one knob each. Without any it is like everybody
//! expects one to be.

mod answers;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use serde_json::{Value, json};
use tengine_operator::domain::Digest;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::base::{INDEX, Image, descriptor};

const DIGEST: &str = "docker-content-digest";

/// What is unlike the specification's example.
#[derive(Default)]
pub struct Habits {
    /// How a mount is refused.
    pub mount: Option<u16>,
    /// How HEAD is refused.
    pub head: Option<u16>,
    /// How writing a manifest under a tag is refused.
    pub tag: Option<u16>,
    /// How writing a manifest under its digest is refused.
    pub by_digest: Option<u16>,
    /// What is said of a content's digest.
    pub digest: Told,
    /// Who may come in.
    pub login: Login,
    /// What the token service answers; a token for what was asked if nothing is set.
    pub token: Option<(u16, &'static str)>,
    /// The token service gives nothing to whoever asks for this repository besides one to push to.
    pub secret_repository: Option<&'static str>,
    /// GETs with this in their path wait until they are let go.
    pub hold: Option<&'static str>,
    /// A page to log in at instead of these answers, with a 200.
    pub page: Page,
    /// Whatever is asked for the first time is done, and answered with a 500.
    pub trips: bool,
}

/// The digest header.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    #[default]
    Right,
    Nothing,
    /// One of another kind than sha256.
    Foreign,
}

/// The challenge of a 401.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    #[default]
    Open,
    Basic,
    Bearer,
    /// None at all.
    Unexplained,
    /// None but at `/v2/`.
    AtTheDoor,
    /// One that we do not know.
    Negotiate,
}

/// Where the page comes.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    #[default]
    Nowhere,
    Manifests,
    Blobs,
}

/// A running one. Ends with the test.
pub struct Imitation {
    /// `127.0.0.1:port`.
    pub host: String,
    shared: Arc<Shared>,
}

struct Shared {
    habits: Habits,
    host: String,
    content: Mutex<Content>,
    /// How many requests waited so far.
    held: watch::Sender<usize>,
    going: Semaphore,
}

#[derive(Default)]
struct Content {
    blobs: BTreeMap<(String, String), Bytes>,
    manifests: BTreeMap<(String, String), (String, Bytes)>,
    requests: Vec<String>,
    tokens: Vec<String>,
    /// Blobs that repositories had and that were never sent to them.
    mounted: HashSet<String>,
}

impl Imitation {
    pub async fn with(habits: Habits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            habits,
            host: host.clone(),
            content: Mutex::default(),
            held: watch::Sender::new(0),
            going: Semaphore::new(0),
        });
        let router = Router::new().fallback(answers::answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, shared }
    }

    /// Has an image under a tag, without being asked; says its digest.
    pub fn has(&self, repository: &str, tag: &str, image: &Image) -> Digest {
        for bytes in image.layers.iter().chain([&image.config()]) {
            self.has_blob(repository, bytes);
        }
        self.has_manifest(repository, tag, image.media_type, &image.manifest())
    }

    /// Has an index under a tag.
    pub fn has_index(&self, repository: &str, tag: &str, entries: &[Value]) -> Digest {
        self.has_manifest(repository, tag, INDEX, &index(entries))
    }

    pub fn has_blob(&self, repository: &str, bytes: &[u8]) {
        let key = (repository.to_owned(), Digest::of(bytes).to_string());
        self.content().blobs.insert(key, Bytes::copy_from_slice(bytes));
    }

    fn has_manifest(&self, repository: &str, tag: &str, media_type: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        for name in [tag, digest.as_ref()] {
            let manifest = (media_type.to_owned(), Bytes::copy_from_slice(bytes));
            self.content().manifests.insert((repository.to_owned(), name.to_owned()), manifest);
        }
        digest
    }

    /// What is under a tag or digest.
    pub fn manifest(&self, repository: &str, at: &str) -> Option<Value> {
        let (_, bytes) = self.content().manifests.get(&(repository.to_owned(), at.to_owned()))?.clone();
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    /// Forgets a manifest with all its tags, as retention does.
    pub fn lose_manifest(&self, repository: &str, digest: &Digest) {
        self.content().manifests.retain(|(at, _), (_, bytes)| at != repository || Digest::of(bytes) != *digest);
    }

    /// Forgets a blob.
    pub fn lose_blob(&self, repository: &str, digest: &Digest) {
        self.content().blobs.remove(&(repository.to_owned(), digest.to_string())).expect("it was there");
    }

    /// `METHOD PATH` of all that was asked, tokens aside.
    pub fn requests(&self) -> Vec<String> {
        self.content().requests.clone()
    }

    /// The scopes of each token that was asked for.
    pub fn tokens(&self) -> Vec<String> {
        self.content().tokens.clone()
    }

    /// Whether a blob came by mounting.
    pub fn mounted(&self, digest: &Digest) -> bool {
        self.content().mounted.contains(digest.as_ref())
    }

    /// Lets so many of those go that wait.
    pub fn let_go(&self, requests: usize) {
        self.shared.going.add_permits(requests);
    }

    /// Waits until so many had to wait.
    pub async fn holds(&self, requests: usize) {
        self.shared.held.subscribe().wait_for(|held| *held >= requests).await.unwrap();
    }

    fn content(&self) -> std::sync::MutexGuard<'_, Content> {
        self.shared.content.lock().unwrap()
    }
}

/// An index over these entries.
pub fn index(entries: &[Value]) -> Vec<u8> {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).to_string().into_bytes()
}

/// The entry of an image in an index, with its platform.
pub fn entry(image: &Image) -> Value {
    let mut entry = bare_entry(image);
    entry["platform"] = json!({"os": "linux", "architecture": image.architecture});
    entry
}

/// The same without its platform.
pub fn bare_entry(image: &Image) -> Value {
    descriptor(image.media_type, &image.manifest())
}
