//! Git's smart HTTP, and the APIs beside it: how a host is asked, and what its answers mean before anybody reads them.
//!
//! What it guarantees:
//!
//! - Credentials are sent at once where there are some, to the scheme, host and port of the repository's URL only.
//! - A redirect is followed within those, and the rest of the conversation goes where it led; one that leads elsewhere is an error that
//!   says where.
//! - Connections are kept between questions. Only those share them that reach the host in the same way.

mod answer;
mod clients;
mod document;
mod failure;
mod packets;

use reqwest::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Client, Method, Request, Response, Url};

use super::{Credentials, Remote, SourceError};
use crate::domain::{Digest, KeyHasher};
use crate::words::shown::shown;
pub(super) use clients::Clients;
use clients::Way;
pub(super) use document::Document;
pub(super) use packets::{DELIMITER, FLUSH, Packet, Packets, write_line};

/// What of a repository is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What gives objects out.
    GivesOut,
    /// What takes them in.
    TakesIn,
}

impl Part {
    /// As it is named in URLs and media types.
    const fn service(self) -> &'static str {
        match self {
            Self::GivesOut => "git-upload-pack",
            Self::TakesIn => "git-receive-pack",
        }
    }
}

/// How many redirects in a row are followed.
const MOST_REDIRECTS: usize = 5;

/// One conversation with one repository.
pub(super) struct Conversation<'a> {
    remote: &'a Remote,
    part: Part,
    client: Client,
    way: Way,
    /// The repository's URL, or where it was redirected to.
    base: String,
    is_elsewhere: bool,
    authorization: Option<HeaderValue>,
    /// The version of the protocol that is asked for.
    version: Option<HeaderValue>,
}

impl<'a> Conversation<'a> {
    pub(super) fn with(remote: &'a Remote, clients: &Clients) -> Result<Self, SourceError> {
        let (client, way) = clients.reaching(remote)?;
        let base = remote.url.as_ref().trim_end_matches('/').to_owned();
        let authorization = remote.credentials.as_ref().and_then(authorization);
        let version = Some(HeaderValue::from_static("version=2"));
        Ok(Self { remote, part: Part::GivesOut, client, way, base, is_elsewhere: false, authorization, version })
    }

    /// The same with this part of the repository.
    pub(super) const fn about(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// The same in version 0, with the repository where it turned out to be.
    pub(super) fn in_version_0(mut self, base: Option<String>) -> Self {
        self.version = None;
        self.base = base.unwrap_or(self.base);
        self
    }

    /// The repository's URL, or where it was redirected to.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// What the repository advertises.
    pub(super) async fn advertisement(&mut self) -> Result<Packets<'_>, SourceError> {
        let service = self.part.service();
        let mut url = self.url(&format!("{}/info/refs?service={service}", self.base))?;
        for _ in 0..=MOST_REDIRECTS {
            let mut request = Request::new(Method::GET, url.clone());
            request.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            let response = self.send(request).await?;
            if !response.status().is_redirection() {
                self.base = base_of(&url).unwrap_or_else(|| self.base.clone());
                let response = self.accepted(response, &format!("application/x-{service}-advertisement")).await?;
                return Ok(Packets::of(self, response));
            }
            url = self.redirected(&url, &response)?;
            self.is_elsewhere = true;
        }
        Err(self.redirect_refused("it is sent from one address to the next without an end"))
    }

