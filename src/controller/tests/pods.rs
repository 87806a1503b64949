//! What the log of a core that ended says, and how long one has waited.

use super::server::{Turn, gives};
use super::{Caches, Scene};
use crate::controller::pods;
use crate::domain::Component;
use crate::manifest;
use crate::plan::evidence::Evidence;
use crate::plan::observed::PodTrouble;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

const LOG: &str = "GET pods/billing-core-1-x/log";

/// A core that ended so many times.
fn pod(ends: i32) -> Value {
    named("billing-core-1-x", ends)
}

fn named(name: &str, ends: i32) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "production", "uid": name,
            "labels": { manifest::DEPLOYMENT_LABEL: "billing", manifest::COMPONENT_LABEL: Component::Core.label() },
        },
        "spec": { "containers": [{ "name": "tengined" }] },
        "status": { "phase": "Running", "containerStatuses": [{
            "name": "tengined", "image": "x", "imageID": "x", "ready": false, "restartCount": ends - 1,
            "state": { "waiting": { "reason": "CrashLoopBackOff" } },
            "lastState": { "terminated": { "exitCode": 1, "reason": "Error", "message": "tengined is starting" } },
        }] },
    })
}

fn secret() -> Turn {
    let object = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "mq", "uid": "s-1" }, "data": { "password": "czNjcmV0" },
    });
    gives("GET secrets/mq", &object)
}

fn scene(turns: Vec<Turn>) -> Scene {
    let known =
        json!({ "metadata": { "name": "mq", "namespace": "production", "uid": "s-1", "resourceVersion": "1" } });
    let tengine = json!({ "eventQueue": { "host": "mq", "secretRef": { "name": "mq" } }, "database": { "hosts": ["db:1"], "name": "t" } });
    Scene::with(Caches { secrets: vec![known], ..Caches::default() }, &json!({ "tengine": tengine }), turns)
}

async fn evidence(scene: &Scene, ends: i32) -> Evidence {
    let pods = [serde_json::from_value(pod(ends)).unwrap()];
    let settings = scene.desired.settings(None);
    let seen = pods::observe(&scene.context, "u-1", &pods, &[], &settings).await.unwrap();
    let Some(PodTrouble::Crash(crash)) = &seen[0].trouble else { panic!("{seen:?}") };
    crash.evidence.clone()
}

#[tokio::test]
async fn the_log_of_a_core_is_read_once_for_each_of_its_ends_and_hides_its_secrets() {
    let says = || gives(LOG, &json!("x.rb:1:in `y': s3cret (RuntimeError)"));
    let scene = scene((1..=6).flat_map(|_| [says(), secret()]).collect());
    for ends in (1..=6).flat_map(|end| [end, end]) {
        assert_eq!(evidence(&scene, ends).await.message.as_deref(), Some("***"));
    }
    let kept = scene.context.board.ends("u-1", "billing-core-1-x");
    assert!(kept.of(6).is_some() && kept.of(1).is_none(), "what was said long ago goes: {kept:?}");
    scene.script.end();
}

#[tokio::test]
async fn the_logs_of_many_that_crash_at_once_are_read_once_each() {
    let name = |number: usize| format!("billing-core-1-{number:03}");
    let log = |number| gives(&format!("GET pods/{}/log", name(number)), &json!("x.rb:1:in `y': boom (RuntimeError)"));
    let scene = scene((0..150).flat_map(|number| [log(number), secret()]).collect());
    let pods: Vec<_> = (0..150).map(|number| serde_json::from_value(named(&name(number), 1)).unwrap()).collect();
    let settings = scene.desired.settings(None);
    for _ in 0..2 {
        pods::observe(&scene.context, "u-1", &pods, &[], &settings).await.unwrap();
    }
    scene.script.end();
}

/// By a clock that nobody sets: one that was set back would keep what waits from taking over.
#[tokio::test(start_paused = true)]
async fn how_long_a_core_has_waited_is_no_matter_of_the_clock_and_begins_anew_with_its_process() {
    let scene = scene(Vec::new());
    let noon: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
    let seen = async |started: bool, now: Timestamp| {
        let status = json!({ "name": "tengined", "started": started, "ready": false, "restartCount": 0, "image": "", "imageID": "",
            "state": { "running": { "startedAt": "2026-01-01T11:00:00Z" } } });
        let labels = json!({ "app.kubernetes.io/component": "core", "tengine.dev/turn": "2" });
        let metadata = json!({ "name": "billing-core-1-x", "namespace": "production", "uid": "p-1", "labels": labels });
        let pod = json!({ "metadata": metadata, "status": { "containerStatuses": [status] } });
        let pods = [serde_json::from_value(pod).unwrap()];
        let settings = scene.desired.settings(None);
        let seen = pods::observe_at(&scene.context, "u-1", &pods, &[], &settings, now).await.unwrap();
        seen[0].loaded_since.map(|since| now.duration_since(since).as_secs())
    };
    assert_eq!(seen(true, noon).await, Some(0));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(seen(true, noon - SignedDuration::from_hours(1)).await, Some(5));
    assert_eq!(seen(false, noon).await, None);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(seen(true, noon).await, Some(0));
    scene.script.end();
}
