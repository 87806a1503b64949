//! What the operator is told at start: plain data, read by the controller and its leaves.
//!
//! Guarantees: every value here was checked at the door ([`crate::cli`]); nothing changes while the
//! process runs. A value that must change is changed by a restart.

mod hosts;

use std::collections::BTreeSet;
use std::time::Duration;

pub use hosts::{GitHost, Hosts, HostsError, RegistryHost};

/// The namespaces the operator looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespaces {
    /// The whole cluster; needs a `ClusterRole`.
    All,
    /// These only; a Role in each of them is enough. Never empty.
    Only(BTreeSet<String>),
}

impl Namespaces {
    /// Reads a list as given on the command line: empty means all.
    pub fn from_list(list: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = list.into_iter().filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            Self::All
        } else {
            Self::Only(names)
        }
    }

    /// Whether an object in `namespace` is ours to look at.
    pub fn contains(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(namespace),
        }
    }
}

/// The platform whose variant of a base image is used, as an image index names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// For example `linux`.
    pub os: String,
    /// For example `amd64`.
    pub architecture: String,
    /// For example `v8`; mostly absent.
    pub variant: Option<String>,
}

impl Platform {
    /// Linux on the architecture this binary was built for, in the words of image indexes.
    pub fn of_this_build() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "powerpc64" => "ppc64le",
            other => other,
        };
        Self {
            os: "linux".into(),
            architecture: architecture.into(),
            variant: None,
        }
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant
            .as_ref()
            .map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// A text that is not `os/architecture[/variant]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a platform: expected os/architecture or os/architecture/variant, such as linux/amd64")]
pub struct NotAPlatform;

impl std::str::FromStr for Platform {
    type Err = NotAPlatform;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let plain = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !parts.iter().all(plain) {
            return Err(NotAPlatform);
        }
        match parts.as_slice() {
            [os, architecture] => Ok(Self {
                os: (*os).into(),
                architecture: (*architecture).into(),
                variant: None,
            }),
            [os, architecture, variant] => Ok(Self {
                os: (*os).into(),
                architecture: (*architecture).into(),
                variant: Some((*variant).into()),
            }),
            _ => Err(NotAPlatform),
        }
    }
}

/// What one worker process may use before it is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerLimits {
    /// How many workers run at one time.
    pub concurrency: usize,
    /// Address space of one worker, in bytes.
    pub memory: u64,
    /// Processor time of one worker.
    pub cpu: Duration,
    /// What one fetch may write to disk, and read from the network, in bytes.
    pub fetch: u64,
    /// The size of one file in the definition tree, in bytes.
    pub file: u64,
    /// The size of the whole definition tree, in bytes.
    pub tree: u64,
    /// The number of files in the definition tree.
    pub files: u64,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            concurrency: 2,
            memory: 1 << 30,
            cpu: Duration::from_mins(2),
            fetch: 512 << 20,
            file: 16 << 20,
            tree: 64 << 20,
            files: 10_000,
        }
    }
}

/// Everything the controller is told at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to look.
    pub namespaces: Namespaces,
    /// How to reach certain registries and Git hosts.
    pub hosts: Hosts,
    /// Which variant of a base image to take.
    pub platform: Platform,
    /// How many objects are reconciled at one time.
    pub concurrency: u16,
    /// What a worker process may use.
    pub worker: WorkerLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespaces: Namespaces::All,
            hosts: Hosts::default(),
            platform: Platform::of_this_build(),
            concurrency: 8,
            worker: WorkerLimits::default(),
        }
    }
}

#[cfg(test)]
mod tests;
