//! What a Secret for a Git host may contain. Pure.
//!
//! Secrets that were made for Flux (`username`, `password`, `bearerToken`, `identity`, `known_hosts`, `ca.crt`, `tls.crt`, `tls.key`)
//! work as they are. Those for SSH of Argo CD (`sshPrivateKey`) and of the type `ssh-auth` (`ssh-privatekey`) have no `known_hosts`, which
//! has to be added; their others (`username`, `password`) work as they are. `docs/git.md` has the table.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{GitProvider, GitScheme, RepositoryUrl};
use crate::tls::{self, Identity};

/// Where tools put a private key.
const PRIVATE_KEYS: [&str; 3] = ["identity", "sshPrivateKey", "ssh-privatekey"];

/// How a key in OpenSSH's own format begins (`openssh-key-v1`), and how it goes on where nothing locks it (the cipher `none`; OpenSSH's PROTOCOL.key).
const OF_OPENSSH: (&str, &str) = ("b3BlbnNzaC1rZXktdjEA", "AAAABG5vbmU");

/// Who asks. The `Debug` forms show nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A user name and a password or token, over HTTP.
    Basic(BasicCredentials),
    /// A token by itself, over HTTP.
    Bearer(String),
    /// A key, over SSH.
    Ssh(SshKey),
}

/// A user name and a password or token.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// The user name. Many hosts take any, if the password is a token.
    pub username: String,
    /// The password or token.
    pub password: String,
}

/// A private key, and whom it is shown to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    /// Under which key the Secret has it, for messages.
    pub name: String,
    /// As OpenSSH or OpenSSL write it.
    pub private_key: String,
    /// What the key is locked with.
    pub passphrase: Option<String>,
    /// The keys of hosts, as OpenSSH keeps them; no other host is spoken to.
    pub known_hosts: String,
}

/// A certificate that the operator shows to a host that asks for one over TLS, and its key; PEM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// The certificate, and those that lead to its authority.
    pub certificate: String,
    /// The key of the first.
    pub key: String,
}

impl ClientCertificate {
    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { certificate: self.certificate.as_bytes(), key: self.key.as_bytes() }
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate(masked)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(masked)")
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BasicCredentials(masked)")
    }
}

impl fmt::Debug for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SshKey(masked)")
    }
}

/// What a Secret says: who asks, and whom to believe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretContent {
    /// Who asks; a Secret may hold a CA only.
    pub credentials: Option<Credentials>,
    /// What is shown to a host that wants to know who connects.
    pub certificate: Option<ClientCertificate>,
    /// Certificates that the host is believed by, in place of all others; PEM.
    pub ca: Option<Vec<u8>>,
}

/// What is wrong with a Secret, as the rest of a sentence that begins with its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretFault(String);

impl Credentials {
    /// The key of the Secret whose value ends in a line break, as files do: hosts seldom mean it.
    pub fn ends_in_a_line_break(&self) -> Option<&'static str> {
        match self {
            Credentials::Basic(BasicCredentials { username, password }) => {
                [(password, "password"), (username, "username")]
                    .into_iter()
                    .find(|(value, _)| value.ends_with(['\n', '\r']))
                    .map(|(_, key)| key)
            }
            // A header cannot have one, so it is not sent; in a key it belongs there.
            Credentials::Bearer(_) | Credentials::Ssh(_) => None,
        }
    }

    /// Every text that must not be told to anybody.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let all = match self {
            Credentials::Basic(basic) => vec![basic.password.as_str(), basic.username.as_str()],
            Credentials::Bearer(token) => vec![token.as_str()],
            Credentials::Ssh(key) => key.passphrase.as_deref().into_iter().collect(),
        };
        all.into_iter().filter(|secret| !secret.is_empty()).collect()
    }
}

/// What the Secret with these keys says for this repository.
pub fn read_secret(url: &RepositoryUrl, data: &BTreeMap<String, Vec<u8>>) -> Result<SecretContent, SecretFault> {
    let keys = Keys(data);
    if url.scheme() == GitScheme::Ssh {
        return Ok(SecretContent { credentials: Some(Credentials::Ssh(keys.ssh_key()?)), ..SecretContent::default() });
    }
    let ca = keys.ca()?;
    over_http(&keys, ca, "bearerToken")
}

/// The same for the API that lists releases: a token may stand in `password` alone, and GitLab's API takes nothing but tokens.
pub fn read_release_secret(
    url: &RepositoryUrl,
    provider: GitProvider,
    data: &BTreeMap<String, Vec<u8>>,
) -> Result<SecretContent, SecretFault> {
    let has = |key: &str| data.contains_key(key);
    let keys = Keys(data);
    // Beside a private key, it is the key's passphrase, which is nobody's to be told.
    if PRIVATE_KEYS.iter().any(|key| has(key)) && !has("bearerToken") && !has("username") {
        return Err(keys.nothing_of_use());
    }
    let is_token = has("password") && !has("bearerToken") && (provider == GitProvider::GitLab || !has("username"));
    if !is_token {
        return read_secret(url, data);
    }
    let ca = keys.ca()?;
    over_http(&keys, ca, "password")
}

