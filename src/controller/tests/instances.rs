//! Instances that ConfigMaps speak of: what is taken from them, and what keeps all from being told anything.

use super::actions::{told, written};
use super::server::{Turn, gives, refuses};
use super::{Caches, Scene, indexed};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Instance, TengineDeployment};
use crate::controller::elsewhere::{Elsewhere, wake};
use crate::controller::instances::{resolved, selects};
use crate::controller::keys::of_release;
use crate::controller::neighbours::{keys, keys_of};
use crate::controller::reconcile::steps;
use crate::controller::watching::Watching;
use crate::domain::DeploymentName;
use crate::metrics::Metrics;
use crate::plan::Problem;
use futures::channel::mpsc;
use jiff::{SignedDuration, Timestamp};
use kube::runtime::reflector::ObjectRef;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A ConfigMap that is there, with the labels that are asked for.
fn listed(name: &str, labels: &Value) -> Value {
    json!({ "metadata": {
        "name": name, "namespace": "production", "uid": format!("u-{name}"), "resourceVersion": "1", "labels": labels,
    } })
}

fn engines() -> Value {
    json!({ "engines": "billing" })
}

fn map(name: &str, data: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "uid": name }, "data": data })
}

fn spec() -> Value {
    let selector = json!({ "matchLabels": { "engines": "billing" } });
    json!({ "strategy": { "type": "ActiveStandby", "activeStandby": { "instancesFrom": { "selector": selector } } } })
}

/// Of ConfigMaps with these names and this data.
fn scene(maps: &[(&str, Value)]) -> Scene {
    let config_maps = maps.iter().map(|(name, _)| listed(name, &engines())).collect();
    let turns = maps.iter().map(|(name, data)| gives(&format!("GET configmaps/{name}"), &map(name, data))).collect();
    Scene::with(Caches { config_maps, ..Caches::default() }, &spec(), turns)
}

async fn instances(scene: &Scene) -> Result<Vec<Instance>, Vec<(Reason, String)>> {
    let words = |problems: Vec<Problem>| {
        problems.into_iter().map(|problem| (problem.reason, problem.message)).collect::<Vec<_>>()
    };
    let object = resolved(&scene.context, &scene.object).await.unwrap().map_err(words)?;
    Ok(object.spec.strategy.as_ref().unwrap().active_standby.as_ref().unwrap().instances.clone())
}

#[tokio::test]
async fn each_config_map_with_the_labels_is_an_instance_and_is_read_once() {
    let mut config_maps = vec![listed("b", &engines()), listed("001", &engines())];
    config_maps.push(listed("other", &json!({ "engines": "mailing" })));
    config_maps
        .push(listed("ours", &json!({ "engines": "billing", "app.kubernetes.io/managed-by": "tengine-operator" })));
    let mut elsewhere = listed("elsewhere", &engines());
    elsewhere["metadata"]["namespace"] = json!("staging");
    config_maps.push(elsewhere);
    let own = map("001", &json!({ "tengine": "eventQueue: { vhost: customer-1 }\ndatabase: { name: customer_1 }\n" }));
    let other = map("b", &json!({ "id": "002\n", "tengine": "{\"eventQueue\": {\"port\": 5673}}", "note": "x" }));
    let turns = vec![gives("GET configmaps/001", &own), gives("GET configmaps/b", &other)];
    let scene = Scene::with(Caches { config_maps, ..Caches::default() }, &spec(), turns);
    for _ in 0..2 {
        let found = instances(&scene).await.unwrap();
        let told: Vec<_> = found.iter().map(|it| (it.id.as_str(), json!(it.tengine))).collect();
        let expected = [
            ("001", json!({ "eventQueue": { "vhost": "customer-1" }, "database": { "name": "customer_1" } })),
            ("002", json!({ "eventQueue": { "port": 5673 } })),
        ];
        assert_eq!(told, expected);
    }
    scene.script.end();
}

#[rstest]
#[case::no_yaml(json!({ "tengine": "eventQueue: [" }), "ConfigMap one: data.tengine: ")]
#[case::a_list(json!({ "tengine": "- vhost" }), "ConfigMap one: data.tengine: ")]
#[case::nothing(json!({ "tengine": " " }), "ConfigMap one: data.tengine: give what is its own, such as eventQueue.vhost")]
#[case::no_key(json!({}), "ConfigMap one: data.tengine: give what is its own, such as eventQueue.vhost")]
#[case::an_id_that_is_none(json!({ "id": "A_1", "tengine": "{}" }), "ConfigMap one: data.id: use up to 32 lower-case letters")]
#[case::too_long(json!({ "tengine": format!("x: {}", "y".repeat(70_000)) }), "ConfigMap one: data.tengine: longer than 64 KiB")]
#[tokio::test]
async fn one_that_is_not_understood_is_named_and_nothing_is_taken(#[case] data: Value, #[case] told: &str) {
    let good = json!({ "tengine": "eventQueue: { vhost: two }" });
    let scene = scene(&[("one", data), ("two", good)]);
    let problems = instances(&scene).await.unwrap_err();
    let [(Reason::ConfigMapInvalid, message)] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(message.starts_with(told), "{message}");
    assert!(!message.contains('\n'), "{message}");
}

