//! Logs of what ended: read once each, and asked for again where they cannot be read.

use super::server::{gives, is_silent, refuses};
use super::{Caches, Scene};
use crate::controller::pods::observe_at;
use crate::manifest;
use crate::plan::observed::{Crash, PodTrouble};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Pod, PodSpec};
use serde_json::{Value, json};

/// A core that ended `ends` times and waits for its next start, with what the kubelet kept of the last end.
fn pod(ends: i32, kept: &str) -> Pod {
    shown(ends - 1, kept, |ended| (json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended))
}

/// A core that was restarted so often; its state and its last one are made of its last end.
fn shown(restarts: i32, kept: &str, states: fn(Value) -> (Value, Value)) -> Pod {
    let ended = json!({ "terminated": {
        "exitCode": 1, "reason": "Error", "message": kept, "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:09Z",
        "containerID": "containerd://5b1e0c",
    } });
    let (state, last) = states(ended);
    serde_json::from_value(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "core-x", "namespace": "production", "uid": "p-1",
            "labels": { manifest::DEPLOYMENT_LABEL: "billing", manifest::COMPONENT_LABEL: "core" },
        },
        "status": { "phase": "Running", "containerStatuses": [{
            "name": "tengined", "image": "x", "imageID": "x", "ready": false, "restartCount": restarts,
            "state": state, "lastState": last,
        }] },
    }))
    .unwrap()
}

async fn seen(scene: &Scene, pod: Pod, now: Timestamp) -> (Crash, Vec<Crash>) {
    let settings = scene.desired.settings(None);
    let mut pods = observe_at(&scene.context, "u-1", &[pod], &[], &settings, now).await.unwrap();
    let pod = pods.remove(0);
    let Some(PodTrouble::Crash(crash)) = pod.trouble else { panic!("{pod:?}") };
    (*crash, pod.before)
}

const LOG: &str = "GET pods/core-x/log";

#[tokio::test]
async fn a_log_that_cannot_be_read_is_asked_for_again_and_not_kept_for_good() {
    let scene = Scene::with(
        Caches::default(),
        &json!({}),
        vec![
            refuses(LOG, 500, "no route to the kubelet"),
            gives(LOG, &json!("unable to retrieve container logs for containerd://5b1e0c")),
            gives(LOG, &json!("nothing")),
        ],
    );
    let mut now = Timestamp::now();
    let (crash, before) = seen(&scene, pod(1, "tengined is starting"), now).await;
    let unread = crash.unread.unwrap();
    assert_eq!((unread.why.as_str(), before.len()), ("no route to the kubelet", 0));
    // Before its time, nobody is asked.
    assert_eq!(seen(&scene, pod(1, "tengined is starting"), now).await.0.unread.unwrap(), unread);
    let (first, asked) = (unread.again.duration_since(now), unread.again);
    now = asked;
    let unread = seen(&scene, pod(1, "tengined is starting"), now).await.0.unread.unwrap();
    assert!(unread.why.contains("unable to retrieve container logs"), "{unread:?}");
    assert!(unread.again.duration_since(now) > first, "ever more seldom");
    now = unread.again;
    for _ in 0..2 {
        let (crash, before) = seen(&scene, pod(1, "tengined is starting"), now).await;
        assert_eq!((crash.unread, crash.evidence.text.contains("nothing"), before.len()), (None, true, 0));
        now += SignedDuration::from_hours(1);
    }
    scene.script.end();
}

/// The kubelet's excuse names the container. What a core prints is its own word.
#[tokio::test]
async fn a_core_that_says_what_a_kubelet_would_is_taken_at_its_word() {
    let says = "unable to retrieve container logs for containerd://1";
    let scene = Scene::with(Caches::default(), &json!({}), vec![gives(LOG, &json!(says))]);
    let (crash, _) = seen(&scene, pod(1, "tengined is starting"), Timestamp::now()).await;
    assert!(crash.unread.is_none() && crash.evidence.text.contains(says), "{crash:?}");
    scene.script.end();
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_waited_for_once() {
    tokio::time::pause();
    let scene = Scene::with(Caches::default(), &json!({}), vec![is_silent(LOG)]);
    let many = ["p-1", "p-2", "p-3"].map(|uid| {
        let mut pod = pod(1, "tengined is starting");
        (pod.metadata.uid, pod.spec) =
            (Some(uid.into()), Some(PodSpec { node_name: Some("node1".into()), ..PodSpec::default() }));
        pod
    });
    let settings = scene.desired.settings(None);
    let begun = tokio::time::Instant::now();
    let seen = observe_at(&scene.context, "u-1", &many, &[], &settings, Timestamp::now()).await.unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(8), "{:?}", begun.elapsed());
    for pod in seen {
        let Some(PodTrouble::Crash(crash)) = pod.trouble else { panic!("no crash") };
        assert_eq!(crash.unread.unwrap().why, "no answer from its node within 5 s");
    }
    scene.script.end();
}

#[tokio::test]
async fn an_end_is_one_end_however_the_kubelet_shows_it() {
    let scene =
        Scene::with(Caches::default(), &json!({}), vec![gives(LOG, &json!("first")), gives(LOG, &json!("second"))]);
    let running = |ended: Value| (json!({ "running": { "startedAt": "2026-01-01T00:00:10Z" } }), ended);
    let now = "2026-01-01T00:00:20Z".parse().unwrap();
    let mut told = Vec::new();
    for (restarts, states) in [
        (0, (|ended| (ended, Value::Null)) as fn(Value) -> (Value, Value)),
        (0, |ended| (json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended)),
        (1, running),
        (1, |ended| (ended.clone(), ended)),
        (1, |ended| (json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended)),
        (2, running),
    ] {
        let (crash, before) = seen(&scene, shown(restarts, "", states), now).await;
        told.push((crash.evidence.text, before.len()));
    }
    let (first, second) = (("first".to_owned(), 0), ("second".to_owned(), 1));
    assert_eq!(told, [first.clone(), first.clone(), first, second.clone(), second.clone(), second]);
    scene.script.end();
}

#[tokio::test]
async fn ends_whose_logs_were_read_are_known_at_the_next_one_and_others_are_not() {
    let bunny = "bunny.rb:1:in `x': refused (Bunny::TCPConnectionFailed)";
    let scene = Scene::with(
        Caches::default(),
        &json!({}),
        vec![
            refuses(LOG, 404, "the log is gone"),
            refuses(LOG, 500, "no route to the kubelet"),
            gives(LOG, &json!("nothing")),
        ],
    );
    let now = Timestamp::now();
    // What the kubelet kept of it says enough.
    let (crash, _) = seen(&scene, pod(1, bunny), now).await;
    assert_eq!((crash.unread, crash.evidence.class.as_deref()), (None, Some("Bunny::TCPConnectionFailed")));
    assert!(seen(&scene, pod(2, ""), now).await.0.unread.is_some());
    let (_, before) = seen(&scene, pod(3, ""), now).await;
    let classes: Vec<_> = before.iter().map(|crash| crash.evidence.class.as_deref()).collect();
    assert_eq!(classes, [Some("Bunny::TCPConnectionFailed")]);
    scene.script.end();
}
