//! The Secrets, ConfigMaps and ServiceAccount that a spec names: are they there, and what do they hold?

use super::contents::{self, Content, Kind, fingerprint};
use super::context::Context;
use super::error::{Error, within};
use super::index::owner_key;
use crate::api::v1alpha1::{Settings, TengineRelease, condition::Reason};
use crate::manifest::{self, Read, Use};
use crate::plan::observed::References;
use crate::plan::{Desired, Problem};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Looks at everything the spec names, and at what the pods of each release read.
pub async fn observe(context: &Context, desired: &Desired, releases: &[TengineRelease]) -> Result<References, Error> {
    let reader = Reader { context, namespace: &desired.namespace };
    let mut problems = Vec::new();
    for (field, name, keys) in own_secrets(desired) {
        reader.check(Kind::Secret, name, &keys, field, &mut problems).await?;
    }
    let settings = desired.settings(None);
    // What cores read is asked for where there are cores: an instance may have laid Secrets of its own over these.
    let has_cores = desired.fleet.is_none();
    for (kind, name, used) in uses(&settings).into_iter().filter(|_| has_cores) {
        let keys: Vec<&str> = used.required_keys.iter().map(String::as_str).collect();
        if used.required {
            reader.check(kind, &name, &keys, &used.fields.join(", "), &mut problems).await?;
        }
        reader.check_values(kind, &name, &used, &mut problems).await?;
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
    if has_cores {
        reader.service_account(desired, &mut problems);
    }
    let mut hashes = BTreeMap::new();
    for release in releases {
        if let Some(hash) = reader.hash(&release.spec.settings, release.spec.rendering, &desired.name).await? {
            hashes.insert(release.name_any(), hash);
        }
    }
    // What only a connection test asks for.
    let wanted = if desired.checks.preflight.connection {
        reader.hash(&settings, manifest::RENDERING, &desired.name).await?
    } else {
        None
    };
    problems.dedup();
    Ok(References { problems, hashes, wanted, config })
}

/// The Secrets that the operator itself uses, with the keys it needs.
fn own_secrets(desired: &Desired) -> Vec<(&'static str, &str, Vec<&'static str>)> {
    let mut all = Vec::new();
    let git = desired.git();
    if let Some(name) = git.and_then(|git| git.source.secret.as_ref()) {
        // Which keys it needs depends on the URL and on each other: the look says what is missing.
        all.push(("spec.source.git.secretRef", name.as_str(), Vec::new()));
    }
    let releases = git.and_then(|git| git.source.releases.as_ref()).filter(|releases| releases.is_own);
    if let Some(name) = releases.and_then(|releases| releases.secret.as_ref()) {
        all.push(("spec.source.git.ref.releases.secretRef", name.as_str(), Vec::new()));
    }
    if let Some(name) = git.and_then(|git| git.base.secret.as_ref()) {
        all.push(("spec.image.base.secretRef", name.as_str(), vec![".dockerconfigjson"]));
    }
    if let Some(name) = &desired.image_secret {
        let field = if git.is_some() { "spec.image.secretRef" } else { "spec.source.promotion.secretRef" };
        all.push((field, name.as_str(), vec![".dockerconfigjson"]));
    }
    all
}

fn uses(settings: &Settings) -> Vec<(Kind, String, Use)> {
    let secrets = manifest::used_secrets(settings).into_iter().map(|(name, used)| (Kind::Secret, name, used));
    let maps = manifest::used_config_maps(settings).into_iter().map(|(name, used)| (Kind::ConfigMap, name, used));
    secrets.chain(maps).collect()
}

/// The keys that are read, and whose values no process can be given. Of a `ConfigMap` that is read as a whole, nodes pass over
/// `binaryData`, and `data` is text.
fn unusable<'a>(kind: Kind, content: &'a Content, read: &'a Read) -> impl Iterator<Item = (&'a str, &'static str)> {
    let judged = kind == Kind::Secret || *read != Read::Whole;
    content.unusable(read).filter(move |_| judged)
}

