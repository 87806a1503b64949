//! What the pod of a check says, beside containers that others put there, and however the pod itself ends.

use crate::manifest;
use crate::plan::observed::{CheckJob, JobState};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

const NOON: &str = "2026-01-01T12:00:00Z";

/// The Job, with a timeout of a minute, and its pod.
fn read(failed: bool, pod: Value) -> JobState {
    let conditions = if failed {
        json!([{ "type": "Failed", "status": "True", "lastTransitionTime": "2026-01-01T12:05:00Z" }])
    } else {
        json!([])
    };
    let template = json!({ "spec": { "containers": [], "activeDeadlineSeconds": 180 } });
    let job: Job = serde_json::from_value(json!({
        "metadata": {
            "name": "units", "uid": "u", "creationTimestamp": NOON,
            "annotations": { "tengine.dev/timeout-seconds": "60" },
        },
        "spec": { "template": template },
        "status": { "conditions": conditions },
    }))
    .unwrap();
    assert_eq!(manifest::check_timeout(&job), 60);
    let mut pod = pod;
    pod["metadata"]["name"] = json!("units-x");
    pod["metadata"]["ownerReferences"] =
        json!([{ "apiVersion": "batch/v1", "kind": "Job", "name": "units", "uid": "u" }]);
    let pod: Pod = serde_json::from_value(pod).unwrap();
    let mut state = CheckJob::read(&job, &[&pod], "2026-01-01T12:10:00Z".parse::<Timestamp>().unwrap()).state;
    if let JobState::Failed { at, .. } = &mut state {
        *at = NOON.parse().unwrap();
    }
    state
}

/// The container of the check, which ran for so many seconds, and one beside it.
fn containers(code: i32, reason: &str, seconds: u32, beside: &Value) -> Value {
    let finished = format!("2026-01-01T12:{:02}:{:02}Z", seconds / 60, seconds % 60);
    let end = json!({ "exitCode": code, "reason": reason, "startedAt": NOON, "finishedAt": finished });
    let container = |name: &str, state: &Value| json!({ "name": name, "image": "x", "imageID": "x", "ready": false, "restartCount": 0, "state": state });
    json!([container("proxy", beside), container(manifest::CHECK_CONTAINER, &json!({ "terminated": end }))])
}

fn failed(message: &str) -> JobState {
    JobState::Failed { message: message.into(), pod: "units-x".into(), log: String::new(), at: NOON.parse().unwrap() }
}

fn is_lost(state: &JobState, words: &str) -> bool {
    matches!(state, JobState::Lost { message, .. } if message.contains(words))
}

#[test]
fn a_sidecar_has_no_say() {
    let runs = json!({ "running": { "startedAt": NOON } });
    let broke = json!({ "terminated": { "exitCode": 1, "reason": "Error" } });
    let running =
        |code| json!({ "status": { "phase": "Running", "containerStatuses": containers(code, "", 3, &runs) } });
    assert_eq!(read(false, running(0)), JobState::Passed);
    assert_eq!(read(false, running(1)), failed("exit code 1"));
    let ended = |code, beside| {
        let status = json!({ "phase": "Failed", "reason": "DeadlineExceeded", "containerStatuses": containers(code, "", 3, beside) });
        read(true, json!({ "status": status }))
    };
    assert_eq!(ended(0, &runs), JobState::Passed);
    assert_eq!(ended(0, &broke), JobState::Passed);
    assert_eq!(ended(2, &broke), failed("exit code 2"));
}

#[test]
fn the_timeout_counts_from_the_start_of_the_process() {
    let after = |code, seconds| {
        let status = json!({ "phase": "Failed", "reason": "DeadlineExceeded", "containerStatuses": containers(code, "Error", seconds, &json!({})) });
        read(true, json!({ "status": status }))
    };
    assert!(is_lost(&after(137, 10), "took so long to start"), "{:?}", after(137, 10));
    assert!(is_lost(&after(143, 60), "took so long to start"), "{:?}", after(143, 60));
    assert_eq!(after(137, 90), failed("it did not end within its timeout"));
    assert_eq!(after(1, 90), failed("it did not end within its timeout"));
    assert_eq!(after(0, 90), failed("it did not end within its timeout"));
    assert_eq!(after(0, 60), JobState::Passed);
}

#[test]
fn a_node_that_restarts_and_a_pod_that_is_taken_away_are_no_content() {
    let status =
        |code, reason: &str| json!({ "phase": "Failed", "containerStatuses": containers(code, reason, 5, &json!({})) });
    let rebooted = read(true, json!({ "status": status(255, "Unknown") }));
    assert!(is_lost(&rebooted, ""), "{rebooted:?}");
    let deleted = json!({ "metadata": { "deletionTimestamp": NOON }, "status": status(1, "Error") });
    let deleted = read(true, deleted);
    assert!(is_lost(&deleted, "deleted"), "{deleted:?}");
    let mut evicted = json!({ "status": status(1, "Error") });
    evicted["status"]["conditions"] = json!([{ "type": "DisruptionTarget", "status": "True" }]);
    let evicted = read(true, evicted);
    assert!(is_lost(&evicted, "evicted"), "{evicted:?}");
}

/// It is read while a newer operator takes over.
#[test]
fn a_job_of_an_older_operator_has_its_timeout_for_the_deadline_of_its_pod() {
    let spec = json!({ "template": { "spec": { "containers": [], "activeDeadlineSeconds": 60 } } });
    let job: Job = serde_json::from_value(json!({ "metadata": { "name": "units" }, "spec": spec })).unwrap();
    assert_eq!(manifest::check_timeout(&job), 60);
}