    /// What the service answers to this command.
    pub(super) async fn command(&self, body: Vec<u8>) -> Result<Packets<'_>, SourceError> {
        Ok(Packets::of(self, self.result(body).await?))
    }

    /// The same, of an answer that may be of any length.
    pub(super) async fn objects(&self, body: Vec<u8>) -> Result<Packets<'_>, SourceError> {
        Ok(Packets::of(self, self.result(body).await?).without_an_end())
    }

    /// The same, as it comes.
    pub(super) async fn result(&self, body: Vec<u8>) -> Result<Response, SourceError> {
        let service = self.part.service();
        let mut request = Request::new(Method::POST, self.url(&format!("{}/{service}", self.base))?);
        let (asks, answers) = match self.part {
            Part::GivesOut => ("application/x-git-upload-pack-request", "application/x-git-upload-pack-result"),
            Part::TakesIn => ("application/x-git-receive-pack-request", "application/x-git-receive-pack-result"),
        };
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asks));
        headers.insert(ACCEPT, HeaderValue::from_static(answers));
        *request.body_mut() = Some(body.into());
        let response = self.send(request).await?;
        if response.status().is_redirection() {
            return Err(self.redirect_refused("it takes the question and points elsewhere for the answer"));
        }
        self.accepted(response, answers).await
    }

    async fn send(&self, mut request: Request) -> Result<Response, SourceError> {
        if let Some(version) = &self.version {
            request.headers_mut().insert("git-protocol", version.clone());
        }
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        self.client.execute(request).await.map_err(|error| self.failure(&error))
    }

    fn url(&self, text: &str) -> Result<Url, SourceError> {
        let unusable = |_| SourceError::NotARepository { url: self.remote.url.to_string() };
        Url::parse(text).map_err(unusable)
    }

    /// Where a redirect leads, if it stays with this host.
    fn redirected(&self, from: &Url, response: &Response) -> Result<Url, SourceError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(to) = location.and_then(|location| from.join(location).ok()) else {
            return Err(self.redirect_refused("it does not say where to"));
        };
        if to.origin() == from.origin() {
            return Ok(to);
        }
        let place = base_of(&to).unwrap_or_else(|| to.origin().ascii_serialization());
        Err(self.redirect_refused(&format!("it points to {}", one_line(&place))))
    }

    fn redirect_refused(&self, detail: &str) -> SourceError {
        SourceError::Redirected { url: self.remote.url.to_string(), detail: detail.to_owned() }
    }

    /// The URL of the repository, as it was given.
    pub(super) fn repository(&self) -> String {
        self.remote.url.to_string()
    }

    /// A name for who asks for what in which way, which tells nothing of it.
    pub(super) fn who(&self) -> u64 {
        self.reaches()
            .part("url", self.repository())
            .part("authorization", self.authorization.as_ref().map(HeaderValue::as_bytes).unwrap_or_default())
            .number()
    }

    /// The same for the host, whatever is asked for and by whom.
    pub(super) fn host_asked(&self) -> u64 {
        let scheme = if self.remote.url.is_plain_http() { "http" } else { "https" };
        self.reaches().part("scheme", scheme).part("host", self.host()).number()
    }

    fn reaches(&self) -> KeyHasher {
        let (proxy, trust, shown) = &self.way;
        KeyHasher::default()
            .part("proxy", proxy.as_deref().unwrap_or_default())
            .part("trust", trust.as_ref().map(Digest::hex).unwrap_or_default())
            .part("shown", shown.as_ref().map(Digest::hex).unwrap_or_default())
    }

    /// Whether the repository was found by a redirect.
    pub(super) const fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    fn host(&self) -> String {
        self.remote.url.authority().to_owned()
    }
}

/// What stands before `/info/refs`, without credentials.
fn base_of(url: &Url) -> Option<String> {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = (url.set_username(""), url.set_password(None));
    url.as_str().strip_suffix("/info/refs").map(str::to_owned)
}

fn authorization(credentials: &Credentials) -> Option<HeaderValue> {
    use base64::Engine as _;
    let text = match credentials {
        Credentials::Basic(basic) => {
            let both = format!("{}:{}", basic.username, basic.password);
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
        }
        Credentials::Bearer(token) => format!("Bearer {token}"),
        Credentials::Ssh(_) => return None,
    };
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The longest text of a host's that is passed on, in characters.
const LONGEST_DETAIL: usize = 200;

/// A host's text as one printable line.
fn one_line(text: &str) -> String {
    let line = shown(text).chars().take(LONGEST_DETAIL).collect::<String>();
    line.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}
