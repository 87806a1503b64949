//! The Secrets, ConfigMaps and ServiceAccount that a spec names: are they there, and what do they hold?
//!
//! Contents are read by name when a version is seen for the first time, and only what cannot hurt is kept:
//! names of keys, and a keyed hash of the values.

mod fingerprint;

use super::context::Context;
use super::error::{Error, within};
use super::index::owner_key;
use super::versions::Versions;
use crate::api::v1alpha1::{Settings, TengineRelease, condition::Reason};
use crate::manifest::{self, Use};
use crate::plan::observed::References;
use crate::plan::{Desired, Problem};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, ResourceExt as _};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// How many slow fingerprints are kept; they can be made again.
const MOST_FINGERPRINTS: usize = 20_000;

/// What may be kept of a Secret's or ConfigMap's content.
#[derive(Debug, Default)]
pub struct Content {
    /// What stands for each value, by key.
    values: BTreeMap<String, [u8; 32]>,
    /// Empty values are as good as missing ones.
    empty: BTreeSet<String>,
    /// Of the object and all its content, as the rules of rendering before [`fingerprint::SINCE`] want it.
    whole: String,
    /// The same for equal content, whichever object it is in; it never leaves this process.
    shared: String,
}

/// What was read of Secrets and ConfigMaps.
#[derive(Debug, Default)]
pub struct Contents {
    pub secrets: Versions<Arc<Content>>,
    pub config_maps: Versions<Arc<Content>>,
    /// The configuration files among them: a key, and its value if it is there.
    pub files: Versions<File>,
    /// Slow fingerprints by deployment and what they are of.
    slow: Mutex<HashMap<(String, [u8; 32]), String>>,
}

impl Contents {
    /// An object of this kind is gone.
    pub fn forget(&self, kind: &str, namespace: &str, name: &str) {
        if kind == Kind::Secret.word() {
            self.secrets.forget(namespace, name);
        } else {
            self.config_maps.forget(namespace, name);
            self.files.forget(namespace, name);
        }
    }

    /// Of objects of this kind in a namespace (in all, with `None`), only these are there.
    pub fn keep_only(&self, kind: &str, namespace: Option<&str>, there: impl Fn(&str, &str) -> bool) {
        if kind == Kind::Secret.word() {
            self.secrets.keep_only(namespace, there);
        } else {
            self.config_maps.keep_only(namespace, &there);
            self.files.keep_only(namespace, there);
        }
    }

