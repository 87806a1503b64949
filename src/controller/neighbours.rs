//! Other deployments that use the same queue or database, and what else a deployment is found by.

use crate::api::v1alpha1::{TengineDeployment, condition::Reason};
use crate::controller::elsewhere::{Elsewhere, asks};
use crate::controller::instances;
use crate::controller::packed::Packed;
use crate::manifest;
use crate::plan::{Problem, validate};
use kube::ResourceExt as _;
use std::collections::BTreeSet;

/// What a deployment is found by: its queue, its databases, and the Secrets, `ConfigMap`s and account that its spec names.
pub fn keys(object: &TengineDeployment) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = queue(object).into_iter().chain(databases(object)).collect();
    keys.extend(instances::selector(object).map(|_| instances::selects(&object.namespace().unwrap_or_default())));
    // Also where its spec cannot be understood: an instance that is wanted no more serves until it is gone.
    let namespace = &object.namespace().unwrap_or_default();
    let owners = object.metadata.owner_references.iter().flatten().filter(|owner| owner.controller == Some(true));
    keys.extend(owners.map(|owner| instance_of(namespace, &owner.uid)));
    let Ok(desired) = validate(object) else { return keys };
    let settings = desired.settings(None);
    let of_git = desired.git().map(|git| [&git.source.secret, &git.base.secret]);
    let of_releases = desired.git().and_then(|git| git.source.releases.as_ref()).map(|releases| &releases.secret);
    let own = of_git.into_iter().flatten().chain(of_releases).chain([&desired.image_secret]);
    let bot = desired.passing.iter().map(|passing| passing.secret.clone());
    let secrets = own.flatten().cloned().chain(bot).chain(manifest::used_secrets(&settings).into_keys());
    keys.extend(secrets.map(|name| user_of("Secret", namespace, &name)));
    let file = desired.config_ref().map(|reference| reference.name.clone());
    let maps = file.into_iter().chain(manifest::used_config_maps(&settings).into_keys());
    keys.extend(maps.map(|name| user_of("ConfigMap", namespace, &name)));
    let account = desired.pod.as_ref().and_then(|pod| pod.service_account_name.as_deref());
    keys.extend(account.map(|name| user_of("ServiceAccount", namespace, name)));
    keys.extend(desired.asks().map(asks));
    keys
}

/// The same of one in a cache.
pub fn keys_of(object: &Packed<TengineDeployment>) -> BTreeSet<String> {
    // It opens: this program packed it.
    object.open().map(|object| keys(&object)).unwrap_or_default()
}

/// By this key the instances of a deployment are found. They are in its own namespace: what has it for its owner elsewhere is a stranger.
pub fn instance_of(namespace: &str, uid: &str) -> String {
    format!("instance of {uid} in {namespace}")
}

/// By this key the deployments are found that name an object.
pub fn user_of(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind} {namespace}/{name}")
}

/// Other deployments that use the same queue or database.
pub fn of(object: &TengineDeployment, everywhere: &[Elsewhere]) -> Vec<Problem> {
    let me = (object.namespace().unwrap_or_default(), object.name_any());
    let others = |key: String| {
        let found: BTreeSet<_> = everywhere.iter().flat_map(|place| place.deployments.find(&key)).collect();
        found.into_iter().filter(|other| *other != me).map(|(namespace, name)| format!("{namespace}/{name}"))
    };
    let queues: BTreeSet<_> = queue(object).into_iter().flat_map(others).collect();
    let stores: BTreeSet<_> = databases(object).into_iter().flat_map(others).collect();
    let queues = queues.into_iter().map(|name| {
        let message = format!("{name} uses the same message broker and virtual host: they take each other's events");
        Problem::new(Reason::QueueShared, message)
    });
    let stores = stores.into_iter().map(|name| {
        Problem::new(
            Reason::DatabaseShared,
            format!("{name} uses the same database: they misfile each other's drivers"),
        )
    });
    let mut found: Vec<_> = queues.chain(stores).collect();
    found.sort_by(|a, b| a.message.cmp(&b.message));
    found
}

/// Whether it runs cores of its own: where it has instances, those do.
fn has_cores(object: &TengineDeployment) -> bool {
    object.spec.strategy.as_ref().is_none_or(|strategy| !strategy.has_instances())
}

/// Host, port and virtual host.
fn queue(object: &TengineDeployment) -> Option<String> {
    let queue = object.spec.tengine.event_queue.as_ref().filter(|_| has_cores(object))?;
    let host = qualified(&queue.host, object);
    Some(format!("queue {host} {} {}", queue.port.unwrap_or(5672), queue.vhost.as_deref().unwrap_or("/")))
}

/// Each host with the database's name.
fn databases(object: &TengineDeployment) -> Vec<String> {
    let database = object.spec.tengine.database.as_ref().filter(|_| has_cores(object));
    let Some(database) = database else { return Vec::new() };
    database.hosts.iter().map(|host| format!("database {} {}", qualified(host, object), database.name)).collect()
}

/// A name without a dot is a Service of the object's own namespace.
fn qualified(host: &str, object: &TengineDeployment) -> String {
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    if name.contains('.') {
        format!("{}:{port}", name.to_ascii_lowercase())
    } else {
        format!("{}.{}:{port}", name.to_ascii_lowercase(), object.namespace().unwrap_or_default())
    }
}
