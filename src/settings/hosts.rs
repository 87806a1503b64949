//! How to reach registries and Git hosts that need more than their name: plain HTTP, an own
//! certificate authority, a proxy.
//!
//! The file is written by whoever runs the operator, never by the users of it; credentials do not
//! belong here (they are in Secrets beside the objects that use them).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::words;

/// The hosts file, parsed and checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Hosts {
    /// By `host` or `host:port`, as image references name the registry.
    pub registries: BTreeMap<String, RegistryHost>,
    /// By `host` or `host:port`, as repository URLs name the Git host.
    pub git_hosts: BTreeMap<String, GitHost>,
}

/// How to reach one registry.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct RegistryHost {
    /// Speak HTTP without TLS. Credentials and images then cross the network unprotected.
    pub plain_http: bool,
    /// A PEM file whose certificates are trusted for this registry besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The URL of the HTTP proxy to go through.
    pub proxy: Option<String>,
}

/// How to reach one Git host.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct GitHost {
    /// A PEM file whose certificates are trusted for this host, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The URL of the HTTP proxy to go through. Repositories with an `https` URL only; plain `http` is fetched directly.
    pub proxy: Option<String>,
}

// A proxy's URL may hold a password, so what is printed says only whether there is one.
impl fmt::Debug for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryHost")
            .field("plain_http", &self.plain_http)
            .field("ca_file", &self.ca_file)
            .field("proxied", &self.proxy.is_some())
            .finish()
    }
}

impl fmt::Debug for GitHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxied = self.proxy.is_some();
        f.debug_struct("GitHost").field("ca_file", &self.ca_file).field("proxied", &proxied).finish()
    }
}

/// Why a hosts file cannot be used. The text says where and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum HostsError {
    /// The file cannot be read.
    #[error("cannot read {}: {}", path.display(), words::of_a_file(error))]
    Unreadable {
        /// The file named by the flag, or a `caFile` inside it.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Not YAML, or not of this shape.
    #[error(
        "not a hosts configuration (allowed: registries: {{HOST[:PORT]: {{plainHttp, caFile, proxy}}}}, gitHosts: {{HOST[:PORT]: {{caFile, proxy}}}})"
    )]
    Shape(#[source] Box<serde_saphyr::Error>),
    /// A key that no image reference or repository URL can name.
    #[error("{section}: {key:?} is not a host: write HOST or HOST:PORT in lower case, without scheme or path")]
    Key {
        /// `registries` or `gitHosts`.
        section: &'static str,
        /// The key as written.
        key: String,
    },
    /// A proxy that is not a URL. The value may hold a password, so it is not repeated.
    #[error("{section}.{key}.proxy is not a proxy: write http://HOST:PORT or https://HOST:PORT")]
    Proxy {
        /// `registries` or `gitHosts`.
        section: &'static str,
        /// The host it stands under.
        key: String,
    },
    /// A CA file without a certificate in it.
    #[error("{} holds no PEM certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
}

impl Hosts {
    /// Reads and checks the file, the CA files it names included.
    pub fn read(path: &Path) -> Result<Self, HostsError> {
        let text = read(path)?;
        let hosts = Self::parse(&text)?;
        hosts.ca_files().try_for_each(|path| check_ca_file(path))?;
        Ok(hosts)
    }

    /// Parses and checks the text, without looking at the files it names.
    pub fn parse(text: &str) -> Result<Self, HostsError> {
        let hosts: Self = if text.trim().is_empty() {
            Self::default()
        } else {
            serde_saphyr::from_str(text).map_err(|e| HostsError::Shape(Box::new(e)))?
        };
        for (key, host) in &hosts.registries {
            check_entry("registries", key, host.proxy.as_deref())?;
        }
        for (key, host) in &hosts.git_hosts {
            check_entry("gitHosts", key, host.proxy.as_deref())?;
        }
        Ok(hosts)
    }

    /// How to reach a registry: the entry for `host:port` if there is one, else that for `host`,
    /// else the ordinary way.
    pub fn registry(&self, host_and_port: &str) -> RegistryHost {
        lookup(&self.registries, host_and_port).cloned().unwrap_or_default()
    }

    /// How to reach a Git host, found in the same way.
    pub fn git_host(&self, host_and_port: &str) -> GitHost {
        lookup(&self.git_hosts, host_and_port).cloned().unwrap_or_default()
    }

    /// The certificates to trust for a registry or Git host: the content of its `caFile`, read anew.
    pub fn certificates(ca_file: Option<&Path>) -> Result<Option<String>, HostsError> {
        ca_file.map(read).transpose()
    }

    fn ca_files(&self) -> impl Iterator<Item = &PathBuf> {
        let registries = self.registries.values().filter_map(|host| host.ca_file.as_ref());
        registries.chain(self.git_hosts.values().filter_map(|host| host.ca_file.as_ref()))
    }
}

fn lookup<'a, T>(entries: &'a BTreeMap<String, T>, host_and_port: &str) -> Option<&'a T> {
    let wanted = host_and_port.to_ascii_lowercase();
    entries.get(&wanted).or_else(|| entries.get(split_port(&wanted).0))
}

/// Splits `host:port`; an IPv6 address keeps its brackets.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn check_entry(section: &'static str, key: &str, proxy: Option<&str>) -> Result<(), HostsError> {
    if !is_host(key) {
        return Err(HostsError::Key { section, key: key.into() });
    }
    match proxy {
        Some(proxy) if !is_proxy(proxy) => Err(HostsError::Proxy { section, key: key.into() }),
        _ => Ok(()),
    }
}

fn is_host(key: &str) -> bool {
    let (host, port) = split_port(key);
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name_ok = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
        }
    };
    name_ok && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_proxy(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.map(|rest| rest.trim_end_matches('/')).is_some_and(|rest| {
        let authority = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        is_host(&authority.to_ascii_lowercase())
    })
}

fn check_ca_file(path: &Path) -> Result<(), HostsError> {
    if read(path)?.contains("-----BEGIN CERTIFICATE-----") {
        Ok(())
    } else {
        Err(HostsError::NoCertificate { path: path.into() })
    }
}

fn read(path: &Path) -> Result<String, HostsError> {
    std::fs::read_to_string(path).map_err(|error| HostsError::Unreadable { path: path.into(), error })
}
