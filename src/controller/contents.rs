//! What may be kept of the content of Secrets and ConfigMaps: names of keys, and hashes of the values. Read by name when a version is
//! seen for the first time, and forgotten with the object.

pub(super) mod fingerprint;
mod slow;

use super::versions::Versions;
use crate::api::v1alpha1::Instance;
use crate::api::v1alpha1::condition::Reason;
use crate::manifest::Read;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What may be kept of a Secret's or ConfigMap's content.
#[derive(Debug, Default)]
pub struct Content {
    /// What stands for each value, by key.
    values: BTreeMap<String, [u8; 32]>,
    /// Empty values are as good as missing ones.
    empty: BTreeSet<String>,
    /// Values that no process can be given in its environment, and why.
    unusable: BTreeMap<String, &'static str>,
    /// Of the object and all its content, as the rules of rendering before [`fingerprint::SINCE`] want it.
    whole: String,
    /// The same for equal content, whichever object it is in; it never leaves this process.
    shared: String,
}

impl Content {
    /// What may be kept of an object's values; `kind` is the type of a Secret.
    pub(super) fn of(uid: &str, kind: &str, values: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            empty: values.iter().filter(|(_, value)| value.is_empty()).map(|(key, _)| key.clone()).collect(),
            unusable: values.iter().filter_map(|(key, value)| Some((key.clone(), fault(value)?))).collect(),
            whole: fingerprint::of_object(uid, &values),
            shared: shared_hash(kind, values.iter().map(|(key, value)| (key.as_str(), value.as_slice()))),
            values: values.into_iter().map(|(key, value)| (key, Sha256::digest(&value).into())).collect(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Whether the value of this key is there, and empty.
    pub(super) fn is_empty(&self, key: &str) -> bool {
        self.empty.contains(key)
    }

    /// The keys among those that are read whose values no process can be given in its environment, each with the fault, as the
    /// rest of a phrase that names the key.
    pub(super) fn unusable<'a>(&'a self, read: &'a Read) -> impl Iterator<Item = (&'a str, &'static str)> {
        let all = self.unusable.iter().map(|(key, fault)| (key.as_str(), *fault));
        all.filter(|(key, _)| match read {
            Read::Keys(keys) => keys.contains(*key),
            Read::Whole => true,
        })
    }

    /// Stands for all of it.
    pub(super) fn shared(&self) -> &str {
        &self.shared
    }
}

/// Why nodes would not start a process with this value: an environment is made of texts that end with NUL.
fn fault(value: &[u8]) -> Option<&'static str> {
    match std::str::from_utf8(value) {
        Ok(text) => text.contains('\0').then_some("with a NUL character in it"),
        Err(_) => Some("that is not UTF-8 text"),
    }
}

/// What was read of Secrets and ConfigMaps.
#[derive(Debug, Default)]
pub struct Contents {
    pub secrets: Versions<Arc<Content>>,
    pub config_maps: Versions<Arc<Content>>,
    /// The configuration files among them: a key, and its value if it is there.
    pub files: Versions<File>,
    /// The engines that some of them speak of.
    pub engines: Versions<Arc<Engine>>,
    /// What stands for what deployments read, where it may be seen.
    pub(super) fingerprints: slow::Fingerprints,
}

impl Contents {
    /// An object of this kind is gone.
    pub fn forget(&self, kind: &str, namespace: &str, name: &str) {
        if kind == Kind::Secret.word() {
            self.secrets.forget(namespace, name);
        } else {
            self.config_maps.forget(namespace, name);
            self.files.forget(namespace, name);
            self.engines.forget(namespace, name);
        }
    }

    /// A deployment is gone.
    pub fn forget_deployment(&self, namespace: &str, name: &str) {
        self.fingerprints.forget(&place(namespace, name));
    }

    /// Of deployments in a namespace (in all, with `None`), only these are there.
    pub fn keep_deployments(&self, namespace: Option<&str>, there: impl Fn(&str) -> bool) {
        self.fingerprints.keep_only(namespace, there);
    }

    /// Of objects of this kind in a namespace (in all, with `None`), only these are there.
    pub fn keep_only(&self, kind: &str, namespace: Option<&str>, there: impl Fn(&str, &str) -> bool) {
        if kind == Kind::Secret.word() {
            self.secrets.keep_only(namespace, there);
        } else {
            self.config_maps.keep_only(namespace, &there);
            self.files.keep_only(namespace, &there);
            self.engines.keep_only(namespace, there);
        }
    }
}

/// What the fingerprints of a deployment are salted with.
pub(super) fn place(namespace: &str, deployment: &str) -> String {
    format!("{namespace}/{deployment}")
}

/// The instance that a ConfigMap speaks of, or what is wrong with what it says.
pub type Engine = Result<Instance, String>;

type File = (String, Option<Arc<[u8]>>);

/// A source of content: both kinds look the same from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Secret,
    ConfigMap,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    pub(super) const fn missing(self) -> Reason {
        match self {
            Self::Secret => Reason::SecretMissing,
            Self::ConfigMap => Reason::ConfigMapMissing,
        }
    }

    pub(super) const fn invalid(self) -> Reason {
        match self {
            Self::Secret => Reason::SecretInvalid,
            Self::ConfigMap => Reason::ConfigMapMissing,
        }
    }

    pub(super) const fn unusable(self) -> Reason {
        match self {
            Self::Secret => Reason::SecretInvalid,
            Self::ConfigMap => Reason::ConfigMapInvalid,
        }
    }
}

/// Stands for the type and the content of a Secret, whichever it is: who has equal credentials may share an answer.
pub fn shared_hash<'a>(kind: &str, values: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(kind.as_bytes());
    for (key, value) in values {
        part(key.as_bytes());
        part(value);
    }
    hex::encode(hasher.finalize())
}
