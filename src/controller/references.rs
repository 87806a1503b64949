//! The Secrets, ConfigMaps and ServiceAccount that a spec names: are they there, and what do they hold?
//!
//! Contents are read by name when a version is seen for the first time, and only what cannot hurt is kept:
//! names of keys, and a keyed hash of the values.

use super::context::{Context, Shared};
use super::error::{Error, within};
use crate::api::v1alpha1::{Settings, TengineRelease, condition::Reason};
use crate::manifest::{self, Use};
use crate::plan::observed::References;
use crate::plan::{Desired, Problem};
use hmac::{Hmac, KeyInit, Mac};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use kube::{Api, ResourceExt as _};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What may be kept of a Secret's or ConfigMap's content.
#[derive(Debug, Default)]
pub struct Content {
    keys: BTreeSet<String>,
    /// Empty values are as good as missing ones.
    empty: BTreeSet<String>,
    hash: String,
}

/// Contents by `kind/namespace/name`, each with the version it was read at.
#[derive(Debug, Default)]
pub struct SecretCache(Mutex<HashMap<String, (String, Arc<Content>)>>);

/// A source of content: both kinds look the same from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    ConfigMap,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    const fn missing(self) -> Reason {
        match self {
            Self::Secret => Reason::SecretMissing,
            Self::ConfigMap => Reason::ConfigMapMissing,
        }
    }

    const fn invalid(self) -> Reason {
        match self {
            Self::Secret => Reason::SecretInvalid,
            Self::ConfigMap => Reason::ConfigMapMissing,
        }
    }
}

/// Looks at everything the spec names, and at what the pods of each release read.
pub async fn observe(context: &Context, desired: &Desired, releases: &[TengineRelease]) -> Result<References, Error> {
    let reader = Reader { context, namespace: &desired.namespace };
    let mut problems = Vec::new();
    for (field, name, keys) in own_secrets(desired) {
        reader.check(Kind::Secret, name, &keys, field, &mut problems).await?;
    }
    let settings = desired.settings(None);
    for (kind, name, used) in uses(&settings) {
        let keys: Vec<&str> = used.required_keys.iter().map(String::as_str).collect();
        if used.required {
            reader.check(kind, &name, &keys, &used.fields.join(", "), &mut problems).await?;
        }
    }
    let config = match desired.config_ref() {
        Some(reference) => {
            let key = reference.key.as_deref().unwrap_or("tengined.yml.erb");
            let field = "spec.tengine.configRef";
            reader.check(Kind::ConfigMap, &reference.name, &[key], field, &mut problems).await?;
            reader.config(&reference.name, key, &mut problems).await?
        }
        None => None,
    };
    reader.service_account(desired, &mut problems).await?;
    let mut hashes = BTreeMap::new();
    for release in releases {
        if let Some(hash) = reader.hash(&release.spec.settings).await? {
            hashes.insert(release.name_any(), hash);
        }
    }
    problems.dedup();
    Ok(References { problems, hashes, config })
}

/// The Secrets that the operator itself uses, with the keys it needs.
fn own_secrets(desired: &Desired) -> Vec<(&'static str, &str, Vec<&'static str>)> {
    let mut all = Vec::new();
    if let Some(name) = &desired.source.secret {
        all.push(("spec.source.git.secretRef", name.as_str(), vec!["username", "password"]));
    }
    if let Some(name) = &desired.base.secret {
        all.push(("spec.image.base.secretRef", name.as_str(), vec![".dockerconfigjson"]));
    }
    if let Some(name) = &desired.push_secret {
        all.push(("spec.image.secretRef", name.as_str(), vec![".dockerconfigjson"]));
    }
    all
}

fn uses(settings: &Settings) -> Vec<(Kind, String, Use)> {
    let secrets = manifest::used_secrets(settings).into_iter().map(|(name, used)| (Kind::Secret, name, used));
    let maps = manifest::used_config_maps(settings).into_iter().map(|(name, used)| (Kind::ConfigMap, name, used));
    secrets.chain(maps).collect()
}

struct Reader<'a> {
    context: &'a Context,
    namespace: &'a str,
}

