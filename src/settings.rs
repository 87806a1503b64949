//! What the operator is told at start: plain data, read by the controller and its leaves.
//!
//! Guarantees: every value here was checked at the door ([`crate::cli`]); nothing changes while the
//! process runs. A value that must change is changed by a restart.

mod hosts;

use std::collections::BTreeSet;

use crate::domain::{Platform, Shard};

pub use hosts::{GitHost, Hosts, HostsError, RegistryHost};

/// The namespaces the operator looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespaces {
    /// The whole cluster; needs a ClusterRole.
    All,
    /// These only; a Role in each of them is enough. Never empty.
    Only(BTreeSet<String>),
}

impl Namespaces {
    /// Reads a list as given on the command line: empty means all.
    pub fn from_list(list: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = list.into_iter().filter(|name| !name.is_empty()).collect();
        if names.is_empty() { Self::All } else { Self::Only(names) }
    }

    /// Whether an object in `namespace` is ours to look at.
    pub fn contains(&self, namespace: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(namespace),
        }
    }
}

/// Linux on the architecture this binary was built for, in the words of image indexes.
pub fn platform_of_this_build() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    };
    Platform { os: "linux".into(), architecture: architecture.into(), variant: None }
}

/// How many workers there are, and what one of them may use before it is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerLimits {
    /// How many workers fetch, check and pack at one time for one namespace, and from one host; one more is there for others. As many
    /// look over SSH at one host, three times as many at all.
    pub concurrency: usize,
    /// Address space of one worker, in bytes.
    pub memory: u64,
    /// What one fetch may receive from the Git host, in bytes.
    pub fetch: u64,
    /// The size of one file in the definition tree, in bytes.
    pub file: u64,
    /// The size of the whole definition tree, in bytes.
    pub tree: u64,
    /// The number of files and folders in the definition tree.
    pub entries: u64,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self { concurrency: 2, memory: 1 << 30, fetch: 256 << 20, file: 10 << 20, tree: 64 << 20, entries: 20_000 }
    }
}

/// Whose word counts at gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Theirs who made an action while the ValidatingAdmissionPolicy of this name and its binding were in force.
    Proven(String),
    /// Whoever may create an action is believed, in any name.
    Anybody,
}

/// Everything the controller is told at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to look.
    pub namespaces: Namespaces,
    /// Which of the deployments there are this process' own.
    pub shard: Shard,
    /// How to reach certain registries and Git hosts.
    pub hosts: Hosts,
    /// Which variant of a base image to take.
    pub platform: Platform,
    /// How many objects are reconciled at one time.
    pub concurrency: u16,
    /// What a worker process may use.
    pub worker: WorkerLimits,
    /// Whose word counts at gates.
    pub trust: Trust,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespaces: Namespaces::All,
            shard: Shard::ONLY,
            hosts: Hosts::default(),
            platform: platform_of_this_build(),
            concurrency: 8,
            worker: WorkerLimits::default(),
            trust: Trust::Proven("tengine-operator-actions".into()),
        }
    }
}

#[cfg(test)]
mod tests;
