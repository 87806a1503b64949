//! What the caches take of memory for one of a crowd at rest, by the C library's own count.

use super::Crowd;
use crate::controller::index::{Index, Indexed};
use crate::controller::keys::{labelled_key, may_have_an_instance, of_release};
use crate::controller::neighbours;
use crate::controller::prune::prune_replica_set;
use k8s_openapi::api::apps::v1::ReplicaSet;
use kube::Resource;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;

/// What is allocated and not freed.
#[allow(unsafe_code)] // It takes nothing, returns numbers, and locks what it looks at (mallinfo(3)).
fn held() -> usize {
    let now = unsafe { libc::mallinfo2() };
    now.uordblks + now.hblkhd
}

/// What the same objects take once more, in bytes: in a cache, and in an index.
fn taken<K>(cache: &Indexed<K>, keys: fn(&K) -> BTreeSet<String>) -> (usize, usize)
where
    K: Resource<DynamicType = ()> + Clone + Debug + 'static,
{
    let objects = cache.store().state();
    let before = held();
    let (store, mut writer) = reflector::store();
    for object in &objects {
        writer.apply_watcher_event(&Event::Apply(object.as_ref().clone()));
    }
    let stored = held().saturating_sub(before);
    let before = held();
    let index = Index::default();
    for object in &objects {
        index.follow(&Event::Apply(object.as_ref().clone()), keys);
    }
    let indexed = held().saturating_sub(before);
    assert_eq!(store.len(), objects.len());
    (stored, indexed)
}

/// As Kubernetes makes one of a Deployment, and as the cache has it.
fn replica_set(deployment: &Value) -> Value {
    let (name, hash) = (deployment["metadata"]["name"].as_str().unwrap(), "5d9c7b8f64");
    let mut labels = deployment["spec"]["template"]["metadata"]["labels"].clone();
    labels["pod-template-hash"] = json!(hash);
    let mut annotations = deployment["metadata"]["annotations"].clone();
    for (key, value) in [("desired-replicas", "0"), ("max-replicas", "1"), ("revision", "1")] {
        annotations[format!("deployment.kubernetes.io/{key}")] = json!(value);
    }
    let set = json!({ "metadata": {
        "name": format!("{name}-{hash}"), "labels": labels, "annotations": annotations,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [{
            "apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": deployment["metadata"]["uid"],
            "controller": true, "blockOwnerDeletion": true,
        }],
    } });
    let mut set: PartialObjectMeta<ReplicaSet> = serde_json::from_value(set).unwrap();
    prune_replica_set(&mut set.metadata);
    json!(set)
}

#[tokio::test]
#[ignore = "a figure, for a quiet machine"]
async fn figure_of_what_an_object_takes() {
    let count = 1_000;
    let crowd = Crowd::of(count).await;
    crowd.assert_ready(count);
    for deployment in crowd.cluster.all("deployments") {
        crowd.cluster.put("replicasets", &replica_set(&deployment));
    }
    let stores = &crowd.context.stores;
    let told = |what: &str, (stored, indexed): (usize, usize)| {
        println!("held {what} {} {}", stored / count, indexed / count);
    };
    told("TengineDeployment", taken(&stores.deployments, neighbours::keys_of));
    told("TengineRelease", taken(&stores.releases, of_release));
    told("Deployment", taken(&stores.workloads, labelled_key));
    told("ConfigMap", taken(&stores.configs, labelled_key));
    told("ConfigMap's metadata", taken(&stores.config_maps, may_have_an_instance));
    told("ReplicaSet", taken(&stores.replica_sets, labelled_key));
    let before = held();
    crowd.context.board.keep_only(&HashSet::new());
    println!("held board {}", before.saturating_sub(held()) / count);
}
