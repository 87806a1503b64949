//! What the API server shows of pods, read.

use crate::domain::Component;
use crate::manifest;
use crate::plan::observed::{Obstacle, Pod, PodTrouble};
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