    /// The slow fingerprint, made once for each content.
    fn slow(&self, fast: [u8; 32], place: &str) -> String {
        let mut known = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST_FINGERPRINTS {
            known.clear();
        }
        let slow = known.entry((place.to_owned(), fast)).or_insert_with(|| fingerprint::slow(&fast, place));
        slow.clone()
    }
}

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
    reader.service_account(desired, &mut problems);
    let mut hashes = BTreeMap::new();
    for release in releases {
        if let Some(hash) = reader.hash(&release.spec.settings, release.spec.rendering, &desired.name).await? {
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
        // Which keys it needs depends on the URL and on each other: the look says what is missing.
        all.push(("spec.source.git.secretRef", name.as_str(), Vec::new()));
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
            if !content.values.contains_key(*key) {
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
        let contents = &self.context.shared.contents;
        let cache = match kind {
            Kind::Secret => &contents.secrets,
            Kind::ConfigMap => &contents.config_maps,
        };
        if let Some(known) = cache.get(self.namespace, name, &version) {
            return Ok(Some(known));
        }
        let Some((uid, values)) = self.values(kind, name).await? else { return Ok(None) };
        let content = Arc::new(Content {
            empty: values.iter().filter(|(_, value)| value.is_empty()).map(|(key, _)| key.clone()).collect(),
            whole: fingerprint::of_object(&uid, &values),
            shared: shared_hash(values.iter().map(|(key, value)| (key.as_str(), value.as_slice()))),
            values: values.into_iter().map(|(key, value)| (key, Sha256::digest(&value).into())).collect(),
        });
        cache.put(self.namespace, name, &version, Arc::clone(&content));
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
        let version = self.context.stores.config_map_version(self.namespace, name);
        if version.is_empty() {
            return Ok(None);
        }
        let files = &self.context.shared.contents.files;
        let known = files.get(self.namespace, name, &version).filter(|(known, _)| known == key);
        let bytes = if let Some((_, bytes)) = known {
            bytes
        } else {
            let values = self.values(Kind::ConfigMap, name).await?;
            let bytes = values.and_then(|(_, mut values)| values.remove(key)).map(Arc::from);
            files.put(self.namespace, name, &version, (key.to_owned(), bytes.clone()));
            bytes
        };
        Ok(bytes.and_then(|bytes: Arc<[u8]>| {
            let text = String::from_utf8(bytes.to_vec());
            if text.is_err() {
                let message = format!("spec.tengine.configRef: ConfigMap {name}, key {key}: not UTF-8 text");
                problems.push(Problem::new(Reason::ConfigMapInvalid, message));
            }
            text.ok()
        }))
    }

    fn service_account(&self, desired: &Desired, problems: &mut Vec<Problem>) {
        let Some(name) = desired.pod.as_ref().and_then(|pod| pod.service_account_name.as_deref()) else { return };
        if !self.context.stores.has_account(self.namespace, name) {
            let message = format!("spec.pod.serviceAccountName: ServiceAccount {name} is not there");
            problems.push(Problem::new(Reason::ServiceAccountMissing, message));
        }
    }

    /// Stands for the content of everything that pods with these settings read; `None` where something that they
    /// cannot start without is missing.
    async fn hash(&self, settings: &Settings, rendering: i32, deployment: &str) -> Result<Option<String>, Error> {
        let mut contents = Vec::new();
        for (kind, name, used) in uses(settings) {
            let content = self.content(kind, &name).await?;
            let there = |key: &String| content.as_ref().is_some_and(|content| content.values.contains_key(key));
            if (used.required && content.is_none()) || (content.is_some() && !used.required_keys.iter().all(there)) {
                return Ok(None);
            }
            contents.push((kind, name, used.read, content));
        }
        if rendering < fingerprint::SINCE {
            return Ok(Some(fingerprint::of_objects(&contents)));
        }
        let place = format!("{}/{deployment}", self.namespace);
        Ok(Some(self.context.shared.contents.slow(fingerprint::of_what_is_read(&contents), &place)))
    }
}

/// Stands for the content of a Secret, whichever it is: who has equal credentials may share an answer.
pub fn shared_hash<'a>(values: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hasher = Sha256::new();
    for (key, value) in values {
        for bytes in [key.as_bytes(), value] {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        }
    }
    hex::encode(hasher.finalize())
}

/// What stands for these credentials in the key of a shared question.
pub async fn credentials(context: &Context, namespace: &str, name: Option<&str>) -> Result<String, Error> {
    let Some(name) = name else { return Ok(String::new()) };
    let known = Reader { context, namespace }.content(Kind::Secret, name).await?;
    Ok(known.map_or_else(|| format!("no Secret {namespace}/{name}"), |known| known.shared.clone()))
}

/// All values of the Secrets that pods of a deployment read, for masking them in logs: those of these settings, and of every
/// release that is kept, since pods of an older one may still talk.
pub async fn secret_values(
    context: &Context,
    deployment: (&str, &str),
    settings: &Settings,
) -> Result<Vec<String>, Error> {
    let (namespace, name) = deployment;
    let releases = context.stores.releases.of(&owner_key(namespace, name));
    let all = releases.iter().map(|release| &release.spec.settings).chain([settings]);
    let names: BTreeSet<String> = all.flat_map(|settings| manifest::used_secrets(settings).into_keys()).collect();
    values_of(context, namespace, names).await
}

/// All values of these Secrets.
pub async fn values_of(
    context: &Context,
    namespace: &str,
    names: impl IntoIterator<Item = String>,
) -> Result<Vec<String>, Error> {
    let api: Api<Secret> = Api::namespaced(context.shared.client.clone(), namespace);
    let mut values = Vec::new();
    // What is not in the cache is not there; a request for it would only fail.
    for name in names {
        if context.stores.secret_version(namespace, &name).is_empty() {
            continue;
        }
        let found = within(format!("reading Secret {name}"), api.get_opt(&name)).await?;
        let data = found.and_then(|secret| secret.data).unwrap_or_default();
        values.extend(data.into_values().filter_map(|value| String::from_utf8(value.0).ok()));
    }
    Ok(values)
}
