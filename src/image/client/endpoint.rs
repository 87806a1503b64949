//! How a registry is reached: its address, its connections, and how long we wait.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::tls::{TlsError, Trust, build_client, client_config};
use crate::words;

/// How long we wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until a connection is there, TLS included.
    pub connect: Duration,
    /// Until a request without large content is answered, and again until the answer has been read.
    pub call: Duration,
    /// How long a blob on its way may stand still.
    pub stall: Duration,
    /// For a look at an image, or at the right to push, with all its requests.
    pub look: Duration,
    /// For building an image with all its requests.
    pub append: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            look: Duration::from_secs(45),
            append: Duration::from_mins(10),
        }
    }
}

/// Why no client for a registry can be made.
#[derive(Debug, thiserror::Error)]
pub enum RegistriesError {
    /// A CA file that cannot be read.
    #[error("cannot read {}: {}", path.display(), words::of_a_file(error))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A CA file without usable certificates, or a proxy that is none.
    #[error("cannot be used to reach a registry: {what} {why}")]
    Unusable {
        /// The file or proxy.
        what: String,
        /// Why, as the rest of a sentence that begins with it.
        why: &'static str,
    },
}

/// One registry.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `https://host:port/`, or the same with `http`.
    pub(super) base: Url,
    pub(super) http: reqwest::Client,
    pub(super) deadlines: Deadlines,
}

impl Endpoint {
    /// `registry` is `host` or `host:port`; `None` if no URL can be made of it.
    pub(in crate::image) fn new(
        registry: &str,
        plain_http: bool,
        http: reqwest::Client,
        deadlines: Deadlines,
    ) -> Option<Self> {
        let scheme = if plain_http { "http" } else { "https" };
        // Docker Hub's images are named after a host that is not where its registry is.
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        let base = Url::parse(&format!("{scheme}://{host}/")).ok()?;
        Some(Self { base, http, deadlines })
    }
}

/// A client with the system's certificates and those of `ca_file`, through `proxy`.
pub fn build_http(
    ca_file: Option<&PathBuf>,
    proxy: Option<&str>,
    deadlines: &Deadlines,
) -> Result<reqwest::Client, RegistriesError> {
    let tls = match ca_file {
        None => None,
        Some(path) => {
            let pem = std::fs::read(path).map_err(|error| RegistriesError::Unreadable { path: path.clone(), error })?;
            let unusable =
                |error: TlsError| RegistriesError::Unusable { what: path.display().to_string(), why: error.why() };
            Some(client_config(Trust::Besides(&pem), None).map_err(unusable)?)
        }
    };
    let proxy = match proxy {
        None => None,
        Some(url) => {
            let unusable =
                |_| RegistriesError::Unusable { what: "a proxy".to_owned(), why: "has no URL that can be used" };
            Some(reqwest::Proxy::all(url).map_err(unusable)?)
        }
    };
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("tengine-operator/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(deadlines.connect)
            .pool_idle_timeout(Duration::from_secs(20))
            .no_proxy();
        match &proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder,
        }
    };
    let unusable = |error: reqwest::Error| {
        tracing::debug!(error = words::in_full(&error), "no HTTP client could be made");
        RegistriesError::Unusable { what: "TLS".to_owned(), why: "takes no settings on this system" }
    };
    build_client(builder, tls).map_err(unusable)
}
