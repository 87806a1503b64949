//! What is asked before cores are told to begin, and what an answer keeps from happening.

use super::execute::{carried_out, seen};
use super::server::{Turn, gives, refuses};
use super::{Scene, owned_by};
use crate::api::v1alpha1::condition::Reason;
use crate::lease::Leadership;
use crate::manifest::{Child, ChildKind, TOLD_ANNOTATION, TURN_LABEL};
use crate::plan::Effect;
use serde_json::{Value, json};
use std::sync::Arc;

const PODS: &str = "GET pods";
const SAY: &str = "PATCH configmaps/billing-turn-1";
const MAKE: &str = "POST configmaps";
const TELL: &str = "PATCH pods/new-2";

fn begin() -> Effect {
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "billing-turn-1" }, "data": { "serves": "8" } });
    let child = Child { kind: ChildKind::ConfigMap, name: "billing-turn-1".parse().unwrap(), object };
    Effect::Begin { turn: 8, word: Box::new(child) }
}

fn look() -> String {
    format!("GET configmaps/{}", crate::domain::ChildName::of_turn("billing"))
}

fn said(turn: &str) -> Turn {
    let labels = json!({ (TURN_LABEL): turn });
    word("u-1", &labels)
}

/// The word that a deployment of this UID had written.
fn word(owner: &str, labels: &Value) -> Turn {
    let metadata = json!({ "name": "billing-turn-1", "uid": "m-1", "resourceVersion": "70", "labels": labels, "ownerReferences": owned_by(owner) });
    gives(&look(), &json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata }))
}

/// Such as one that stayed when a deployment of the same name was deleted without what it had made.
#[tokio::test]
async fn a_turn_that_another_deployment_said_is_not_taken_for_ones_own() {
    for turn in ["9", "7"] {
        let scene = Scene::new(vec![word("u-0", &json!({ (TURN_LABEL): turn }))]);
        let refused = carried_out(&scene, begin()).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::NameTaken);
        assert!(refused.chain().contains("ConfigMap billing-turn-"), "{}", refused.chain());
        scene.script.end();
    }
}

fn pod(name: &str, turn: Option<&str>, told: bool) -> Value {
    let labels = turn.map(|turn| json!({ (TURN_LABEL): turn }));
    let annotations = told.then(|| json!({ (TOLD_ANNOTATION): turn }));
    json!({
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
        "metadata": { "name": name, "labels": labels, "annotations": annotations },
    })
}

fn there_are(pods: &[Value]) -> Turn {
    gives(
        PODS,
        &json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {}, "items": pods }),
    )
}

#[tokio::test]
async fn cores_are_told_once_all_others_are_gone_and_each_of_them_once() {
    let pods = [pod("new-1", Some("8"), true), pod("new-2", Some("8"), false)];
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "billing-turn-1" } });
    let turns = vec![said("7"), there_are(&pods), gives(SAY, &map), there_are(&pods), gives(TELL, &pods[1])];
    let scene = Scene::new(turns);
    carried_out(&scene, begin()).await.unwrap();
    let sent = scene.script.end();
    assert_eq!(sent[2]["data"]["serves"], "8");
    let (uid, version) = (&sent[2]["metadata"]["uid"], &sent[2]["metadata"]["resourceVersion"]);
    assert_eq!((uid, version), (&json!("m-1"), &json!("70")), "in the place of the word that was looked at");
    assert_eq!(sent[4], json!({ "metadata": { "annotations": { (TOLD_ANNOTATION): "8" } } }));
}

#[tokio::test]
async fn nobody_is_told_while_a_core_of_another_turn_is_there_or_of_none() {
    for other in [pod("old-1", Some("7"), true), pod("old-1", None, false)] {
        let scene = Scene::new(vec![said("7"), there_are(&[other, pod("new-2", Some("8"), false)])]);
        carried_out(&scene, begin()).await.unwrap();
        scene.script.end();
    }
}

/// Those that wait for a later turn are there since it came; it was held meanwhile.
#[tokio::test]
async fn a_turn_that_has_come_is_given_again_whoever_waits() {
    let pods = [pod("new-1", Some("8"), true), pod("next-1", Some("9"), false)];
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "billing-turn-1" } });
    let scene = Scene::new(vec![said("8"), gives(SAY, &map), there_are(&pods)]);
    carried_out(&scene, begin()).await.unwrap();
    assert_eq!(scene.script.end()[1]["data"]["serves"], "8");
}

#[tokio::test]
async fn a_turn_is_held_in_the_place_of_the_word_that_was_looked_at() {
    let hold = || {
        let Effect::Begin { turn, mut word } = begin() else { unreachable!() };
        word.object["data"] = json!({ "held": "8" });
        Effect::Hold { turn, word }
    };
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "billing-turn-1" } });
    let scene = Scene::new(vec![said("8"), gives(SAY, &map), said("9")]);
    carried_out(&scene, hold()).await.unwrap();
    // A later turn has come meanwhile: that one is not held.
    carried_out(&scene, hold()).await.unwrap();
    let sent = scene.script.end();
    assert_eq!((&sent[1]["data"]["held"], &sent[1]["metadata"]["resourceVersion"]), (&json!("8"), &json!("70")));
}

