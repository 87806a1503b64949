//! The watches of one scope: caches, and what wakes which deployment.

use super::board::Board;
use super::context::{Shared, Stores};
use super::elsewhere;
use super::forget::{forget_children, forget_contents, forget_deployments, forget_pods};
use super::index::{Index, Indexed};
use super::instances;
use super::keys::{
    deployment_of, is_among_configs, labelled, labelled_key, may_have_an_instance, of_action, of_release,
};
use super::lenient::{Lenient, readable};
use super::neighbours::{keys_of, user_of};
use super::packed::Packed;
use super::prune::{hold, prune, prune_replica_set};
use super::shard::Kept;
use super::watching::Watching;
use crate::api::v1alpha1::{TengineAction, TengineDeployment, TengineRelease};
use crate::domain::DeploymentName;
use crate::manifest;
use futures::{Stream, TryStreamExt as _};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::core::{NamespaceResourceScope, ObjectMeta, PartialObjectMeta};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{Controller, WatchStreamExt as _, watcher as watch};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

/// The watches of one scope, ready to run.
pub struct Watched {
    /// Wakes reconciles.
    pub controller: Controller<Packed<TengineDeployment>>,
    /// Filled by the same watches.
    pub stores: Stores,
    /// How they are.
    pub watching: Arc<Watching>,
}

/// Sets the watches of one scope up: a namespace, or with `None` the whole cluster.
#[expect(clippy::too_many_lines, reason = "a few lines for each kind that is watched")]
pub fn watch_scope(shared: &Arc<Shared>, namespace: Option<&str>, board: &Arc<Board>) -> Watched {
    let watching = Watching::new(namespace, Arc::clone(&shared.metrics));
    let scope = Scope { client: &shared.client, namespace, watching: &watching };
    let ours = watcher::Config::default().labels(&format!("{}={}", manifest::MANAGED_BY_LABEL, manifest::MANAGER));
    let everything = watcher::Config::default();
    // Others are asked what they are and which releases they have; the rest is the affair of whom it belongs to.
    let (all, own) = (Kept::All, Kept::Own(shared.settings.shard));

    let (deployments, main) = scope.cache::<Packed<TengineDeployment>>(everything.clone(), all, keys_of, prune);
    let main = main
        .inspect_ok(forget_deployments(shared, board, (namespace, deployments.store())))
        .inspect_ok(wake_who_asks(shared, |object: &Packed<TengineDeployment>| object.name_any()))
        .inspect_ok(wake_owner(shared))
        .default_backoff()
        .applied_objects();
    let (releases, release_events) = scope.cache::<Packed<TengineRelease>>(everything.clone(), all, of_release, prune);
    let release_events = release_events.inspect_ok(wake_who_asks(shared, deployment_of));
    let (actions, action_events) = scope.cache::<TengineAction>(everything.clone(), own, of_action, prune);
    let (workloads, workload_events) = scope.cache::<Packed<Deployment>>(ours.clone(), own, labelled_key, prune);
    let (configs, config_events) = scope.cache::<Packed<ConfigMap>>(ours.clone(), own, labelled_key, prune);
    let (pods, pod_events) = scope.cache::<Packed<Pod>>(ours.clone(), own, labelled_key, prune);
    let (budgets, budget_events) = scope.cache::<PodDisruptionBudget>(ours.clone(), own, labelled_key, prune);
    let (jobs, job_events) = scope.cache::<Packed<Job>>(ours.clone(), own, labelled_key, prune);
    // Metadata only: which pods follow which template is all that is asked of them.
    let (replica_sets, set_events) =
        scope.cache::<PartialObjectMeta<ReplicaSet>>(ours, own, labelled_key, prune_replica_set);
    let workload_events = workload_events.inspect_ok(forget_children(board));
    let config_events = config_events.inspect_ok(forget_children(board));
    let budget_events = budget_events.inspect_ok(forget_children(board));
    let pod_events = pod_events.inspect_ok(forget_pods(board, deployments.store()));
    let controller = Controller::for_stream(main, deployments.store().clone())
        .owns_stream(release_events.default_backoff().touched_objects())
        .owns_stream(workload_events.default_backoff().touched_objects())
        .owns_stream(config_events.default_backoff().touched_objects())
        .owns_stream(budget_events.default_backoff().touched_objects())
        .watches_stream(pod_events.default_backoff().touched_objects(), |pod| labelled(&pod))
        .watches_stream(job_events.default_backoff().touched_objects(), |job| labelled(&job))
        .watches_stream(action_events.default_backoff().touched_objects(), |action| {
            Some(ObjectRef::new(&action.spec.deployment).within(action.metadata.namespace.as_deref()?))
        })
        .watches_stream(set_events.default_backoff().touched_objects(), |set| labelled(&set));
    let (controller, Named { secrets, config_maps, accounts }) =
        follow_named(controller, &scope, shared, &deployments.index());
    let stores = Stores {
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
    };
    Watched { controller, stores, watching }
}

