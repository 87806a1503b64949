//! What people asked for gets one answer, also where nothing is planned.

use super::execute::carried_out;
use super::server::{Turn, gives, refuses};
use super::{Caches, Scene, built};
use crate::controller::reconcile::{reconcile, steps};
use crate::domain::{ChildName, Component};
use crate::plan::Effect;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};
use std::sync::Arc;

const STATUS: &str = "PATCH tenginedeployments/billing/status";

fn answer() -> Effect {
    Effect::AnswerAction { action: "act-1".into(), status: Box::default() }
}

fn action(status: &Value) -> Value {
    json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineAction", "metadata": { "name": "act-1" },
        "spec": { "deployment": "billing", "action": "Resume", "by": { "user": "alice" } }, "status": status,
    })
}

/// One that was answered, and these that were not.
fn asked(names: &[&str]) -> Caches {
    let called = |name: &str, status: Value| {
        let mut action = action(&status);
        (action["metadata"]["name"], action["metadata"]["namespace"]) = (json!(name), json!("production"));
        action
    };
    let answered = called("act-0", json!({ "outcome": "Done" }));
    let open = names.iter().map(|name| called(name, json!(null)));
    Caches { releases: vec![built()], actions: std::iter::once(answered).chain(open).collect(), ..Caches::default() }
}

pub(super) fn told() -> Turn {
    gives("POST events", &json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "x" } }))
}

pub(super) fn written() -> Turn {
    gives(STATUS, &json!(super::deployment(&json!({}))))
}

fn answers(name: &str) -> Turn {
    gives(&format!("PATCH tengineactions/{name}/status"), &action(&json!(null)))
}

/// What an action was answered.
fn refusal(sent: &Value) -> &str {
    assert_eq!(sent["status"]["outcome"], "Refused");
    sent["status"]["message"].as_str().unwrap()
}

#[tokio::test]
async fn what_is_asked_while_the_spec_is_invalid_is_refused_and_not_done_later() {
    let mut scene = Scene::with(asked(&["act-1"]), &json!({}), vec![written(), told(), answers("act-1")]);
    scene.object.spec.source.git.as_mut().unwrap().url = "no address".into();
    steps(&scene.object, &scene.context).await.unwrap();
    let sent = scene.script.end();
    assert!(refusal(&sent[2]).starts_with("nothing can be done while the spec is invalid"), "{sent:?}");
}

#[tokio::test]
async fn neither_a_status_nor_an_answer_that_cannot_be_written_keeps_another_from_its_answer() {
    let turns = vec![
        refuses(STATUS, 403, "may not write it"),
        refuses("PATCH tengineactions/act-1/status", 403, "may not write this one"),
        answers("act-2"),
    ];
    let mut scene = Scene::with(asked(&["act-1", "act-2"]), &json!({}), turns);
    scene.object.spec.source.git.as_mut().unwrap().url = "no address".into();
    steps(&scene.object, &scene.context).await.unwrap_err();
    let sent = scene.script.end();
    assert!(refusal(&sent[2]).starts_with("nothing can be done while the spec is invalid"), "{sent:?}");
}

/// Somebody's finalizer may keep it for as long as they like, and who asks gets an answer all the same.
#[tokio::test]
async fn what_is_asked_while_it_is_being_deleted_is_refused() {
    let mut scene = Scene::with(asked(&["act-1"]), &json!({}), vec![answers("act-1")]);
    scene.object.metadata.deletion_timestamp = Some(Time(Timestamp::now()));
    reconcile(Arc::new(scene.object), Arc::new(scene.context)).await.unwrap();
    let sent = scene.script.end();
    assert_eq!(refusal(&sent[0]), "nothing can be done while the TengineDeployment is being deleted");
}

/// For good: nothing comes of it until somebody gives the right, and what was asked for is not to be done by surprise then.
#[tokio::test]
async fn what_is_asked_while_the_operator_may_not_read_is_refused() {
    let words = "deployments.apps is forbidden: User \"operator\" cannot get resource \"deployments\"";
    let read = format!("GET deployments/{}", ChildName::of_component("billing", Component::Core));
    let reads = (0..4).map(|_| refuses(&read, 403, words));
    let scene =
        Scene::with(asked(&["act-1"]), &json!({}), reads.chain([written(), told(), answers("act-1")]).collect());
    scene.meets_its_core();
    for _ in 0..4 {
        steps(&scene.object, &scene.context).await.unwrap_err();
        scene.context.board.failed("u-1");
    }
    let sent = scene.script.end();
    assert!(refusal(&sent[6]).contains(words), "{sent:?}");
}

/// An API server that is out of order comes back by itself: what was asked for waits for it.
#[tokio::test]
async fn what_is_asked_while_the_api_server_is_out_of_order_waits() {
    let read = format!("GET deployments/{}", ChildName::of_component("billing", Component::Core));
    let reads = (0..4).map(|_| refuses(&read, 503, "the server is not able to answer"));
    let scene = Scene::with(asked(&["act-1"]), &json!({}), reads.chain([written(), told()]).collect());
    scene.meets_its_core();
    for _ in 0..4 {
        steps(&scene.object, &scene.context).await.unwrap_err();
        scene.context.board.failed("u-1");
    }
    scene.script.end();
}

#[tokio::test]
async fn an_answer_that_is_refused_is_told_from_one_that_another_leader_gave() {
    let (answers, looks) = ("PATCH tengineactions/act-1/status", "GET tengineactions/act-1");
    let refusal = || refuses(answers, 422, "status.message: Too long: may not be more than 1024 characters");
    let scene = Scene::new(vec![refusal(), gives(looks, &action(&json!({ "outcome": "Done" })))]);
    carried_out(&scene, answer()).await.unwrap();
    scene.script.end();
    let scene = Scene::new(vec![refusal(), gives(looks, &action(&json!({})))]);
    let error = carried_out(&scene, answer()).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.chain(), "answering action act-1: status.message: Too long: may not be more than 1024 characters");
}
