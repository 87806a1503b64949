//! What caches leave out of what is watched: what nobody reads.

use crate::manifest;
use crate::plan::observed::ReplicaSet;
use kube::Resource;
use kube::core::ObjectMeta;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use std::collections::BTreeMap;

/// Written by `kubectl apply`: the whole object once more, values of Secrets included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Nobody reads who manages which field, nor the object as it was applied: together more than half of it.
pub fn prune(meta: &mut ObjectMeta) {
    meta.managed_fields = None;
    if let Some(annotations) = &mut meta.annotations {
        annotations.remove(LAST_APPLIED);
    }
}

/// Of a ReplicaSet, what Kubernetes copied of its Deployment goes too, but for what is read of it, and for the name of the deployment whose it is.
pub fn prune_replica_set(meta: &mut ObjectMeta) {
    prune(meta);
    let leave = |found: &mut Option<BTreeMap<String, String>>, read: &[&str]| {
        // Made anew: a map that was larger keeps its room.
        let left = found.take().into_iter().flatten().filter(|(key, _)| read.contains(&key.as_str()));
        *found = Some(left.collect()).filter(|left: &BTreeMap<_, _>| !left.is_empty());
    };
    leave(&mut meta.labels, &[&[manifest::DEPLOYMENT_LABEL], &ReplicaSet::LABELS[..]].concat());
    leave(&mut meta.annotations, &ReplicaSet::ANNOTATIONS);
}

/// Gives an event to a cache that holds only some of the objects; one that it is to hold no more goes.
pub fn hold<K>(writer: &mut Writer<K>, event: &Event<K>, is_held: impl Fn(&K) -> bool)
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    match event {
        // What a listing does not bring is gone with its end.
        Event::InitApply(object) if !is_held(object) => {}
        Event::Apply(object) if !is_held(object) => writer.apply_watcher_event(&Event::Delete(object.clone())),
        event => writer.apply_watcher_event(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::ResourceExt as _;
    use kube::runtime::reflector;
    use serde_json::json;

    #[test]
    fn what_is_held_comes_and_goes() {
        let (store, mut writer) = reflector::store();
        let of = |wanted: bool| -> ConfigMap {
            let labels = json!(wanted.then(|| json!({ "held": "" })));
            serde_json::from_value(json!({ "metadata": { "name": "a", "namespace": "production", "labels": labels } }))
                .unwrap()
        };
        let is_held = |map: &ConfigMap| map.labels().contains_key("held");
        let listed = |object| [Event::Init, Event::InitApply(object), Event::InitDone];
        let mut counts = Vec::new();
        for events in [listed(of(true)).to_vec(), vec![Event::Apply(of(false))], vec![Event::Apply(of(true))]] {
            for event in &events {
                hold(&mut writer, event, is_held);
            }
            counts.push(store.len());
        }
        for event in &listed(of(false)) {
            hold(&mut writer, event, is_held);
        }
        counts.push(store.len());
        assert_eq!(counts, [1, 0, 1, 0]);
    }
}