/// What a spec names: metadata only, contents never come near.
struct Named {
    secrets: Store<PartialObjectMeta<Secret>>,
    config_maps: Indexed<PartialObjectMeta<ConfigMap>>,
    accounts: Store<PartialObjectMeta<ServiceAccount>>,
}

/// Each of them wakes those who name it.
fn follow_named(
    controller: Controller<Packed<TengineDeployment>>,
    scope: &Scope<'_>,
    shared: &Arc<Shared>,
    index: &Arc<Index>,
) -> (Controller<Packed<TengineDeployment>>, Named) {
    let (secrets, secret_events) = scope.metadata::<Secret>();
    let part = shared.settings.shard;
    let (config_maps, map_events) =
        scope.labelled::<ConfigMap, _>(may_have_an_instance, move |map| !is_among_configs(part, map));
    let (accounts, account_events) = scope.metadata::<ServiceAccount>();
    let secret_events = secret_events.inspect_ok(forget_contents(shared, scope.namespace, &secrets));
    let map_events = map_events.inspect_ok(forget_contents(shared, scope.namespace, config_maps.store()));
    let (of_secrets, of_maps, of_accounts) = (Arc::clone(index), Arc::clone(index), Arc::clone(index));
    let controller = controller
        .watches_stream(secret_events.default_backoff().touched_objects(), move |it| users(&of_secrets, "Secret", &it))
        .watches_stream(map_events.default_backoff().touched_objects(), move |it| users_of_map(&of_maps, &it))
        .watches_stream(account_events.default_backoff().touched_objects(), move |it| {
            users(&of_accounts, "ServiceAccount", &it)
        });
    (controller, Named { secrets, config_maps, accounts })
}

/// What comes of a watch.
type Passed<K> = Result<Event<K>, watcher::Error>;

struct Scope<'a> {
    client: &'a Client,
    namespace: Option<&'a str>,
    watching: &'a Arc<Watching>,
}