impl Reader<'_> {
    async fn check(
        &self,
        kind: Kind,
        name: &str,
        keys: &[&str],
        field: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Error> {
        let word = kind.word();
        let Some(content) = self.content(kind, name).await? else {
            let message = format!("{field}: {word} {name} is not there");
            problems.push(Problem::new(kind.missing(), message));
            return Ok(());
        };
        for key in keys {
            if !content.keys.contains(*key) {
                let message = format!("{field}: {word} {name} has no key {key}");
                problems.push(Problem::new(kind.invalid(), message));
            } else if kind == Kind::Secret && content.empty.contains(*key) {
                let message = format!("{field}: {word} {name} has an empty key {key}");
                problems.push(Problem::new(kind.invalid(), message));
            }
        }
        Ok(())
    }

    /// The content of this version, read at most once; `None` where the object is not there.
    async fn content(&self, kind: Kind, name: &str) -> Result<Option<Arc<Content>>, Error> {
        let version = match kind {
            Kind::Secret => self.context.stores.secret_version(self.namespace, name),
            Kind::ConfigMap => self.context.stores.config_map_version(self.namespace, name),
        };
        if version.is_empty() {
            return Ok(None);
        }
        let cache = &self.context.shared.secrets;
        let key = format!("{}/{}/{name}", kind.word(), self.namespace);
        if let Some(known) = cache.get(&key, &version) {
            return Ok(Some(known));
        }
        let Some((uid, values)) = self.values(kind, name).await? else { return Ok(None) };
        let content = Arc::new(Content {
            empty: values.iter().filter(|(_, value)| value.is_empty()).map(|(key, _)| key.clone()).collect(),
            hash: hash_of(&uid, &values),
            keys: values.into_keys().collect(),
        });
        cache.put(key, version, Arc::clone(&content));
        Ok(Some(content))
    }

    async fn values(&self, kind: Kind, name: &str) -> Result<Option<(String, BTreeMap<String, Vec<u8>>)>, Error> {
        let what = format!("reading {} {name}", kind.word());
        let client = self.context.shared.client.clone();
        Ok(match kind {
            Kind::Secret => {
                let api: Api<Secret> = Api::namespaced(client, self.namespace);
                let found = within(what, api.get_opt(name)).await?;
                found.map(|secret| {
                    let uid = secret.uid().unwrap_or_default();
                    let data = secret.data.unwrap_or_default();
                    (uid, data.into_iter().map(|(key, value)| (key, value.0)).collect())
                })
            }
            Kind::ConfigMap => {
                let api: Api<ConfigMap> = Api::namespaced(client, self.namespace);
                let found = within(what, api.get_opt(name)).await?;
                found.map(|map| {
                    let uid = map.uid().unwrap_or_default();
                    let texts = map.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.into_bytes()));
                    let bytes = map.binary_data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0));
                    (uid, texts.chain(bytes).collect())
                })
            }
        })
    }

    async fn config(&self, name: &str, key: &str, problems: &mut Vec<Problem>) -> Result<Option<String>, Error> {
        if self.context.stores.config_map_version(self.namespace, name).is_empty() {
            return Ok(None);
        }
        let values = self.values(Kind::ConfigMap, name).await?;
        let bytes = values.and_then(|(_, mut values)| values.remove(key));
        Ok(bytes.and_then(|bytes| {
            let text = String::from_utf8(bytes);
            if text.is_err() {
                let message = format!("spec.tengine.configRef: ConfigMap {name}, key {key}: not UTF-8 text");
                problems.push(Problem::new(Reason::ConfigMapInvalid, message));
            }
            text.ok()
        }))
    }

    async fn service_account(&self, desired: &Desired, problems: &mut Vec<Problem>) -> Result<(), Error> {
        let Some(name) = desired.pod.as_ref().and_then(|pod| pod.service_account_name.as_deref()) else {
            return Ok(());
        };
        let api: Api<ServiceAccount> = Api::namespaced(self.context.shared.client.clone(), self.namespace);
        if within(format!("reading ServiceAccount {name}"), api.get_metadata_opt(name)).await?.is_none() {
            let message = format!("spec.pod.serviceAccountName: ServiceAccount {name} is not there");
            problems.push(Problem::new(Reason::ServiceAccountMissing, message));
        }
        Ok(())
    }

    /// Stands for the content of everything that pods with these settings read; `None` where something that they
    /// cannot start without is missing.
    async fn hash(&self, settings: &Settings) -> Result<Option<String>, Error> {
        let mut hasher = crate::domain::KeyHasher::default();
        for (kind, name, used) in uses(settings) {
            match self.content(kind, &name).await? {
                Some(content) if used.required_keys.iter().all(|key| content.keys.contains(key)) => {
                    hasher = hasher.part(&name, &content.hash);
                }
                Some(_) => return Ok(None),
                None if used.required => return Ok(None),
                None => hasher = hasher.part(&name, "absent"),
            }
        }
        Ok(Some(hasher.digits()))
    }
}

/// Keyed with the object's UID, which only those know who may read the object: the hash tells nobody else
/// anything, not even whether a guess is right.
fn hash_of(uid: &str, values: &BTreeMap<String, Vec<u8>>) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(uid.as_bytes()) else { return String::new() };
    for (key, value) in values {
        for bytes in [key.as_bytes(), value] {
            mac.update(&(bytes.len() as u64).to_be_bytes());
            mac.update(bytes);
        }
    }
    hex::encode(mac.finalize().into_bytes())
}

impl SecretCache {
    fn get(&self, key: &str, version: &str) -> Option<Arc<Content>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(known, _)| known == version).map(|(_, content)| Arc::clone(content))
    }

    fn put(&self, key: String, version: String, content: Arc<Content>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (version, content));
    }
}

/// All values of the Secrets that the pods of these settings read, for masking them in logs.
pub async fn secret_values(shared: &Shared, namespace: &str, settings: &Settings) -> Result<Vec<String>, Error> {
    let api: Api<Secret> = Api::namespaced(shared.client.clone(), namespace);
    let mut values = Vec::new();
    for name in manifest::used_secrets(settings).into_keys() {
        let found = within(format!("reading Secret {name}"), api.get_opt(&name)).await?;
        let data = found.and_then(|secret| secret.data).unwrap_or_default();
        values.extend(data.into_values().filter_map(|value| String::from_utf8(value.0).ok()));
    }
    Ok(values)
}
