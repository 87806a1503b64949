//! What the API server shows of pods and of what makes them, read.

use crate::domain::Component;
use crate::manifest;
use crate::plan::observed::{Obstacle, Pod, PodTrouble, ReplicaSet, Workload};
use k8s_openapi::api::apps::v1;
use kube::core::PartialObjectMeta;
use rstest::rstest;
use serde_json::{Value, json};

/// A core's pod of this status.
fn pod(status: &Value) -> Pod {
    let labels = json!({ manifest::COMPONENT_LABEL: Component::Core.label() });
    let object = json!({ "metadata": { "name": "core", "labels": labels }, "status": status });
    Pod::read(&serde_json::from_value(object).unwrap(), &[], "2026-01-01T00:10:00Z".parse().unwrap())
}

#[rstest]
#[case::no_node("Unschedulable")]
#[case::a_gate_of_somebody_else("SchedulingGated")]
#[case::a_scheduler_in_trouble("SchedulerError")]
fn whatever_keeps_a_pod_from_a_node_is_no_fault_of_its_content(#[case] reason: &str) {
    let kept = json!({ "type": "PodScheduled", "status": "False", "reason": reason, "message": "not yet" });
    let read = pod(&json!({ "phase": "Pending", "conditions": [kept] }));
    assert_eq!(read.trouble, Some(PodTrouble::Obstacle(Obstacle::Unschedulable, "not yet".into())));
}

#[rstest]
#[case::pulled("ContainerCreating")]
#[case::behind_init_containers("PodInitializing")]
fn a_core_that_does_not_run_yet_is_in_no_trouble_and_no_clock_runs(#[case] reason: &str) {
    let waits = json!({ "waiting": { "reason": reason } });
    let core =
        json!({ "name": "tengined", "image": "x", "imageID": "", "ready": false, "restartCount": 0, "state": waits });
    let turned = json!({ "type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z" });
    let read = pod(&json!({ "phase": "Pending", "conditions": [turned], "containerStatuses": [core] }));
    assert_eq!((read.trouble, read.starting_since), (None, None));
}

/// As it stands right after another template was written: all that it says is of the one before.
#[test]
fn what_a_deployment_says_of_the_generation_before_says_nothing() {
    let status = |observed: i64| {
        let (all, refused) = (2, json!({ "type": "ReplicaFailure", "status": "True", "message": "no quota" }));
        let object = json!({
            "metadata": {
                "name": "cores", "uid": "d-1", "generation": 7, "annotations": { "deployment.kubernetes.io/revision": "3" },
            },
            "spec": { "replicas": all, "selector": {}, "template": {} },
            "status": {
                "observedGeneration": observed, "replicas": all, "readyReplicas": all, "updatedReplicas": all,
                "availableReplicas": all, "conditions": [refused],
            },
        });
        let set = json!({ "metadata": {
            "name": "cores-1", "annotations": { "deployment.kubernetes.io/revision": "3" },
            "labels": { "pod-template-hash": "1" }, "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "Deployment", "name": "cores", "uid": "d-1", "controller": true,
            }],
        } });
        let set: PartialObjectMeta<v1::ReplicaSet> = serde_json::from_value(set).unwrap();
        Workload::read(&serde_json::from_value(object).unwrap(), &[ReplicaSet::read(&set).unwrap()])
    };
    let (now, before) = (status(7), status(6));
    assert!(now.is_complete() && now.template.is_some() && now.refused.is_some(), "{now:?}");
    assert!(!before.is_complete() && before.template.is_none() && before.refused.is_none(), "{before:?}");
}
