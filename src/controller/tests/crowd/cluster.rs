//! An API server that keeps what it is given, and the caches that follow it.

use crate::controller::context::Stores;
use crate::controller::index::{Index, Indexed};
use crate::controller::keys::{is_among_configs, labelled_key, may_have_an_instance, of_action, of_release};
use crate::controller::neighbours;
use crate::domain::Shard;
use axum::http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use kube::runtime::reflector::{self, Lookup, Store};
use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

/// Gives an object to a cache, as a watch would.
type Feed = Box<dyn Fn(&Value) + Send>;

/// What there is, by `resource/name`.
#[derive(Default)]
struct State {
    objects: HashMap<String, Value>,
    feeds: Vec<(&'static str, Feed)>,
    /// How often what was asked, such as `GET deployments`.
    requests: HashMap<String, usize>,
    version: u64,
}

/// The cluster. What is written to it is in the caches at once.
#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<State>>);

impl Cluster {
    /// A client that speaks to it.
    pub fn client(&self) -> Client {
        let cluster = self.clone();
        Client::new(tower::service_fn(move |request| answer(cluster.clone(), request)), "production")
    }

    /// Its caches, all of them full.
    pub fn stores(&self) -> Stores {
        Stores {
            deployments: self.indexed("tenginedeployments", neighbours::keys_of),
            releases: self.indexed("tenginereleases", of_release),
            workloads: self.indexed("deployments", labelled_key),
            configs: self.indexed("configmaps", labelled_key),
            config_maps: self.indexed_of("configmaps", may_have_an_instance, |map| !is_among_configs(Shard::ONLY, map)),
            secrets: self.plain("secrets", |_| true),
            pods: self.indexed("pods", labelled_key),
            jobs: self.indexed("jobs", labelled_key),
            budgets: self.indexed("poddisruptionbudgets", labelled_key),
            actions: self.indexed("tengineactions", of_action),
            replica_sets: self.indexed("replicasets", labelled_key),
            accounts: self.plain("serviceaccounts", |_| true),
        }
    }

    /// An object that somebody applied.
    pub fn put(&self, resource: &str, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.0.lock().unwrap().write(resource, &name, object);
    }

    /// All there is of a resource.
    pub fn all(&self, resource: &str) -> Vec<Value> {
        let state = self.0.lock().unwrap();
        let found = state.objects.iter().filter(|(name, _)| name.split('/').next() == Some(resource));
        found.map(|(_, object)| object.clone()).collect()
    }

    /// How much was asked of it so far.
    pub fn requests(&self) -> usize {
        self.0.lock().unwrap().requests.values().sum()
    }

    /// How often it was asked for what.
    pub fn all_asked(&self) -> BTreeMap<String, usize> {
        self.0.lock().unwrap().requests.clone().into_iter().collect()
    }

    /// How often it was asked for this, such as `GET deployments`.
    pub fn asked(&self, what: &str) -> usize {
        self.0.lock().unwrap().requests.get(what).copied().unwrap_or_default()
    }

    /// How often anything was written.
    pub fn writes(&self) -> u64 {
        self.0.lock().unwrap().version
    }

    fn plain<K>(&self, resource: &'static str, is_held: fn(&K) -> bool) -> Store<K>
    where
        K: Lookup + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Eq + Hash + Clone + Default + Send + Sync,
    {
        let (store, mut writer) = reflector::store();
        writer.apply_watcher_event(&Event::Init);
        writer.apply_watcher_event(&Event::InitDone);
        let writer = Mutex::new(writer);
        self.feed(resource, move |object: &Value| {
            let object = serde_json::from_value(object.clone()).unwrap();
            if is_held(&object) {
                writer.lock().unwrap().apply_watcher_event(&Event::Apply(object));
            }
        });
        store
    }

    fn indexed<K>(&self, resource: &'static str, keys: fn(&K) -> BTreeSet<String>) -> Indexed<K>
    where
        K: kube::Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
    {
        self.indexed_of(resource, keys, |_| true)
    }

    fn indexed_of<K>(
        &self,
        resource: &'static str,
        keys: fn(&K) -> BTreeSet<String>,
        is_held: fn(&K) -> bool,
    ) -> Indexed<K>
    where
        K: kube::Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
    {
        let index = Arc::new(Index::default());
        let followed = Arc::clone(&index);
        self.feed(resource, move |object: &Value| {
            followed.follow(&Event::Apply(serde_json::from_value(object.clone()).unwrap()), keys);
        });
        Indexed::new(self.plain(resource, is_held), index)
    }

    fn feed(&self, resource: &'static str, feed: impl Fn(&Value) + Send + 'static) {
        self.0.lock().unwrap().feeds.push((resource, Box::new(feed)));
    }
}

impl State {
    /// What is said of an object beside its status, or as its status; the rest stays. Gives the object.
    fn write(&mut self, resource: &str, name: &str, said: &Value) -> Value {
        self.version += 1;
        let before = self.objects.get(&format!("{resource}/{name}"));
        let mut object = before.cloned().unwrap_or_else(|| json!({ "metadata": { "generation": 0 } }));
        let mut metadata = object["metadata"].clone();
        merge(&mut metadata, &said["metadata"]);
        metadata["namespace"] = json!("production");
        metadata["resourceVersion"] = json!(self.version.to_string());
        if metadata["uid"].is_null() {
            metadata["uid"] = json!(format!("{resource}-{name}"));
        }
        if said.get("status").is_none() {
            metadata["generation"] = json!(metadata["generation"].as_i64().unwrap_or_default() + 1);
        }
        merge(&mut object, said);
        object["metadata"] = metadata;
        if resource == "deployments" {
            // Its controller has nothing to do where no pod is wanted.
            object["status"] = json!({ "observedGeneration": object["metadata"]["generation"] });
        }
        self.objects.insert(format!("{resource}/{name}"), object.clone());
        self.feeds.iter().filter(|(fed, _)| *fed == resource).for_each(|(_, feed)| feed(&object));
        object
    }
}

fn merge(object: &mut Value, said: &Value) {
    for (key, value) in said.as_object().into_iter().flatten() {
        object[key] = value.clone();
    }
}

async fn answer(cluster: Cluster, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().rsplit_once("/namespaces/production/").map_or("", |(_, rest)| rest).to_owned();
    let said: Value = serde_json::from_slice(&body.collect_bytes().await.unwrap()).unwrap_or_default();
    let mut state = cluster.0.lock().unwrap();
    let mut words = path.split('/');
    let resource = words.next().unwrap_or_default();
    *state.requests.entry(format!("{} {resource}", parts.method)).or_default() += 1;
    let name = words.next().or_else(|| said["metadata"]["name"].as_str()).unwrap_or_default();
    let found = if parts.method == Method::GET && name.is_empty() {
        let of = |(key, _): &(&String, &Value)| key.starts_with(&format!("{resource}/"));
        let items: Vec<_> = state.objects.iter().filter(of).map(|(_, object)| object.clone()).collect();
        Some(json!({ "metadata": {}, "items": items }))
    } else if parts.method == Method::GET {
        state.objects.get(&format!("{resource}/{name}")).cloned()
    } else {
        Some(state.write(resource, name, &said))
    };
    let missing =
        || json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "reason": "NotFound" });
    let code = if found.is_some() { 200 } else { 404 };
    let text = found.unwrap_or_else(missing).to_string();
    Ok(Response::builder().status(code).body(Body::from(text.into_bytes())).unwrap())
}
