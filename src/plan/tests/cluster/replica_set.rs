//! The ReplicaSet of a template.

use super::Template;
use crate::domain::Component;
use crate::manifest;
use crate::plan::observed::ReplicaSet;
use serde_json::json;

impl Template {
    pub(super) fn hash(component: Component, text: &str) -> String {
        crate::domain::Digest::of(format!("{component:?}{text}").as_bytes()).short(10).to_owned()
    }

    pub(super) fn read(&self) -> Option<ReplicaSet> {
        let (owner, hash) = (&self.owner, &self.hash);
        let set: k8s_openapi::api::apps::v1::ReplicaSet = serde_json::from_value(json!({
            "metadata": {
                "name": format!("{owner}-{hash}"), "labels": { "pod-template-hash": hash },
                "annotations": {
                    "deployment.kubernetes.io/revision": self.revision.to_string(), manifest::RELEASE_ANNOTATION: self.release,
                },
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "uid": self.uid, "controller": true,
                }],
            },
        }))
        .unwrap();
        ReplicaSet::read(&set)
    }
}