#[tokio::test]
async fn a_name_that_is_no_id_is_said_to_be_one() {
    let scene = scene(&[("customer.one", json!({ "tengine": "{ logLevel: info }" }))]);
    let problems = instances(&scene).await.unwrap_err();
    let told = "ConfigMap customer.one: its name, which is the id where data.id is not given: use up to 32";
    assert!(problems[0].1.starts_with(told), "{problems:?}");
}

#[tokio::test]
async fn two_with_one_id_are_named() {
    let data = |vhost: &str| json!({ "id": "001", "tengine": format!("eventQueue: {{ vhost: {vhost} }}") });
    let scene = scene(&[("one", data("a")), ("two", data("b"))]);
    let problems = instances(&scene).await.unwrap_err();
    assert_eq!(problems, [(Reason::ConfigMapInvalid, "ConfigMap two: ConfigMap one has the id 001, too".to_owned())]);
}

/// As long as nothing can be said, nothing is said to be left out: what runs is left alone.
#[tokio::test]
async fn an_empty_selection_is_no_wish_to_have_none() {
    let problems = instances(&scene(&[])).await.unwrap_err();
    let [(Reason::ConfigMapMissing, message)] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(message.contains("no ConfigMap of this namespace has these labels"), "{message}");
    let many: Vec<_> = (0..101).map(|number| format!("e{number}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), json!({}))).collect();
    let problems = instances(&scene(&many)).await.unwrap_err();
    assert!(problems[0].1.contains("101 ConfigMaps have these labels: at most 100"), "{problems:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_what_is_gone_is_gone() {
    let config_maps = vec![listed("one", &engines()), listed("two", &engines())];
    let good = map("two", &json!({ "tengine": "eventQueue: { vhost: two }" }));
    let turns = vec![
        refuses("GET configmaps/one", 403, "forbidden"),
        refuses("GET configmaps/one", 404, "not found"),
        gives("GET configmaps/two", &good),
    ];
    let scene = Scene::with(Caches { config_maps, ..Caches::default() }, &spec(), turns);
    resolved(&scene.context, &scene.object).await.unwrap_err();
    assert_eq!(instances(&scene).await.unwrap().len(), 1);
    scene.script.end();
}

/// Which ones there are has to be seen all the while: of two moments in which one is replaced, with a mistake in between, each begins anew.
#[rstest]
#[case::one_is_not_understood(vec![gives("GET configmaps/one", &map("one", &json!({ "tengine": "- vhost" }))), written(), told()])]
#[case::one_cannot_be_read(vec![refuses("GET configmaps/one", 403, "forbidden")])]
#[tokio::test]
async fn who_is_left_out_is_counted_anew_after_nothing_could_be_said(#[case] turns: Vec<Turn>) {
    let caches = Caches { config_maps: vec![listed("one", &engines())], ..Caches::default() };
    let scene = Scene::with(caches, &spec(), turns);
    let (board, now) = (&scene.context.board, Timestamp::now());
    let ids = || BTreeSet::from(["one".to_owned()]);
    let later = now.checked_add(SignedDuration::from_secs(60)).unwrap();
    board.selected("u-1", ids(), now);
    assert_eq!(board.selected("u-1", ids(), later), now);
    drop(steps(&scene.object, &scene.context).await);
    assert_eq!(board.selected("u-1", ids(), later), later);
    scene.script.end();
}

#[test]
fn who_takes_instances_from_config_maps_is_woken_by_them_and_by_instances_whatever_they_are_called() {
    let owner = super::deployment(&spec());
    assert!(keys(&owner).contains(&selects("production")), "{:?}", keys(&owner));
    let mut child: TengineDeployment = super::deployment(&json!({}));
    child.metadata.name = Some("billing-001-x".into());
    child.metadata.owner_references = serde_json::from_value(super::owned_by("u-1")).unwrap();
    let (sender, mut woken) = mpsc::unbounded();
    let everywhere = [Elsewhere {
        namespace: Some("production".into()),
        deployments: indexed(vec![json!(owner), json!(child)], keys_of),
        releases: indexed(Vec::new(), of_release),
        watching: Watching::new(None, Arc::new(Metrics::new())),
        wake: sender,
    }];
    wake(&everywhere, &DeploymentName { namespace: "production".into(), name: "billing-001-x".into() });
    assert_eq!(woken.try_recv().unwrap(), ObjectRef::new("billing").within("production"));
    child.metadata.namespace = Some("staging".into());
    crate::controller::elsewhere::wake_owner(&everywhere, &child);
    assert!(woken.try_recv().is_err(), "a stranger that says so in another namespace");
}
