//! Which Secrets and `ConfigMaps` the pods read.

use crate::api::v1alpha1::Settings;
use k8s_openapi::api::core::v1::{EnvFromSource, EnvVarSource};
use std::collections::{BTreeMap, BTreeSet};

/// What of an object's content reaches the processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// These keys.
    Keys(BTreeSet<String>),
    /// All of it.
    Whole,
}

impl Default for Read {
    fn default() -> Self {
        Self::Keys(BTreeSet::new())
    }
}

/// How the pods use one Secret or `ConfigMap`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// The fields that name it, in the order of their first mention.
    pub fields: Vec<String>,
    /// Pods cannot start without the object.
    pub required: bool,
    /// The keys without which pods cannot start.
    pub required_keys: BTreeSet<String>,
    /// What of it reaches the processes.
    pub read: Read,
}

/// The Secrets whose content reaches the processes, by name. Pull Secrets are not among them: see [`pull_secrets`].
pub fn used_secrets(settings: &Settings) -> BTreeMap<String, Use> {
    let mut uses = Uses::default();
    let (queue, database) = queue_and_database_secrets(settings);
    for (name, field) in [(queue, "spec.tengine.eventQueue.secretRef"), (database, "spec.tengine.database.secretRef")] {
        if let Some(name) = name {
            uses.key(name, "username", None, field);
            uses.key(name, "password", None, field);
        }
    }
    for (field, source) in variables(settings) {
        if let Some(found) = &source.secret_key_ref {
            uses.key(&found.name, &found.key, found.optional, &field);
        }
    }
    for (field, source) in sources(settings) {
        if let Some(found) = &source.secret_ref {
            uses.whole(&found.name, found.optional, &field);
        }
    }
    uses.0
}

/// The `ConfigMaps` whose content reaches the processes, by name. The one of `configRef` is not among them: a release holds a
/// copy of its content.
pub fn used_config_maps(settings: &Settings) -> BTreeMap<String, Use> {
    let mut uses = Uses::default();
    for (field, source) in variables(settings) {
        if let Some(found) = &source.config_map_key_ref {
            uses.key(&found.name, &found.key, found.optional, &field);
        }
    }
    for (field, source) in sources(settings) {
        if let Some(found) = &source.config_map_ref {
            uses.whole(&found.name, found.optional, &field);
        }
    }
    uses.0
}

/// The environment variables whose values come from elsewhere, each with its field.
fn variables(settings: &Settings) -> impl Iterator<Item = (String, &EnvVarSource)> {
    let all = settings.pod.as_ref().and_then(|pod| pod.env.as_ref()).into_iter().flatten().enumerate();
    all.filter_map(|(index, variable)| Some((format!("spec.pod.env[{index}]"), variable.value_from.as_ref()?)))
}

/// What is taken into the environment as a whole, each with its field.
fn sources(settings: &Settings) -> impl Iterator<Item = (String, &EnvFromSource)> {
    let all = settings.pod.as_ref().and_then(|pod| pod.env_from.as_ref()).into_iter().flatten().enumerate();
    all.map(|(index, source)| (format!("spec.pod.envFrom[{index}]"), source))
}

/// The Secrets that the image is pulled with, each once: those of `pod.imagePullSecrets`, else the one of `image.secretRef`.
pub fn pull_secrets(settings: &Settings) -> Vec<String> {
    let given = settings.pod.as_ref().and_then(|pod| pod.image_pull_secrets.as_ref());
    let mut names: Vec<String> = match given {
        Some(secrets) => secrets.iter().map(|secret| secret.name.clone()).collect(),
        None => settings.pull_secret.iter().cloned().collect(),
    };
    let mut seen = BTreeSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    names
}

/// The Secrets with the credentials of broker and database.
pub(super) fn queue_and_database_secrets(settings: &Settings) -> (Option<&str>, Option<&str>) {
    let tengine = &settings.tengine;
    let queue = tengine.event_queue.as_ref().and_then(|queue| queue.secret_ref.as_ref());
    let database = tengine.database.as_ref().and_then(|database| database.secret_ref.as_ref());
    (queue.map(|secret| secret.name.as_str()), database.map(|secret| secret.name.as_str()))
}

#[derive(Default)]
struct Uses(BTreeMap<String, Use>);

impl Uses {
    fn key(&mut self, name: &str, key: &str, optional: Option<bool>, field: &str) {
        let used = self.named(name, field);
        if let Read::Keys(keys) = &mut used.read {
            keys.insert(key.to_owned());
        }
        if !optional.unwrap_or(false) {
            used.required = true;
            used.required_keys.insert(key.to_owned());
        }
    }

    fn whole(&mut self, name: &str, optional: Option<bool>, field: &str) {
        let used = self.named(name, field);
        used.read = Read::Whole;
        used.required |= !optional.unwrap_or(false);
    }

    fn named(&mut self, name: &str, field: &str) -> &mut Use {
        let used = self.0.entry(name.to_owned()).or_default();
        if !used.fields.iter().any(|known| known == field) {
            used.fields.push(field.to_owned());
        }
        used
    }
}
