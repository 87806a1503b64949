//! What is read, and what is said where it cannot be.

use super::server::{gives, refuses};
use super::{Caches, Scene};
use crate::api::v1alpha1::condition::Reason;
use crate::controller::reconcile::steps;
use crate::controller::references;
use crate::domain::{ChildName, Component};
use serde_json::{Value, json};

fn metadata(name: &str, uid: &str, version: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "production", "uid": uid, "resourceVersion": version } })
}

#[tokio::test]
async fn a_right_to_read_that_is_missing_shows_after_a_while() {
    let words = "deployments.apps is forbidden: User \"operator\" cannot get resource \"deployments\"";
    let read = format!("GET deployments/{}", ChildName::of_component("billing", Component::Core));
    let object = json!(Scene::new(Vec::new()).object);
    let told = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "x" } });
    let mut turns: Vec<_> = (0..4).map(|_| refuses(&read, 403, words)).collect();
    turns.push(gives("PATCH tenginedeployments/billing/status", &object));
    turns.push(gives("POST events", &told));
    let scene = Scene::new(turns);
    for _ in 0..4 {
        steps(&scene.object, &scene.context).await.unwrap_err();
        scene.context.board.failed("u-1");
    }
    let sent = scene.script.end();
    let ready = &sent[4]["status"]["conditions"][0];
    assert_eq!((ready["status"].as_str(), ready["reason"].as_str()), (Some("Unknown"), Some("ReadRefused")));
    assert!(ready["message"].as_str().unwrap().contains(words), "{ready}");
}

#[tokio::test]
async fn a_configuration_that_is_not_text_is_a_problem() {
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "own", "uid": "m-1" },
        "binaryData": { "tengined.yml.erb": "/w==" },
    });
    let caches = Caches { config_maps: vec![metadata("own", "m-1", "1")], ..Caches::default() };
    let spec = json!({ "tengine": { "configRef": { "name": "own" } } });
    let scene = Scene::with(caches, &spec, vec![gives("GET configmaps/own", &map), gives("GET configmaps/own", &map)]);
    let found = references::observe(&scene.context, &scene.desired, &[]).await.unwrap();
    scene.script.end();
    assert_eq!(found.config, None);
    let problems: Vec<_> = found.problems.iter().map(|problem| (problem.reason, problem.message.as_str())).collect();
    let message = "spec.tengine.configRef: ConfigMap own, key tengined.yml.erb: not UTF-8 text";
    assert_eq!(problems, [(Reason::ConfigMapInvalid, message)]);
}

#[tokio::test]
async fn a_secret_is_read_once_for_each_version() {
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "git", "uid": "s-1" }, "data": { "username": "dQ==" } });
    let caches = Caches { secrets: vec![metadata("git", "s-1", "1")], ..Caches::default() };
    let spec = json!({ "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "secretRef": { "name": "git" } } } });
    let scene = Scene::with(caches, &spec, vec![gives("GET secrets/git", &secret)]);
    for _ in 0..2 {
        let found = references::observe(&scene.context, &scene.desired, &[]).await.unwrap();
        assert_eq!(found.problems.len(), 1);
        assert_eq!(found.problems[0].message, "spec.source.git.secretRef: Secret git has no key password");
    }
    scene.script.end();
}