#[tokio::test]
async fn no_more_are_told_than_may_be_those_that_end_included() {
    let mut ends = pod("old-1", Some("8"), true);
    ends["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    let pods = [ends, pod("new-1", Some("8"), false), pod("new-2", Some("8"), false), pod("next-1", Some("9"), true)];
    let tell = |most| Effect::Tell { turn: 8, pods: vec!["new-2".into(), "gone-1".into(), "new-1".into()], most };
    let scene = Scene::new(vec![there_are(&pods), there_are(&pods), gives(TELL, &pods[2])]);
    carried_out(&scene, tell(1)).await.unwrap();
    carried_out(&scene, tell(2)).await.unwrap();
    assert_eq!(scene.script.end()[2], json!({ "metadata": { "annotations": { (TOLD_ANNOTATION): "8" } } }));
}

/// Nobody knows how many others were told meanwhile, and by whom.
#[tokio::test]
async fn who_does_not_lead_any_more_by_the_time_that_pods_were_counted_tells_none() {
    let pods = [pod("new-1", Some("8"), false), pod("new-2", Some("8"), false)];
    for effect in [Effect::Tell { turn: 8, pods: vec!["new-2".into()], most: 1 }, Effect::Join { turn: 8 }] {
        let leadership = Leadership::of_a_test();
        let lost = leadership.clone();
        let mut scene = Scene::new(vec![there_are(&pods).meanwhile(move || lost.lose())]);
        Arc::get_mut(&mut scene.context.shared).unwrap().leadership = leadership;
        assert!(carried_out(&scene, effect).await.unwrap_err().is_stale());
        scene.script.end();
    }
}

/// Somebody removed what says it. Those that were told know it, and those that wait for the next turn are in nobody's way.
#[tokio::test]
async fn a_turn_that_nothing_says_any_more_is_that_of_those_who_were_told() {
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "billing-turn-1" } });
    let told = pod("old-1", Some("8"), true);
    let pods = [told.clone(), pod("new-2", Some("8"), false), pod("next-1", Some("9"), false)];
    let gone = || refuses(&look(), 404, "not found");
    let blank = json!({ "metadata": { "name": "billing-turn-1", "uid": "m-2", "resourceVersion": "80" } });
    let made = gives(MAKE, &blank);
    let scene =
        Scene::new(vec![gone(), there_are(&pods), made, gives(SAY, &map), there_are(&pods), gives(TELL, &told)]);
    carried_out(&scene, begin()).await.unwrap();
    let sent = scene.script.end();
    assert_eq!((&sent[2]["data"], &sent[3]["data"]["serves"]), (&json!(null), &json!("8")));
    let (uid, version) = (&sent[3]["metadata"]["uid"], &sent[3]["metadata"]["resourceVersion"]);
    assert_eq!((uid, version), (&json!("m-2"), &json!("80")), "in the place of what was made");
    // Not that of those who wait, as long as others were told, or as nobody was.
    for before in [pod("old-1", Some("7"), true), pod("old-1", Some("7"), false)] {
        let scene = Scene::new(vec![gone(), there_are(&[before, pod("new-2", Some("8"), false)])]);
        carried_out(&scene, begin()).await.unwrap();
        scene.script.end();
    }
}

#[tokio::test]
async fn a_turn_never_goes_back() {
    let scene = Scene::new(vec![said("9"), there_are(&[pod("new-2", Some("8"), false)])]);
    carried_out(&scene, begin()).await.unwrap();
    scene.script.end();
}

/// The leader was stopped after it had looked; another one led meanwhile, and a later turn has come, or the first one.
#[tokio::test]
async fn a_turn_that_came_meanwhile_is_not_taken_back() {
    let scene = Scene::new(vec![
        refuses(&look(), 404, "not found"),
        there_are(&[pod("new-2", Some("8"), false)]),
        refuses(MAKE, 409, "configmaps \"billing-turn-1\" already exists"),
    ]);
    assert!(carried_out(&scene, begin()).await.unwrap_err().is_stale());
    scene.script.end();
    let scene = Scene::new(vec![
        said("7"),
        there_are(&[pod("new-2", Some("8"), false)]),
        refuses(SAY, 409, "the object has been modified"),
    ]);
    assert!(carried_out(&scene, begin()).await.unwrap_err().is_stale());
    scene.script.end();
}

#[tokio::test]
async fn nobody_is_told_where_nobody_can_say_who_is_there() {
    let scene = Scene::new(vec![said("7"), refuses(PODS, 503, "the server is not able to answer")]);
    assert!(carried_out(&scene, begin()).await.is_err());
    scene.script.end();
}

#[tokio::test]
async fn a_deployment_that_is_gone_need_not_be_stopped() {
    let stop = || Effect::Stop { name: "billing-core-1".into(), seen: seen() };
    let live = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1" } });
    let asks = "PATCH deployments/billing-core-1";
    let scene = Scene::new(vec![gives(asks, &live), refuses(asks, 404, "not found")]);
    carried_out(&scene, stop()).await.unwrap();
    carried_out(&scene, stop()).await.unwrap();
    assert_eq!(
        scene.script.end()[0],
        json!({ "metadata": { "uid": "x-1", "resourceVersion": "7" }, "spec": { "replicas": 0 } })
    );
}

#[tokio::test]
async fn a_deployment_that_was_changed_meanwhile_is_not_stopped() {
    let stop = Effect::Stop { name: "billing-core-1".into(), seen: seen() };
    let scene = Scene::new(vec![refuses("PATCH deployments/billing-core-1", 409, "the object has been modified")]);
    assert!(carried_out(&scene, stop).await.unwrap_err().is_stale());
    scene.script.end();
}
