//! Addresses of Git repositories.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};

/// `https://host[:port]/path` or the same with `http`, without user name, password, query or fragment;
/// `ssh://[user@]host[:port]/path`, or `user@host:path`, without a password.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryUrl(String);
text_value!(RepositoryUrl);

/// How a repository is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitScheme {
    /// HTTP over TLS.
    Https,
    /// HTTP in the open.
    Http,
    /// SSH.
    Ssh,
}

/// The user that Git hosts have for everybody.
const SSH_USER: &str = "git";

const RULE: &str = "use https://HOST/PATH, http://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH, \
     with credentials in the Secret that secretRef names, not in the URL";

impl RepositoryUrl {
    /// `host` or `host:port`, as written.
    pub fn authority(&self) -> &str {
        self.parts().1
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> GitScheme {
        match self.0.split_once("://") {
            Some(("https", _)) => GitScheme::Https,
            Some(("http", _)) => GitScheme::Http,
            _ => GitScheme::Ssh,
        }
    }

    /// The TCP port of the host.
    pub fn port(&self) -> u16 {
        self.host_and_port().1
    }

    /// Whether credentials would travel unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.scheme() == GitScheme::Http
    }

    /// Who logs in over SSH.
    pub fn ssh_user(&self) -> &str {
        self.parts().0.unwrap_or(SSH_USER)
    }

    /// Host without its port, and the port.
    pub fn host_and_port(&self) -> (&str, u16) {
        let usual = match self.scheme() {
            GitScheme::Https => 443,
            GitScheme::Http => 80,
            GitScheme::Ssh => 22,
        };
        let authority = self.authority();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !authority.ends_with(']') => (host, port.parse().unwrap_or(usual)),
            _ => (authority, usual),
        };
        (host.trim_start_matches('[').trim_end_matches(']'), port)
    }

    /// What follows host and port, without the slash before it.
    pub fn path(&self) -> &str {
        match self.0.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => self.0.split_once(':').map_or("", |(_, path)| path),
        }
    }

    /// User, and host with port.
    fn parts(&self) -> (Option<&str>, &str) {
        let authority = match self.0.split_once("://") {
            Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
            None => self.0.split(':').next().unwrap_or_default(),
        };
        authority.split_once('@').map_or((None, authority), |(user, authority)| (Some(user), authority))
    }
}

impl std::str::FromStr for RepositoryUrl {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fine = match text.split_once("://") {
            Some(("https" | "http", rest)) => {
                rest.split_once('/').is_some_and(|(authority, path)| is_authority(authority) && is_path(path))
            }
            Some(("ssh", rest)) => rest.split_once('/').is_some_and(|(place, path)| {
                let (user, authority) = place.split_once('@').unwrap_or((SSH_USER, place));
                is_user(user) && is_authority(authority) && is_path(path)
            }),
            Some(_) => false,
            None => text.split_once(':').is_some_and(|(place, path)| {
                place.split_once('@').is_some_and(|(user, host)| {
                    is_user(user) && !host.starts_with('[') && is_authority(host) && is_path(path)
                })
            }),
        };
        let fine = fine && text.len() <= 2048;
        fine.then(|| Self(text.into())).ok_or_else(|| Malformed::new("the URL of a Git repository", text, RULE))
    }
}

fn is_path(path: &str) -> bool {
    !path.trim_matches('/').is_empty()
        && !path.contains(|c: char| c.is_control() || c.is_whitespace() || "?#\\'".contains(c))
        && !path.split('/').any(|part| part == "..")
}

fn is_user(user: &str) -> bool {
    !user.is_empty() && !user.starts_with('-') && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// `host`, `host:port` or `[v6]:port`.
pub(super) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, "")) => (v6, None),
        Some((v6, port)) => (v6, Some(port.strip_prefix(':').unwrap_or(""))),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let host_is_fine = if text.starts_with('[') {
        host.parse::<std::net::Ipv6Addr>().is_ok()
    } else {
        !host.is_empty()
            && host.len() <= 253
            && host.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            })
    };
    host_is_fine && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}
