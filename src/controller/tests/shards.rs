//! Several operators beside each other: each deployment, and everything about it, is the affair of exactly one of them.

use super::server::{Turn, gives, refuses};
use super::{Caches, Scene, deployment, indexed, was_live};
use crate::controller::neighbours::keys_of;
use crate::controller::reconcile::reconcile;
use crate::controller::{actions, take_part};
use crate::domain::Shard;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn two() -> [Shard; 2] {
    ["1/2", "2/2"].map(|shard| shard.parse().unwrap())
}

/// What a process of this shard has around it.
fn scene(shard: Shard, caches: Caches, turns: Vec<Turn>) -> Scene {
    let mut scene = Scene::with(caches, &json!({}), turns);
    Arc::get_mut(&mut scene.context.shared).unwrap().settings.shard = shard;
    scene
}

#[tokio::test]
async fn a_deployment_is_reconciled_by_its_shard_and_left_alone_by_the_other() {
    let mut took = Vec::new();
    for shard in two() {
        // Who takes it asks, and hears that this script knows no answer.
        let scene = scene(shard, Caches::default(), Vec::new());
        let (object, script) = (Arc::new(was_live(scene.object)), scene.script);
        let reconciled = reconcile(object, Arc::new(scene.context)).await;
        if reconciled.is_err() {
            took.push(shard);
        } else {
            script.end();
        }
    }
    assert_eq!(took.len(), 1, "{took:?}");
}

#[rstest]
#[case("billing")]
#[case("ledger")]
#[case("stock")]
#[case("orders")]
#[tokio::test]
async fn what_is_asked_of_one_that_is_not_there_is_answered_once(#[case] name: &str) {
    let action = json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineAction",
        "metadata": { "name": "act-1", "namespace": "production" },
        "spec": { "deployment": name, "action": "Resume", "by": { "user": "alice" } },
    });
    let mut answers = 0;
    for shard in two() {
        let turns = || {
            vec![
                refuses(&format!("GET tenginedeployments/{name}"), 404, "not found"),
                gives("PATCH tengineactions/act-1/status", &action),
            ]
        };
        let is_own = shard.owns("production", name);
        let scene = scene(shard, Caches::default(), if is_own { turns() } else { Vec::new() });
        actions::look_at(&scene.context, &serde_json::from_value(action.clone()).unwrap()).await.unwrap();
        answers += scene.script.end().len() / 2;
    }
    assert_eq!(answers, 1);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_is_counted_by_its_shard() {
    let called = |number: u8| -> Value {
        let mut object = deployment(&json!({}));
        (object.metadata.name, object.metadata.uid) = (Some(format!("billing-{number}")), Some(format!("u-{number}")));
        let ready = json!({ "type": "Ready", "status": "True", "reason": "UpToDate", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" });
        let mut object = json!(object);
        object["status"] = json!({ "conditions": [ready] });
        object
    };
    let mut counts = Vec::new();
    for shard in two() {
        let mut scene = scene(shard, Caches::default(), Vec::new());
        scene.context.stores.deployments = indexed((0..20).map(called).collect(), keys_of);
        let shared = Arc::clone(&scene.context.shared);
        let contexts = [Arc::new(scene.context)];
        tokio::time::timeout(Duration::from_secs(1), take_part(&shared, &contexts)).await.expect_err("it never ends");
        let text = shared.metrics.encode().unwrap();
        let line = r#"tengine_operator_deployments{ready="True",reason="UpToDate"} "#;
        let count = text.lines().find_map(|found| found.strip_prefix(line)).unwrap();
        counts.push(count.parse::<u32>().unwrap());
    }
    assert_eq!(counts.iter().sum::<u32>(), 20, "{counts:?}");
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
