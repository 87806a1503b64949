//! Which Secrets and `ConfigMaps` the pods read.

use crate::api::v1alpha1::Settings;
use std::collections::{BTreeMap, BTreeSet};

/// How the pods use one Secret or `ConfigMap`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// Pods cannot start without the object.
    pub required: bool,
    /// All keys become environment variables.
    pub whole: bool,
    /// The keys that are used by name.
    pub keys: BTreeSet<String>,
    /// Those of them without which pods cannot start.
    pub required_keys: BTreeSet<String>,
}

/// The Secrets whose content reaches the processes, by name. Pull Secrets are not among them: see [`pull_secrets`].
pub fn used_secrets(settings: &Settings) -> BTreeMap<String, Use> {
    let mut uses = Uses::default();
    let (queue, database) = queue_and_database_secrets(settings);
    for name in [queue, database].into_iter().flatten() {
        uses.key(name, "username", None);
        uses.key(name, "password", None);
    }
    let pod = settings.pod.as_ref();
    for source in pod.and_then(|pod| pod.env.as_ref()).into_iter().flatten().filter_map(|env| env.value_from.as_ref()) {
        if let Some(found) = &source.secret_key_ref {
            uses.key(&found.name, &found.key, found.optional);
        }
    }
    for source in pod.and_then(|pod| pod.env_from.as_ref()).into_iter().flatten() {
        if let Some(found) = &source.secret_ref {
            uses.whole(&found.name, found.optional);
        }
    }
    uses.0
}

/// The `ConfigMaps` whose content reaches the processes, by name. The one of `configRef` is not among them: a release holds a
/// copy of its content.
pub fn used_config_maps(settings: &Settings) -> BTreeMap<String, Use> {
    let mut uses = Uses::default();
    let pod = settings.pod.as_ref();
    for source in pod.and_then(|pod| pod.env.as_ref()).into_iter().flatten().filter_map(|env| env.value_from.as_ref()) {
        if let Some(found) = &source.config_map_key_ref {
            uses.key(&found.name, &found.key, found.optional);
        }
    }
    for source in pod.and_then(|pod| pod.env_from.as_ref()).into_iter().flatten() {
        if let Some(found) = &source.config_map_ref {
            uses.whole(&found.name, found.optional);
        }
    }
    uses.0
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
    fn key(&mut self, name: &str, key: &str, optional: Option<bool>) {
        let used = self.0.entry(name.to_owned()).or_default();
        used.keys.insert(key.to_owned());
        if !optional.unwrap_or(false) {
            used.required = true;
            used.required_keys.insert(key.to_owned());
        }
    }

    fn whole(&mut self, name: &str, optional: Option<bool>) {
        let used = self.0.entry(name.to_owned()).or_default();
        used.whole = true;
        used.required |= !optional.unwrap_or(false);
    }
}
