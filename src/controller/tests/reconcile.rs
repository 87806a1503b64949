//! What becomes of a reconcile that does not come to its end.

use super::server::{gives, refuses};
use super::{Caches, Scene, release};
use crate::controller::board::REPEATS_THAT_SHOW;
use crate::controller::board::{AtBase, AtPush, AtSource, Subject};
use crate::controller::reconcile::{on_error, steps};
use crate::domain::Digest;
use crate::plan::observed::SourceSeen;
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One core, and nothing beside it.
fn alone() -> Value {
    json!({
        "tengine": {
            "eventQueue": { "host": "mq" }, "database": { "hosts": ["db:1"], "name": "t" },
            "atd": { "enabled": false }, "heartbeatWatchd": { "enabled": false },
        },
        "replicas": 1,
    })
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_looked_at_again_however_often_and_is_no_failure() {
    let caches = Caches { releases: vec![json!(release(Some("u-1")))], ..Caches::default() };
    let record = "PATCH tenginereleases/billing-0001-aaaaaaa/status";
    let turns = (0..9).map(|_| refuses(record, 409, "the object has been modified"));
    let Scene { context, object, script, .. } = Scene::with(caches, &alone(), turns.collect());
    let (context, object) = (Arc::new(context), Arc::new(object));
    for _ in 0..9 {
        let error = steps(&object, &context).await.unwrap_err();
        assert!(error.is_stale(), "{}", error.chain());
        on_error(Arc::clone(&object), &error, Arc::clone(&context));
    }
    assert_eq!(context.board.failures("u-1"), 0);
    script.end();
}

/// What is never as it was seen is nothing that two writers meeting could be: it is told, whatever version of the object there is.
#[tokio::test]
async fn what_is_seen_wrongly_for_ever_is_told() {
    let caches = Caches { releases: vec![json!(release(Some("u-1")))], ..Caches::default() };
    let record = "PATCH tenginereleases/billing-0001-aaaaaaa/status";
    let told = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "x" } });
    let turns = vec![
        refuses(record, 409, "the object has been modified"),
        gives("PATCH tenginedeployments/billing/status", &json!(Scene::new(Vec::new()).object)),
        gives("POST events", &told),
    ];
    let Scene { context, object, script, .. } = Scene::with(caches, &alone(), turns);
    for _ in 0..REPEATS_THAT_SHOW {
        context.board.repeated("u-1");
    }
    assert!(steps(&object, &context).await.unwrap_err().is_stale());
    let sent = script.end();
    let ready = &sent[1]["status"]["conditions"][0];
    assert_eq!(
        (ready["status"].as_str(), ready["reason"].as_str()),
        (Some("Unknown"), Some("WriteRefused")),
        "{ready}"
    );
    assert!(ready["message"].as_str().unwrap().contains("again and again"), "{ready}");
    assert_eq!(sent[1]["metadata"].get("resourceVersion"), None);
    context.board.succeeded("u-1");
    assert!(!context.board.is_stuck("u-1"));
}

/// Git host and registry have answered all that is asked of them.
async fn answered(scene: &mut Scene) {
    let (subject, git) = (Subject::of(&scene.desired), scene.questions().await.git.unwrap());
    let board = &scene.context.board;
    board.look(&subject, &git.source);
    board.look(&subject, &git.base);
    board.look(&subject, &git.push);
    let seen = SourceSeen::new("refs/heads/main", "a".repeat(40).parse().unwrap());
    board.ask::<AtSource, _>(&subject, None, |references, _| async move {
        Ok(references.into_iter().map(|reference| (reference, Ok(seen.clone()))).collect())
    });
    let base = async { Ok(BTreeMap::from([((), Ok(Digest::of(b"base")))])) };
    board.ask::<AtBase, _>(&subject, None, |_, _| base);
    board.ask::<AtPush, _>(&subject, None, |_, _| async { Ok(BTreeMap::from([((), Ok(()))])) });
    for _ in 0..3 {
        scene.woken.next().await.unwrap();
    }
}

/// That a name belongs to somebody else is nothing that passes by itself: it is told at the first attempt.
#[tokio::test]
async fn a_name_that_is_taken_is_told_at_once() {
    let object = json!(Scene::new(Vec::new()).object);
    let told = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "x" } });
    let turns = vec![
        refuses("POST tenginereleases", 409, "already exists"),
        gives("GET tenginereleases/billing-0001-aaaaaaa", &json!(release(None))),
        gives("PATCH tenginedeployments/billing/status", &object),
        gives("POST events", &told),
    ];
    let mut scene = Scene::with(Caches::default(), &alone(), turns);
    answered(&mut scene).await;
    steps(&scene.object, &scene.context).await.unwrap_err();
    let sent = scene.script.end();
    let ready = &sent[2]["status"]["conditions"][0];
    assert_eq!((ready["status"].as_str(), ready["reason"].as_str()), (Some("False"), Some("NameTaken")), "{ready}");
    assert!(ready["message"].as_str().unwrap().contains("TengineRelease billing-0001-aaaaaaa"), "{ready}");
}
