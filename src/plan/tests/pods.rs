//! What the API server shows of pods and of what makes them, read.

use crate::domain::Component;
use crate::manifest;
use crate::plan::observed::{Crash, Obstacle, Pod, PodTrouble, ReplicaSet, Workload};
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

/// A core that runs since ten past, and what its pod says of being ready since when.
#[rstest]
#[case::it_was_ready_and_is_not(true, false, "00:09:30", true)]
#[case::it_starts(false, false, "00:09:30", false)]
#[case::it_waits_for_its_turn_and_never_was(true, false, "00:08:59", false)]
#[case::its_node_does_not_say(true, true, "00:09:30", false)]
fn a_core_that_was_ready_and_is_not_though_nothing_ended_is_cut_off(
    #[case] started: bool,
    #[case] ready: bool,
    #[case] turned: &str,
    #[case] is: bool,
) {
    let runs = json!({ "running": { "startedAt": "2026-01-01T00:09:00Z" } });
    let core = json!({
        "name": "tengined", "image": "x", "imageID": "", "restartCount": 0, "started": started, "ready": ready, "state": runs,
    });
    let turned = json!({ "type": "Ready", "status": "False", "lastTransitionTime": format!("2026-01-01T{turned}Z") });
    let status = json!({ "phase": "Running", "conditions": [turned], "containerStatuses": [core] });
    assert_eq!(pod(&status).trouble == Some(PodTrouble::Disconnected), is);
    // What carries its connection may be what fails.
    let failing = json!({
        "name": "proxy", "image": "x", "imageID": "", "restartCount": 3, "ready": false,
        "state": { "waiting": { "reason": "CrashLoopBackOff" } },
    });
    let mut status = status;
    status["initContainerStatuses"] = json!([failing]);
    assert!(matches!(pod(&status).trouble, Some(PodTrouble::Obstacle(Obstacle::Beside, _))), "{status}");
}

/// What a pod with a readiness gate says of being ready, and why not.
#[rstest]
#[case::its_node_is_silent("False", "", "True", true)]
#[case::its_node_is_silent_and_its_gate_closed_since("False", "", "False", true)]
#[case::its_gate_is_closed("False", "ReadinessGatesNotReady", "False", false)]
#[case::its_gate_was_opened_and_the_kubelet_has_not_said_so("False", "ReadinessGatesNotReady", "True", false)]
#[case::its_containers_are_not_ready("False", "ContainersNotReady", "True", false)]
#[case::it_is_ready("True", "", "True", false)]
fn a_node_is_silent_where_kubernetes_gives_no_reason(
    #[case] ready: &str,
    #[case] reason: &str,
    #[case] gate: &str,
    #[case] is: bool,
) {
    let conditions = json!([
        { "type": "Ready", "status": ready, "reason": reason },
        { "type": "ContainersReady", "status": "True" },
        { "type": "example.com/routed", "status": gate },
    ]);
    let core = json!({
        "name": "tengined", "image": "x", "imageID": "", "restartCount": 0, "started": true, "ready": true,
        "state": { "running": { "startedAt": "2026-01-01T00:09:00Z" } },
    });
    let mut object = json!({
        "metadata": { "name": "core", "labels": { manifest::COMPONENT_LABEL: Component::Core.label() } },
        "spec": { "containers": [], "nodeName": "node-1", "readinessGates": [{ "conditionType": "example.com/routed" }] },
        "status": { "phase": "Running", "conditions": conditions, "containerStatuses": [core] },
    });
    let read = |object: &Value| {
        Pod::read(&serde_json::from_value(object.clone()).unwrap(), &[], "2026-01-01T00:10:00Z".parse().unwrap())
    };
    let silent = |pod: &Pod| matches!(pod.trouble, Some(PodTrouble::Obstacle(Obstacle::Silent, _)));
    assert_eq!((read(&object).is_silent, silent(&read(&object))), (is, is));
    object["status"]["conditions"][1]["status"] = json!("False");
    assert!(!read(&object).is_silent, "what is in it was not ready");
}

/// A core that runs for the second time, since so long before ten past, and how it ended the first time.
fn second_run(since: &str, started: bool, code: i32, word: &str) -> Option<Box<Crash>> {
    let end = json!({ "terminated": {
        "exitCode": code, "message": format!("tengined is {word}"),
        "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:05:00Z",
    } });
    let container = json!({
        "name": "tengined", "image": "x", "imageID": "", "restartCount": 1, "ready": false, "started": started,
        "state": { "running": { "startedAt": format!("2026-01-01T{since}Z") } }, "lastState": end,
    });
    match pod(&json!({ "containerStatuses": [container] })).trouble {
        Some(PodTrouble::Crash(crash)) => Some(crash),
        _ => None,
    }
}

#[rstest]
#[case::a_moment_ago("00:09:30", false, "none", true)]
#[case::long_ago("00:08:00", false, "none", false)]
#[case::it_waits_for_the_broker_again("00:05:01", false, "starting", true)]
#[case::it_waited_for_the_broker_and_has_started("00:05:01", true, "starting", false)]
fn how_a_core_ended_before_says_something_until_it_has_got_further(
    #[case] since: &str,
    #[case] started: bool,
    #[case] word: &str,
    #[case] says: bool,
) {
    assert_eq!(second_run(since, started, 0, word).is_some(), says);
}

#[rstest]
#[case::on_a_message(1, "running", true, false)]
#[case::cut_off(0, "disconnected", true, true)]
#[case::while_it_loaded(1, "none", false, false)]
fn what_its_last_probe_found_says_whether_it_served(
    #[case] code: i32,
    #[case] word: &str,
    #[case] served: bool,
    #[case] disconnected: bool,
) {
    let crash = second_run("00:09:59", false, code, word).unwrap();
    assert_eq!((crash.was_ready, crash.was_disconnected()), (served, disconnected));
}