/// What was read of a Secret or `ConfigMap`.
struct Found {
    uid: String,
    /// The type of a Secret.
    kind: String,
    values: BTreeMap<String, Vec<u8>>,
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
            if !content.has(key) {
                let message = format!("{field}: {word} {name} has no key {key}");
                problems.push(Problem::new(kind.invalid(), message));
            } else if kind == Kind::Secret && content.is_empty(key) {
                let message = format!("{field}: {word} {name} has an empty key {key}");
                problems.push(Problem::new(kind.invalid(), message));
            }
        }
        Ok(())
    }

    /// What pods read of it reaches their processes as environment: a node would not make the container, and say why to nobody
    /// who knows what is in the Secret.
    async fn check_values(&self, kind: Kind, name: &str, used: &Use, problems: &mut Vec<Problem>) -> Result<(), Error> {
        let Some(content) = self.content(kind, name).await? else { return Ok(()) };
        let (field, word) = (used.fields.join(", "), kind.word());
        let told = unusable(kind, &content, &used.read).map(|(key, fault)| {
            let message = format!("{field}: {word} {name} has a key {key} {fault}, which no process can be given");
            Problem::new(kind.unusable(), message)
        });
        problems.extend(told);
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
        let Some(Found { uid, kind, values }) = self.values(kind, name).await? else { return Ok(None) };
        let content = Arc::new(Content::of(&uid, &kind, values));
        cache.put(self.namespace, name, &version, Arc::clone(&content));
        Ok(Some(content))
    }

    async fn values(&self, kind: Kind, name: &str) -> Result<Option<Found>, Error> {
        let what = format!("reading {} {name}", kind.word());
        let client = self.context.shared.client.clone();
        Ok(match kind {
            Kind::Secret => {
                let api: Api<Secret> = Api::namespaced(client, self.namespace);
                let found = within(what, api.get_opt(name)).await?;
                found.map(|secret| {
                    let uid = secret.uid().unwrap_or_default();
                    let data = secret.data.unwrap_or_default();
                    let values = data.into_iter().map(|(key, value)| (key, value.0)).collect();
                    Found { uid, kind: secret.type_.unwrap_or_default(), values }
                })
            }
            Kind::ConfigMap => {
                let api: Api<ConfigMap> = Api::namespaced(client, self.namespace);
                let found = within(what, api.get_opt(name)).await?;
                found.map(|map| {
                    let uid = map.uid().unwrap_or_default();
                    let texts = map.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.into_bytes()));
                    let bytes = map.binary_data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0));
                    Found { uid, kind: String::new(), values: texts.chain(bytes).collect() }
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
            let bytes = values.and_then(|mut found| found.values.remove(key)).map(Arc::from);
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
    /// cannot start without is missing, or something that they cannot start with is there.
    async fn hash(&self, settings: &Settings, rendering: i32, deployment: &str) -> Result<Option<String>, Error> {
        let mut contents = Vec::new();
        for (kind, name, used) in uses(settings) {
            let content = self.content(kind, &name).await?;
            // As in `check`: an empty password is none.
            let fits = |content: &Content, key: &str| kind != Kind::Secret || !content.is_empty(key);
            let there = |key: &String| content.as_ref().is_some_and(|content| content.has(key) && fits(content, key));
            if (used.required && content.is_none()) || (content.is_some() && !used.required_keys.iter().all(there)) {
                return Ok(None);
            }
            if content.as_ref().is_some_and(|content| unusable(kind, content, &used.read).next().is_some()) {
                return Ok(None);
            }
            contents.push((kind, name, used.read, content));
        }
        if rendering < fingerprint::SINCE {
            return Ok(Some(fingerprint::of_objects(&contents)));
        }
        let place = contents::place(self.namespace, deployment);
        let fingerprints = &self.context.shared.contents.fingerprints;
        Ok(Some(fingerprints.of(fingerprint::of_what_is_read(&contents), &place).await))
    }
}

/// All that a ConfigMap holds; `None` where it is not there.
pub async fn config_map(
    context: &Context,
    namespace: &str,
    name: &str,
) -> Result<Option<BTreeMap<String, Vec<u8>>>, Error> {
    let found = Reader { context, namespace }.values(Kind::ConfigMap, name).await?;
    Ok(found.map(|found| found.values))
}

/// What stands for these credentials in the key of a shared question.
pub async fn credentials(context: &Context, namespace: &str, name: Option<&str>) -> Result<String, Error> {
    let Some(name) = name else { return Ok(String::new()) };
    let known = Reader { context, namespace }.content(Kind::Secret, name).await?;
    Ok(known.map_or_else(|| format!("no Secret {namespace}/{name}"), |known| known.shared().to_owned()))
}

/// All values of the Secrets that pods of a deployment read, for masking them in logs: those of these settings, and of every
/// release that is kept, since pods of an older one may still talk.
pub async fn secret_values(
    context: &Context,
    deployment: (&str, &str),
    settings: &Settings,
) -> Result<Vec<String>, Error> {
    let (namespace, name) = deployment;
    let releases = context.stores.releases.opened(&owner_key(namespace, name))?;
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
