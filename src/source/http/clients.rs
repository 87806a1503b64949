//! The HTTP clients, one for each way of reaching hosts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Client;

use crate::domain::Digest;
use crate::source::{ClientCertificate, HostAccess, Remote, SourceError};
use crate::tls::{TlsError, Trust, build_client, client_config};

/// Connections outlive the usual interval between two looks, so that a look at rest needs no handshake.
const IDLE: Duration = Duration::from_secs(90);

/// How many ways are remembered: bundles are rotated, and what nobody uses any more must not stay for ever.
const MOST_WAYS: usize = 256;

/// Clients by the content of what they were made of. A clone shares them.
#[derive(Clone, Default)]
pub(in crate::source) struct Clients(Arc<Mutex<HashMap<Way, Client>>>);

/// A way of reaching hosts: through which proxy, with trust in which bundle, and showing which certificate.
pub(super) type Way = (Option<String>, Option<Digest>, Option<Digest>);

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clients")
    }
}

impl Clients {
    /// The client for this remote. Its CA file is read each time, so that a rotated bundle counts at once.
    pub(super) fn reaching(&self, remote: &Remote) -> Result<(Client, Way), SourceError> {
        let access = &remote.access;
        let host = || remote.url.authority().to_owned();
        if access.proxy.is_some() && remote.url.is_plain_http() {
            let detail = "only https goes through a proxy, and the URL is http".to_owned();
            return Err(SourceError::ProxyRefused { host: host(), detail });
        }
        let bundle = access.bundle(remote.url.authority())?;
        let shown = access.certificate.as_ref();
        let shown = shown.map(|one| Digest::of(format!("{}\0{}", one.certificate, one.key).as_bytes()));
        let way = (access.proxy.clone(), bundle.as_deref().map(Digest::of), shown);
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&way) {
            return Ok((client.clone(), way));
        }
        let client = build(access, bundle.as_deref(), host)?;
        if clients.len() >= MOST_WAYS {
            clients.clear();
        }
        clients.insert(way.clone(), client.clone());
        Ok((client, way))
    }
}

fn build(access: &HostAccess, bundle: Option<&[u8]>, host: impl Fn() -> String) -> Result<Client, SourceError> {
    let proxy = access
        .proxy
        .as_deref()
        .map(reqwest::Proxy::all)
        .transpose()
        .map_err(|_| SourceError::ProxyRefused { host: host(), detail: "its address cannot be used".to_owned() })?;
    let builder = || {
        let builder = Client::builder()
            .user_agent(concat!("git/2.40 (tengine-operator/", env!("CARGO_PKG_VERSION"), ")"))
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(4)
            .no_proxy();
        proxy.iter().cloned().fold(builder, reqwest::ClientBuilder::proxy)
    };
    let shown = access.certificate.as_ref().map(ClientCertificate::identity);
    let trust = bundle.map(Trust::Only).or_else(|| shown.map(|_| Trust::System));
    let config = trust.map(|trust| client_config(trust, shown)).transpose();
    let config = config.map_err(|error| {
        let what = match &error {
            TlsError::Trust(_) => access.trusted_by(),
            TlsError::Identity(_) => "the client certificate".to_owned(),
        };
        SourceError::TrustUnusable { host: host(), what, detail: format!("it {}", error.why()) }
    })?;
    build_client(builder, config).map_err(|_| SourceError::Local { detail: "no HTTP client could be made".to_owned() })
}
