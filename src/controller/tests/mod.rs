//! Conversations with an imitated API server: what is asked of it, and what comes of its answers.

mod actions;
mod caches;
mod credentials;
mod crowd;
mod elsewhere;
mod ends;
mod execute;
mod hand_over;
mod images;
mod instances;
mod jobs;
mod looks;
mod neighbours;
mod observe;
mod pods;
mod reconcile;
mod report;
mod ruby;
mod scopes;
mod server;
mod shards;
mod watch;

use super::board::Board;
use super::context::{Context, Stores};
use super::index::{Index, Indexed};
use super::keys::{labelled_key, may_have_an_instance, of_action, of_release};
use super::observe::Questions;
use super::watching::Watching;
use super::{Process, share};
use crate::api::v1alpha1::{TengineDeployment, TengineRelease};
use crate::domain::{ChildName, Component};
use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::plan::{Desired, validate};
use crate::server::Health;
use crate::settings::{Hosts, Settings};
use futures::channel::mpsc::{self, UnboundedReceiver};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::{Script, Turn};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// What the caches hold; each kind as the API server would list it.
#[derive(Default)]
struct Caches {
    secrets: Vec<Value>,
    config_maps: Vec<Value>,
    releases: Vec<Value>,
    jobs: Vec<Value>,
    pods: Vec<Value>,
    workloads: Vec<Value>,
    actions: Vec<Value>,
}

/// A deployment, and the controller around it, before an API server that follows a script.
struct Scene {
    context: Context,
    object: TengineDeployment,
    desired: Desired,
    script: Script,
    /// Whom work in the background woke.
    woken: UnboundedReceiver<ObjectRef<TengineDeployment>>,
}

impl Scene {
    fn new(turns: Vec<Turn>) -> Self {
        Self::with(Caches::default(), &json!({}), turns)
    }

    /// `spec` is put over the usual one, field by field.
    fn with(caches: Caches, spec: &Value, turns: Vec<Turn>) -> Self {
        Self::among(Hosts::default(), caches, spec, turns)
    }

    /// The same, where hosts outside are reached in ways of their own.
    fn among(hosts: Hosts, caches: Caches, spec: &Value, turns: Vec<Turn>) -> Self {
        let script = Script::new(turns);
        let process = Process {
            health: Health::default(),
            metrics: Arc::new(Metrics::new()),
            leadership: Leadership::of_a_test(),
        };
        let shared = Arc::new(share(script.client(), Settings { hosts, ..Settings::default() }, process).unwrap());
        let stores = Stores {
            deployments: indexed(Vec::new(), |_| BTreeSet::new()),
            releases: indexed(caches.releases, of_release),
            workloads: indexed(caches.workloads, labelled_key),
            configs: indexed(Vec::new(), |_| BTreeSet::new()),
            pods: indexed(caches.pods, labelled_key),
            jobs: indexed(caches.jobs, labelled_key),
            budgets: indexed(Vec::new(), labelled_key),
            accounts: cache(Vec::new()),
            actions: indexed(caches.actions, of_action),
            replica_sets: indexed(Vec::new(), |_| BTreeSet::new()),
            secrets: cache(caches.secrets),
            config_maps: indexed(caches.config_maps, may_have_an_instance),
        };
        let watching = Watching::new(None, Arc::clone(&shared.metrics));
        // What would be woken is played by hand.
        let (wake, woken) = mpsc::unbounded();
        let context = Context { shared, board: Board::new(Arc::default(), wake), stores, watching };
        let object = deployment(spec);
        let desired = validate(&object).unwrap();
        Self { context, object, desired, script, woken }
    }

    /// Something stands under the name of its core that no cache shows: that is asked for by name.
    fn meets_its_core(&self) {
        let core = ChildName::of_component("billing", Component::Core);
        self.context.board.meet("u-1", core.as_ref());
    }

    async fn questions(&self) -> Questions {
        Questions::of(&self.context, &self.object, &self.desired).await.unwrap()
    }
}

fn cache<K>(objects: Vec<Value>) -> Store<K>
where
    K: kube::runtime::reflector::Lookup + Clone + DeserializeOwned + Debug + 'static,
    K::DynamicType: Eq + Hash + Clone + Default,
{
    let (store, mut writer) = reflector::store();
    writer.apply_watcher_event(&Event::Init);
    for object in objects {
        writer.apply_watcher_event(&Event::InitApply(serde_json::from_value(object).unwrap()));
    }
    writer.apply_watcher_event(&Event::InitDone);
    store
}

fn indexed<K>(objects: Vec<Value>, keys: fn(&K) -> BTreeSet<String>) -> Indexed<K>
where
    K: kube::Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + 'static,
{
    let index = Index::default();
    for object in &objects {
        index.follow(&Event::Apply(serde_json::from_value(object.clone()).unwrap()), keys);
    }
    Indexed::new(cache(objects), Arc::new(index))
}

/// One that is told at once where that is so no more.
fn was_live(object: TengineDeployment) -> TengineDeployment {
    let condition = json!({
        "type": "Ready", "status": "True", "reason": "UpToDate", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let status = serde_json::from_value(json!({ "conditions": [condition] })).unwrap();
    TengineDeployment { status: Some(status), ..object }
}

pub(super) fn deployment(spec: &Value) -> TengineDeployment {
    let mut object = json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment",
        "metadata": { "name": "billing", "namespace": "production", "uid": "u-1", "generation": 1 },
        "spec": {
            "source": { "git": { "url": "https://git.example.com/ops/jobs.git" } },
            "image": { "base": { "reference": "r.example.com/core:1" }, "repository": "r.example.com/ops/billing" },
            "tengine": { "eventQueue": { "host": "mq" }, "database": { "hosts": ["db:1"], "name": "t" } },
        }
    });
    for (key, value) in spec.as_object().into_iter().flatten() {
        object["spec"][key] = value.clone();
    }
    serde_json::from_value(object).unwrap()
}

/// The `ownerReferences` of what a deployment of this UID has made.
fn owned_by(uid: &str) -> Value {
    json!([{ "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment", "name": "billing", "uid": uid, "controller": true }])
}

/// What a read of the metadata alone gives of an object that a deployment of this UID has made.
fn metadata_of(name: &str, uid: &str) -> Value {
    let metadata = json!({ "name": name, "ownerReferences": owned_by(uid) });
    json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata })
}

/// The release below, with an image: from then on something may be started.
fn built() -> Value {
    let mut release = json!(release(Some("u-1")));
    release["status"] = json!({ "image": format!("r.example.com/ops/billing@sha256:{}", "1".repeat(64)) });
    release
}

/// A release as the plan would make it; `owner` is the UID of its deployment, if it has one.
pub(in crate::controller) fn release(owner: Option<&str>) -> TengineRelease {
    let owners = owner.map(owned_by);
    serde_json::from_value(json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineRelease",
        "metadata": { "name": "billing-0001-aaaaaaa", "namespace": "production", "ownerReferences": owners },
        "spec": {
            "deployment": "billing", "number": 1, "key": "0123456789abcdef", "commit": "a".repeat(40),
            "ref": "refs/heads/main", "revision": "main@aaaaaaa", "reason": "Commit", "rendering": 1,
            "build": {
                "url": "https://git.example.com/ops/jobs.git", "path": "", "base": "r.example.com/core:1",
                "baseDigest": format!("sha256:{}", "0".repeat(64)), "repository": "r.example.com/ops/billing",
            },
            "settings": { "tengine": {}, "progressDeadlineSeconds": 600 },
        },
    }))
    .unwrap()
}
