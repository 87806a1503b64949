//! What goes over the pipes between the operator and its worker process.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::pack_error::PackFault;
use super::pass_on::{PassFault, PassOn, PassedOn};
use super::{
    BasicCredentials, Checking, ClientCertificate, CommitFacts, Comparison, Credentials, HostAccess, Limits, Place,
    Reference, Remote, Seen, SourceError, SshKey,
};
use crate::domain::{CommitId, Digest, RepositoryUrl};
use crate::worker::Needs;

/// One thing to do.
#[derive(Serialize, Deserialize)]
pub(crate) enum Question {
    Resolve { remote: WireRemote, references: Vec<Reference> },
    Pack { remote: WireRemote, place: Place, by_name: bool, check: Checking, limits: Limits },
    Compare { remote: WireRemote, new: Place, old: Place, limits: Limits },
    PassOn { remote: WireRemote, order: PassOn, limits: Limits },
}

impl Needs for Question {
    fn ports(&self) -> Vec<u16> {
        let (Self::Resolve { remote, .. }
        | Self::Pack { remote, .. }
        | Self::Compare { remote, .. }
        | Self::PassOn { remote, .. }) = self;
        let proxy = remote.proxy.as_deref().and_then(|proxy| proxy.parse::<axum::http::Uri>().ok());
        let proxy = proxy.map(|proxy| proxy.port_u16().unwrap_or_else(|| usual_port(proxy.scheme_str())));
        [Some(remote.url.port()), proxy].into_iter().flatten().collect()
    }
}

/// The port of an address that names none.
fn usual_port(scheme: Option<&str>) -> u16 {
    if scheme == Some("https") { 443 } else { 80 }
}

/// A [`Remote`] with its secrets in the open; the only form of it that can be serialised.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireRemote {
    pub(super) url: RepositoryUrl,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
    /// A token by itself.
    #[serde(default)]
    pub(super) bearer: Option<String>,
    #[serde(default)]
    pub(super) ssh: Option<SshKey>,
    /// The key of the Secret whose value ends in a line break.
    #[serde(default)]
    pub(super) broken_line: Option<String>,
    pub(super) proxy: Option<String>,
    /// The certificates that are trusted for this host, in place of the system's. PEM.
    #[serde(default)]
    pub(super) ca: Option<Vec<u8>>,
    #[serde(default)]
    pub(super) certificate: Option<ClientCertificate>,
    /// How long the parent waits for the answer.
    pub(super) deadline: Duration,
}

impl WireRemote {
    pub(super) fn of(remote: &Remote, deadline: Duration) -> Result<Self, SourceError> {
        let (mut username, mut password, mut bearer, mut ssh) = (None, None, None, None);
        match remote.credentials.clone() {
            Some(Credentials::Basic(basic)) => (username, password) = (Some(basic.username), Some(basic.password)),
            Some(Credentials::Bearer(token)) => bearer = Some(token),
            Some(Credentials::Ssh(key)) => ssh = Some(key),
            None => {}
        }
        let broken_line = remote.credentials.as_ref().and_then(Credentials::ends_in_a_line_break);
        Ok(Self {
            url: remote.url.clone(),
            username,
            password,
            bearer,
            ssh,
            broken_line: broken_line.map(str::to_owned),
            proxy: remote.access.proxy.clone(),
            ca: remote.access.bundle(remote.url.authority())?,
            certificate: remote.access.certificate.clone(),
            deadline,
        })
    }

    /// What it was made of, as far as HTTP goes.
    pub(super) fn reached_over_http(&self) -> Remote {
        let basic = self.username.clone().zip(self.password.clone());
        let basic = basic.map(|(username, password)| Credentials::Basic(BasicCredentials { username, password }));
        let credentials = basic.or_else(|| self.bearer.clone().map(Credentials::Bearer));
        let access = HostAccess {
            ca_file: None,
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            proxy: self.proxy.clone(),
        };
        Remote { url: self.url.clone(), credentials, access }
    }
}

/// Where one reference is, or why that cannot be said.
pub(crate) type Found = (Reference, Result<Seen, SourceError>);

/// What was heard of references.
#[derive(Serialize, Deserialize)]
pub(crate) struct Resolved {
    pub(super) found: Vec<Found>,
    /// Tags, and the commits they are on, of which it takes the host's releases to say which count.
    pub(super) tags: Vec<(String, CommitId)>,
}

/// The answer to a [`Question`], in the same order.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Resolved(Result<Resolved, SourceError>),
    Packed(Result<PackedAnswer, PackFault>),
    Compared(Result<Comparison, PackFault>),
    PassedOn(Result<PassedOn, PassFault>),
}

/// A packed definition; the layer is in the room.
#[derive(Serialize, Deserialize)]
pub(crate) struct PackedAnswer {
    pub(super) commit: CommitFacts,
    pub(super) tree: Digest,
    pub(super) version: String,
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) checked: Option<crate::dsl::Summary>,
    pub(super) findings: Vec<crate::dsl::Diagnostic>,
    pub(super) notes: Vec<String>,
}
