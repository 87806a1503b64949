//! When a status is written, and what events tell.

use super::Scene;
use super::server::{gives, refuses};
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::controller::report::{Reported, report};
use serde_json::{Value, json};
use std::time::Duration;

const STATUS: &str = "PATCH tenginedeployments/billing/status";
const TELL: &str = "POST events";

fn live(commit: &str) -> TengineDeploymentStatus {
    said("UpToDate", &format!("{commit} is live"))
}

fn said(reason: &str, message: &str) -> TengineDeploymentStatus {
    let condition = json!({
        "type": "Ready", "status": "True", "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    serde_json::from_value(json!({ "conditions": [condition] })).unwrap()
}

fn event() -> Value {
    json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "x" } })
}

#[tokio::test]
async fn a_status_that_says_the_same_is_not_written() {
    let mut scene = Scene::new(Vec::new());
    scene.object.status = Some(live("aaaaaaa"));
    assert_eq!(report(&scene.context, &scene.object, &live("aaaaaaa")).await.unwrap(), Reported::Same);
    scene.script.end();
}

#[tokio::test]
async fn an_object_that_is_gone_needs_no_status() {
    let scene = Scene::new(vec![refuses(STATUS, 404, "not found")]);
    assert_eq!(report(&scene.context, &scene.object, &live("aaaaaaa")).await.unwrap(), Reported::Same);
    scene.script.end();
}

#[tokio::test]
async fn a_status_of_somebody_elses_is_not_written_over() {
    let mut scene = Scene::new(vec![refuses(STATUS, 409, "the object has been modified")]);
    scene.object.metadata.resource_version = Some("7".into());
    let error = report(&scene.context, &scene.object, &live("aaaaaaa")).await.unwrap_err();
    assert!(error.is_stale(), "{}", error.chain());
    assert_eq!(scene.script.end()[0].pointer("/metadata/resourceVersion"), Some(&json!("7")));
}

/// What is on its way.
fn on_its_way() -> TengineDeploymentStatus {
    let mut status = said("RollingOut", "aaaaaaa: on 0 of 2 pods");
    status.conditions[0].status = "Unknown".into();
    status
}

#[tokio::test(start_paused = true)]
async fn how_far_something_is_is_told_where_it_lasts_and_its_end_at_once() {
    let object = json!(Scene::new(Vec::new()).object);
    let turns = || [gives(STATUS, &object), gives(TELL, &event())];
    // What was told before is counted.
    let again = [gives(STATUS, &object), gives("PATCH events", &event())];
    let mut scene = Scene::new([turns(), turns(), again].into_iter().flatten().collect());
    let told = async |scene: &Scene, status| report(&scene.context, &scene.object, &status).await.unwrap();
    scene.object.status = None;
    assert_eq!(told(&scene, on_its_way()).await, Reported::Later(Duration::from_secs(2)));
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(told(&scene, on_its_way()).await, Reported::Written);
    let mut before = on_its_way();
    before.conditions[0].message = "aaaaaaa: on 1 of 2 pods".into();
    scene.object.status = Some(before);
    tokio::time::advance(Duration::from_millis(400)).await;
    assert_eq!(told(&scene, on_its_way()).await, Reported::Later(Duration::from_millis(600)));
    assert_eq!(told(&scene, live("aaaaaaa")).await, Reported::Written, "that it is live waits for nothing");
    tokio::time::advance(Duration::from_secs(1)).await;
    scene.object.status = Some(live("aaaaaaa"));
    assert_eq!(told(&scene, on_its_way()).await, Reported::Written, "nor that it is not settled any more");
    scene.script.end();
}

/// They may be gone before what is on its way lasts.
#[tokio::test(start_paused = true)]
async fn what_else_is_new_waits_for_nothing() {
    let object = json!(Scene::new(Vec::new()).object);
    let scene = Scene::new(vec![gives(STATUS, &object), gives(TELL, &event()), gives(TELL, &event())]);
    let mut status = on_its_way();
    let mut shared = status.conditions[0].clone();
    (shared.type_, shared.status, shared.reason) = ("SharedBackend".into(), "True".into(), "QueueShared".into());
    status.conditions.push(shared);
    assert_eq!(report(&scene.context, &scene.object, &status).await.unwrap(), Reported::Written);
    scene.script.end();
}

/// A new process knows of the ref what the status says.
#[tokio::test(start_paused = true)]
async fn that_the_ref_moved_on_waits_for_nothing() {
    let object = json!(Scene::new(Vec::new()).object);
    let mut scene = Scene::new(vec![gives(STATUS, &object), gives(TELL, &event())]);
    let at = |commit: char, reason: &str| {
        let mut status = on_its_way();
        status.conditions[0].reason = reason.into();
        let source = json!({ "ref": "refs/heads/main", "commit": commit.to_string().repeat(40), "checkedAt": "2026-01-01T00:00:00Z" });
        status.source = Some(serde_json::from_value(source).unwrap());
        status
    };
    scene.object.status = Some(at('a', "RollingOut"));
    let told = async |status| report(&scene.context, &scene.object, &status).await.unwrap();
    assert_eq!(told(at('a', "Verifying")).await, Reported::Later(Duration::from_secs(2)));
    assert_eq!(told(at('b', "Building")).await, Reported::Written);
    scene.script.end();
}

/// What comes after is another fact, though it be in the same words.
#[tokio::test(start_paused = true)]
async fn a_commit_that_is_refused_after_another_one_is_told_however_quickly_it_is() {
    let object = json!(Scene::new(Vec::new()).object);
    let turns = || [gives(STATUS, &object), gives(TELL, &event())];
    let mut scene = Scene::new([turns(), turns(), turns()].into_iter().flatten().collect());
    let refused = |message: &str| {
        let mut status = said("DefinitionInvalid", message);
        status.conditions[0].status = "False".into();
        status
    };
    for status in [refused("aaaaaaa: no"), on_its_way(), refused("bbbbbbb: no")] {
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(report(&scene.context, &scene.object, &status).await.unwrap(), Reported::Written);
        scene.object.status = Some(status);
    }
    scene.script.end();
}

#[tokio::test]
async fn each_commit_is_told_in_its_own_words() {
    let mut scene = Scene::new(Vec::new());
    let object = json!(scene.object);
    let turns = || [gives(STATUS, &object), gives(TELL, &event())];
    scene = Scene::new(turns().into_iter().chain(turns()).collect());
    for (before, commit) in [("RollingOut", "aaaaaaa"), ("RollingOut", "bbbbbbb")] {
        scene.object.status = Some(said(before, ""));
        assert_eq!(report(&scene.context, &scene.object, &live(commit)).await.unwrap(), Reported::Written);
    }
    let sent = scene.script.end();
    let notes: Vec<_> = [1, 3].map(|turn: usize| sent[turn]["note"].as_str().unwrap()).into();
    assert_eq!(notes, ["aaaaaaa is live", "bbbbbbb is live"]);
}

#[tokio::test]
async fn the_same_fact_is_counted() {
    let object = json!(Scene::new(Vec::new()).object);
    let mut turns = vec![gives(STATUS, &object), gives(TELL, &event()), gives(STATUS, &object)];
    // Somebody removed it meanwhile.
    turns.push(refuses("PATCH events", 404, "not found"));
    turns.push(gives(TELL, &event()));
    let mut scene = Scene::new(turns);
    for _ in 0..2 {
        scene.object.status = Some(said("Unavailable", ""));
        report(&scene.context, &scene.object, &live("aaaaaaa")).await.unwrap();
    }
    let sent = scene.script.end();
    assert_eq!(sent[3].pointer("/series/count"), Some(&json!(2)));
}