/// What it says for a host that is spoken to over HTTP.
fn over_http(keys: &Keys<'_>, ca: Option<Vec<u8>>, token: &str) -> Result<SecretContent, SecretFault> {
    let credentials = match keys.token(token)? {
        Some(token) => Some(Credentials::Bearer(token)),
        None => match (keys.text("username")?, keys.text("password")?) {
            (Some(username), Some(password)) => Some(Credentials::Basic(BasicCredentials { username, password })),
            (Some(_), None) => return Err(missing("password")),
            // Beside a private key, it is the key's passphrase.
            (None, Some(_)) if keys.private_key().is_some() => return Err(keys.nothing_of_use()),
            (None, Some(_)) => return Err(missing("username")),
            (None, None) => None,
        },
    };
    let certificate = match (keys.text("tls.crt")?, keys.text("tls.key")?) {
        (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
        (Some(_), None) => return Err(missing("tls.key")),
        (None, Some(_)) => return Err(missing("tls.crt")),
        (None, None) => None,
    };
    if let Some(one) = &certificate {
        tls::check_identity(one.identity())
            .map_err(|fault| SecretFault(format!("is no use: {fault} (keys tls.crt and tls.key)")))?;
    }
    match credentials {
        None if ca.is_none() && certificate.is_none() => Err(keys.nothing_of_use()),
        credentials => Ok(SecretContent { credentials, certificate, ca }),
    }
}

fn missing(key: &str) -> SecretFault {
    SecretFault(format!("has no key {key}"))
}

struct Keys<'a>(&'a BTreeMap<String, Vec<u8>>);

impl Keys<'_> {
    /// Whom to believe.
    fn ca(&self) -> Result<Option<Vec<u8>>, SecretFault> {
        let ca = self.text("ca.crt")?.map(String::into_bytes);
        if let Some(pem) = &ca {
            tls::check_trust(pem)
                .map_err(|fault| SecretFault(format!("has a key ca.crt that is no use: it {}", fault.why())))?;
        }
        Ok(ca)
    }

    /// A value that somebody meant; what no host can be told is an error.
    fn text(&self, key: &str) -> Result<Option<String>, SecretFault> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        let fault = |what: &str| Err(SecretFault(format!("has a key {key} {what}")));
        match std::str::from_utf8(value) {
            Ok("") => fault("without a value"),
            Ok(text) if text.contains('\0') => fault("with a NUL character in it"),
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => fault("that is not UTF-8 text"),
        }
    }

    /// A value that goes into a header as it is, but for line breaks at its end: a header can have none, nor any other control character.
    fn token(&self, key: &str) -> Result<Option<String>, SecretFault> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let token = text.trim_end_matches(['\n', '\r']);
        let fault = |what: &str| Err(SecretFault(format!("has a key {key} {what}")));
        match token.chars().find(|c| c.is_control()) {
            Some('\n' | '\r') => {
                fault("with a line break within it, so no header can have it; put the token alone into it")
            }
            Some(_) => fault("with a control character in it, so no header can have it; put the token alone into it"),
            None if token.is_empty() => fault("without a value"),
            None => Ok(Some(token.to_owned())),
        }
    }

    fn ssh_key(&self) -> Result<SshKey, SecretFault> {
        let Some(key) = self.private_key() else {
            return Err(SecretFault("has no key identity with a private key, and the URL is one of SSH".to_owned()));
        };
        let private_key = self.text(key)?.unwrap_or_default();
        if !private_key.contains("-----BEGIN ") || !private_key.contains("PRIVATE KEY-----") {
            return Err(SecretFault(format!("has a key {key} that is no private key as ssh-keygen writes it")));
        }
        // Nobody types a line break into a passphrase, and many a file ends with one.
        let passphrase = self.text("password")?.map(|text| text.trim_end_matches(['\n', '\r']).to_owned());
        if is_locked(&private_key) && passphrase.is_none() {
            return Err(SecretFault(format!(
                "has a key {key} that is locked, and no key password with its passphrase"
            )));
        }
        let known_hosts = self.text("known_hosts")?.ok_or_else(|| {
            SecretFault("has no key known_hosts; put what ssh-keyscan says of the host into it".to_owned())
        })?;
        Ok(SshKey { name: key.to_owned(), private_key, passphrase, known_hosts })
    }

    /// Under which of its names it has one.
    fn private_key(&self) -> Option<&'static str> {
        PRIVATE_KEYS.into_iter().find(|key| self.0.contains_key(*key))
    }

    fn nothing_of_use(&self) -> SecretFault {
        SecretFault(match self.private_key() {
            Some(key) => format!("has an SSH key (key {key}), and the URL is one of HTTP"),
            None => "has no key username and no key bearerToken".to_owned(),
        })
    }
}

/// Whether a private key needs a passphrase: PEM says so in words, OpenSSH's own format in its first bytes.
fn is_locked(private_key: &str) -> bool {
    let (beginning, unlocked) = OF_OPENSSH;
    let body = private_key.split_once("-----BEGIN OPENSSH PRIVATE KEY-----").map_or("", |(_, body)| body.trim_start());
    private_key.contains("ENCRYPTED")
        || body.strip_prefix(beginning).is_some_and(|cipher| !cipher.starts_with(unlocked))
}

#[cfg(test)]
mod tests;
