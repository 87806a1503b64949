//! The watches of one scope: caches, and what wakes which deployment.

use super::board::Board;
use super::context::Stores;
use crate::api::v1alpha1::{TengineDeployment, TengineRelease};
use crate::manifest;
use crate::plan::validate;
use futures::{Stream, TryStreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{Controller, WatchStreamExt as _, watcher as watch};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::Arc;

/// The watches of one scope, ready to run.
pub struct Watched {
    /// Wakes reconciles.
    pub controller: Controller<TengineDeployment>,
    /// Filled by the same watches.
    pub stores: Stores,
}

/// Sets the watches of one scope up: a namespace, or with `None` the whole cluster.
pub fn watch_scope(client: &Client, namespace: Option<&str>, board: &Arc<Board>) -> Watched {
    let ours = watcher::Config::default().labels(&format!("{}={}", manifest::MANAGED_BY_LABEL, manifest::MANAGER));
    let everything = watcher::Config::default();

    let (deployments, writer) = reflector::store::<TengineDeployment>();
    let (board, known) = (Arc::clone(board), deployments.clone());
    let main = reflector::reflector(writer, watch(api(client, namespace), everything.clone()))
        .inspect_ok(move |event| match event {
            Event::Delete(gone) => board.forget(&gone.uid().unwrap_or_default()),
            Event::InitDone => board.keep_only(&known.state().iter().filter_map(|object| object.uid()).collect()),
            Event::Apply(_) | Event::Init | Event::InitApply(_) => {}
        })
        .default_backoff()
        .applied_objects();

    let (releases, release_events) = cache::<TengineRelease>(api(client, namespace), everything.clone());
    let (workloads, workload_events) = cache::<Deployment>(api(client, namespace), ours.clone());
    let (configs, config_events) = cache::<ConfigMap>(api(client, namespace), ours.clone());
    let (pods, pod_events) = cache::<Pod>(api(client, namespace), ours);
    // Metadata only: contents never come near.
    let (secrets, secret_events) = cache::<PartialObjectMeta<Secret>>(api(client, namespace), everything.clone());
    let (config_maps, config_map_events) = cache::<PartialObjectMeta<ConfigMap>>(api(client, namespace), everything);

    let neighbours = deployments.clone();
    let (of_secrets, of_maps) = (deployments.clone(), deployments.clone());
    let controller = Controller::for_stream(main, deployments.clone())
        .owns_stream(release_events)
        .owns_stream(workload_events)
        .owns_stream(config_events)
        .watches_stream(pod_events, |pod| labelled(&pod))
        .watches_stream(secret_events, move |secret| users(&of_secrets, &secret, uses_secret))
        .watches_stream(config_map_events, move |map| users(&of_maps, &map, uses_config_map));
    let stores = Stores { deployments: neighbours, releases, workloads, configs, pods, secrets, config_maps };
    Watched { controller, stores }
}

fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

/// A cache, and the stream of all that changes in it, deletions included.
fn cache<K>(api: Api<K>, config: watcher::Config) -> (Store<K>, impl Stream<Item = Result<K, watcher::Error>> + Send)
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    // Nobody reads who manages which field; it is half of every object.
    let events = watch(api, config).modify(|object| object.meta_mut().managed_fields = None);
    (store, reflector::reflector(writer, events).default_backoff().touched_objects())
}

/// The deployment that an object's label names.
fn labelled<K: Resource>(object: &K) -> Option<ObjectRef<TengineDeployment>> {
    let name = object.meta().labels.as_ref()?.get(manifest::DEPLOYMENT_LABEL)?;
    Some(ObjectRef::new(name).within(object.meta().namespace.as_deref()?))
}

/// The deployments that use an object of this name.
fn users<K: Resource>(
    deployments: &Store<TengineDeployment>,
    object: &K,
    uses: fn(&TengineDeployment, &str) -> bool,
) -> Vec<ObjectRef<TengineDeployment>> {
    let (name, namespace) = (object.meta().name.as_deref().unwrap_or_default(), object.meta().namespace.clone());
    deployments
        .state()
        .iter()
        .filter(|deployment| deployment.namespace() == namespace && uses(deployment, name))
        .map(|deployment| ObjectRef::from_obj(deployment.as_ref()))
        .collect()
}

fn uses_secret(deployment: &TengineDeployment, name: &str) -> bool {
    validate(deployment).is_ok_and(|desired| {
        let own = [&desired.source.secret, &desired.base.secret, &desired.push_secret];
        own.into_iter().flatten().any(|secret| secret == name)
            || manifest::used_secrets(&desired.settings(None)).contains_key(name)
    })
}

fn uses_config_map(deployment: &TengineDeployment, name: &str) -> bool {
    validate(deployment).is_ok_and(|desired| {
        desired.config_ref().is_some_and(|reference| reference.name == name)
            || manifest::used_config_maps(&desired.settings(None)).contains_key(name)
    })
}