impl Scope<'_> {
    /// A cache by what its objects belong to, of what is left of them, and the events that fill it.
    fn cache<K>(
        &self,
        config: watcher::Config,
        kept: Kept,
        keys: fn(&K) -> BTreeSet<String>,
        prune: fn(&mut ObjectMeta),
    ) -> (Indexed<K>, impl Stream<Item = Passed<K>> + Send + use<K>)
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + DeserializeOwned
            + Debug
            + Send
            + Sync
            + 'static,
    {
        let index = Arc::new(Index::default());
        let (store, writer) = reflector::store::<K>();
        let events = self.watching.observe(&K::kind(&()), watch(self.api::<Lenient<K>>(), config));
        let (known, watching, followed) = (store.clone(), Arc::clone(self.watching), Arc::clone(&index));
        let events = events
            .try_filter_map(move |event| {
                let known = |meta: &ObjectMeta| known.get(&reference(meta)).map(|object| object.as_ref().clone());
                let event = readable(event, known, |bad| watching.unreadable(&K::kind(&()), bad));
                let event = event.and_then(|event| kept.pass(event, keys, |meta| known(meta).is_some()));
                std::future::ready(Ok(event))
            })
            .modify(move |object| prune(object.meta_mut()))
            .inspect_ok(move |event| followed.follow(event, keys));
        (Indexed::new(store, index), reflector::reflector(writer, events))
    }

    /// A cache of names and versions.
    fn metadata<K>(
        &self,
    ) -> (Store<PartialObjectMeta<K>>, impl Stream<Item = Passed<PartialObjectMeta<K>>> + Send + use<K>)
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + Send + Sync + 'static,
    {
        let (cache, events) = self.labelled(|_| BTreeSet::new(), |_| true);
        (cache.store().clone(), events)
    }

    /// The same of those that are to be held, and the labels of those that are found by something.
    fn labelled<K, H>(
        &self,
        keys: fn(&PartialObjectMeta<K>) -> BTreeSet<String>,
        is_held: H,
    ) -> (Indexed<PartialObjectMeta<K>>, impl Stream<Item = Passed<PartialObjectMeta<K>>> + Send + use<K, H>)
    where
        H: Fn(&PartialObjectMeta<K>) -> bool + Copy + Send + 'static,
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + Send + Sync + 'static,
    {
        let index = Arc::new(Index::default());
        let (store, mut writer) = reflector::store();
        let events = watch(self.api::<PartialObjectMeta<K>>(), watcher::Config::default());
        let followed = Arc::clone(&index);
        let events = self
            .watching
            .observe(&K::kind(&()), events)
            .modify(move |object| {
                object.metadata.annotations = None;
                if keys(object).is_empty() && is_held(object) {
                    object.metadata.labels = None;
                }
                prune(&mut object.metadata);
            })
            .inspect_ok(move |event| followed.follow(event, keys))
            .inspect_ok(move |event| hold(&mut writer, event, is_held));
        (Indexed::new(store, index), events)
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        match self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        }
    }
}

/// What is called so.
pub fn reference<K: Resource<DynamicType = ()>>(meta: &ObjectMeta) -> ObjectRef<K> {
    ObjectRef::new(meta.name.as_deref().unwrap_or_default()).within(meta.namespace.as_deref().unwrap_or_default())
}

/// Those who wait for what a deployment says hear at once of what is said; `about` names the deployment.
fn wake_who_asks<K>(shared: &Arc<Shared>, about: fn(&K) -> String) -> impl FnMut(&Event<K>) + Send + use<K>
where
    K: Resource,
{
    let shared = Arc::clone(shared);
    move |event| match event {
        Event::Apply(object) | Event::InitApply(object) | Event::Delete(object) => {
            let namespace = object.namespace().unwrap_or_default();
            let everywhere = shared.everywhere.get().map_or(&[][..], Vec::as_slice);
            elsewhere::wake(everywhere, &DeploymentName { namespace, name: about(object) });
        }
        Event::Init | Event::InitDone => {}
    }
}

/// Who has instances hears of what they say, whatever they are called.
fn wake_owner(shared: &Arc<Shared>) -> impl FnMut(&Event<Packed<TengineDeployment>>) + Send + use<> {
    let shared = Arc::clone(shared);
    move |event| match event {
        Event::Apply(object) | Event::InitApply(object) | Event::Delete(object) => {
            elsewhere::wake_owner(shared.everywhere.get().map_or(&[][..], Vec::as_slice), object);
        }
        Event::Init | Event::InitDone => {}
    }
}

/// The deployments that name a ConfigMap, or take instances from its namespace: it may have had the labels until now.
fn users_of_map(index: &Index, map: &PartialObjectMeta<ConfigMap>) -> Vec<ObjectRef<Packed<TengineDeployment>>> {
    let take = index.find(&instances::selects(&map.namespace().unwrap_or_default()));
    let take = take.into_iter().map(|(namespace, name)| ObjectRef::new(&name).within(&namespace));
    users(index, "ConfigMap", map).into_iter().chain(take).collect()
}

/// The deployments that name an object.
fn users<K: Resource>(index: &Index, kind: &str, object: &K) -> Vec<ObjectRef<Packed<TengineDeployment>>> {
    let meta = object.meta();
    let key = user_of(kind, meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default());
    index.find(&key).into_iter().map(|(namespace, name)| ObjectRef::new(&name).within(&namespace)).collect()
}
