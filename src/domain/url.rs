//! Addresses of Git repositories.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};

/// `https://host[:port]/path` or the same with `http`, without user name, password, query or fragment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryUrl(String);
text_value!(RepositoryUrl);

const RULE: &str =
    "use https://HOST/PATH or http://HOST/PATH, with credentials in the Secret that secretRef names, not in the URL";

impl RepositoryUrl {
    /// `host` or `host:port`, as written.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The TCP port of the host.
    pub fn port(&self) -> u16 {
        let after_host = self.authority().rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        let usual = if self.is_plain_http() { 80 } else { 443 };
        after_host.and_then(|(_, port)| port.parse().ok()).unwrap_or(usual)
    }

    /// Whether credentials would travel unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http://")
    }
}

impl std::str::FromStr for RepositoryUrl {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let fine = rest.and_then(|rest| rest.split_once('/')).is_some_and(|(authority, path)| {
            is_authority(authority)
                && !path.trim_matches('/').is_empty()
                && text.len() <= 2048
                && !path.contains(|c: char| c.is_control() || c.is_whitespace() || "?#\\".contains(c))
                && !path.split('/').any(|part| part == "..")
        });
        fine.then(|| Self(text.into())).ok_or_else(|| Malformed::new("the URL of a Git repository", text, RULE))
    }
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
