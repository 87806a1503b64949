//! What every reconcile has at hand.

use super::board::Board;
use super::events::Events;
use super::references::SecretCache;
use super::rooms::Rooms;
use crate::api::v1alpha1::{TengineDeployment, TengineRelease};
use crate::image::Registries;
use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::server::Health;
use crate::settings::Settings;
use crate::source::Looker;
use crate::worker::Worker;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::Store;
use kube::{Client, ResourceExt as _};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// The part that all namespaces share.
pub struct Shared {
    /// To the API server.
    pub client: Client,
    /// As told at start.
    pub settings: Settings,
    /// Where to count.
    pub metrics: Arc<Metrics>,
    /// Whether this process may still write.
    pub leadership: Leadership,
    /// Whose heart beats with every reconcile.
    pub health: Health,
    /// Starts children for Git and Ruby.
    pub worker: Worker,
    /// Asks Git hosts where references are.
    pub looker: Looker,
    /// Speaks to registries.
    pub registries: Registries,
    /// How many children fetch, check and pack at a time.
    pub children: Semaphore,
    /// How many fetched trees may wait for their push.
    pub rooms: Rooms,
    /// How many children ask a Git host for a ref at a time: more, because they do little, and because a host that hangs
    /// must not hold up those that ask another.
    pub looks: Semaphore,
    /// Publishes events.
    pub events: Events,
    /// What is known of Secrets and ConfigMaps, by version.
    pub secrets: SecretCache,
    /// The deployments of every scope, for finding neighbours. Set once, before the first reconcile.
    pub everywhere: OnceLock<Vec<Store<TengineDeployment>>>,
}

/// What one scope (a namespace, or the whole cluster) sees.
pub struct Context {
    /// Shared by all scopes.
    pub shared: Arc<Shared>,
    /// Work in the background.
    pub board: Arc<Board>,
    /// The caches.
    pub stores: Stores,
}

/// Caches, kept full by watches.
pub struct Stores {
    pub deployments: Store<TengineDeployment>,
    pub releases: Store<TengineRelease>,
    pub workloads: Store<Deployment>,
    pub configs: Store<ConfigMap>,
    pub pods: Store<Pod>,
    pub secrets: Store<PartialObjectMeta<Secret>>,
    pub config_maps: Store<PartialObjectMeta<ConfigMap>>,
}

impl Stores {
    /// `uid/resourceVersion` of a Secret; empty where there is none.
    pub fn secret_version(&self, namespace: &str, name: &str) -> String {
        version(&self.secrets, namespace, name)
    }

    /// `uid/resourceVersion` of a ConfigMap; empty where there is none.
    pub fn config_map_version(&self, namespace: &str, name: &str) -> String {
        version(&self.config_maps, namespace, name)
    }
}

fn version<K>(store: &Store<PartialObjectMeta<K>>, namespace: &str, name: &str) -> String
where
    K: kube::Resource<DynamicType = ()> + Clone + 'static,
{
    let key = kube::runtime::reflector::ObjectRef::new(name).within(namespace);
    store.get(&key).map_or_else(String::new, |found| {
        format!("{}/{}", found.uid().unwrap_or_default(), found.resource_version().unwrap_or_default())
    })
}
