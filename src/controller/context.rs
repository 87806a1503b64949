//! What every reconcile has at hand.

use super::board::{Board, Common, Turns};
use super::burst::Burst;
use super::contents::Contents;
use super::elsewhere::Elsewhere;
use super::error::Error;
use super::events::Events;
use super::index::{Indexed, is_full};
use super::just_read::JustRead;
use super::made::Made;
use super::packed::Packed;
use super::policy::Policy;
use super::watching::Watching;
use super::wishes::Wishes;
use crate::api::v1alpha1::{TengineAction, TengineDeployment, TengineRelease};
use crate::domain::GitScheme;
use crate::image::Registries;
use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::server::Health;
use crate::settings::Settings;
use crate::source::Looker;
use crate::worker::Worker;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::Store;
use kube::{Client, ResourceExt as _};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long who waits for the caches waits before it asks again.
const AGAIN: Duration = Duration::from_millis(50);

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
    /// Whose turn it is to fetch, check and pack in a child, and to lie in the scratch folder until the push.
    pub children: Arc<Turns>,
    /// Whose turn it is to ask a Git host or a registry.
    pub turns: Arc<Turns>,
    /// Whose turn it is to ask a Git host over SSH, in a child.
    pub over_ssh: Arc<Turns>,
    /// Builds that several deployments wait for.
    pub builds: Common<Made>,
    /// What they are compared with.
    pub wishes: Arc<Wishes>,
    /// The new objects of the last second.
    pub burst: Burst,
    /// How many objects are reconciled at one time, in all scopes together.
    pub reconciles: Semaphore,
    /// To Prometheus.
    pub prometheus: reqwest::Client,
    /// Publishes events.
    pub events: Events,
    /// What is known of Secrets and ConfigMaps, by version.
    pub contents: Contents,
    /// Secrets that looks are reading.
    pub just_read: JustRead,
    /// What proves who makes an action.
    pub policy: Policy,
    /// What every scope sees, for finding neighbours and what gates ask. Set once, before the first reconcile.
    pub everywhere: OnceLock<Vec<Elsewhere>>,
}

impl Shared {
    /// Whose turn it is to ask a repository that is spoken to in this way.
    pub fn turns_over(&self, scheme: GitScheme) -> &Arc<Turns> {
        match scheme {
            GitScheme::Https | GitScheme::Http => &self.turns,
            GitScheme::Ssh => &self.over_ssh,
        }
    }

    /// Whether the deployment of this name, be it there or not, is this process' own: another shard does everything for the others.
    pub fn owns(&self, namespace: &str, name: &str) -> bool {
        self.settings.shard.owns(namespace, name)
    }

    /// Whether this process may still write, after an answer that it waited for.
    ///
    /// # Errors
    /// Another replica leads by now, as far as anybody can say.
    pub fn leads(&self, what: &str) -> Result<(), Error> {
        if self.leadership.holds() { Ok(()) } else { Err(Error::not_leading(what)) }
    }
}

/// What one scope (a namespace, or the whole cluster) sees.
pub struct Context {
    /// Shared by all scopes.
    pub shared: Arc<Shared>,
    /// Work in the background.
    pub board: Arc<Board>,
    /// The caches.
    pub stores: Stores,
    /// How the watches that fill them are.
    pub watching: Arc<Watching>,
}

/// Caches, kept full by watches.
pub struct Stores {
    /// By what they use.
    pub deployments: Indexed<Packed<TengineDeployment>>,
    /// By the UID of their deployment, and by its name.
    pub releases: Indexed<Packed<TengineRelease>>,
    /// Like workloads, configs and pods by the deployment that their label, or spec, names.
    pub actions: Indexed<TengineAction>,
    pub workloads: Indexed<Packed<Deployment>>,
    pub configs: Indexed<Packed<ConfigMap>>,
    pub pods: Indexed<Packed<Pod>>,
    pub jobs: Indexed<Packed<Job>>,
    pub budgets: Indexed<PodDisruptionBudget>,
    pub replica_sets: Indexed<PartialObjectMeta<ReplicaSet>>,
    pub secrets: Store<PartialObjectMeta<Secret>>,
    /// Those that are not among `configs`; those that have labels and are not ours by their namespace.
    pub config_maps: Indexed<PartialObjectMeta<ConfigMap>>,
    pub accounts: Store<PartialObjectMeta<ServiceAccount>>,
}

impl Stores {
    /// Waits until every cache has been filled once: what is not in it before may be there all the same.
    ///
    /// Of those who wait for a cache, the runtime wakes the one that asked last, and no other. So each asks again.
    pub async fn filled(&self) {
        let mut again = tokio::time::interval(AGAIN);
        while !self.are_full() {
            again.tick().await;
        }
    }

    /// Whether every cache has been filled once.
    pub fn are_full(&self) -> bool {
        // All by name, so that none is forgotten: a decision that is not in its cache is one that nobody took.
        let Self {
            deployments,
            releases,
            actions,
            workloads,
            configs,
            pods,
            jobs,
            budgets,
            replica_sets,
            secrets,
            config_maps,
            accounts,
        } = self;
        is_full(deployments.store())
            && is_full(releases.store())
            && is_full(actions.store())
            && is_full(workloads.store())
            && is_full(configs.store())
            && is_full(pods.store())
            && is_full(jobs.store())
            && is_full(budgets.store())
            && is_full(replica_sets.store())
            && is_full(secrets)
            && is_full(config_maps.store())
            && is_full(accounts)
    }

    /// `uid/resourceVersion` of a Secret; empty where there is none.
    pub fn secret_version(&self, namespace: &str, name: &str) -> String {
        version(&self.secrets, namespace, name)
    }

    /// `uid/resourceVersion` of a ConfigMap; empty where there is none.
    pub fn config_map_version(&self, namespace: &str, name: &str) -> String {
        let known = version(self.config_maps.store(), namespace, name);
        if known.is_empty() { version(self.configs.store(), namespace, name) } else { known }
    }

    /// Whether there is a ServiceAccount of this name.
    pub fn has_account(&self, namespace: &str, name: &str) -> bool {
        !version(&self.accounts, namespace, name).is_empty()
    }
}

fn version<K>(store: &Store<K>, namespace: &str, name: &str) -> String
where
    K: kube::Resource<DynamicType = ()> + Clone + 'static,
{
    let key = kube::runtime::reflector::ObjectRef::new(name).within(namespace);
    store.get(&key).map_or_else(String::new, |found| {
        format!("{}/{}", found.uid().unwrap_or_default(), found.resource_version().unwrap_or_default())
    })
}
