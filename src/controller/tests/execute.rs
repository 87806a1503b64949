//! What is written, and what comes of a refusal.

use super::server::{gives, is_silent, refuses};
use super::{Caches, Scene, metadata_of, release};
use crate::api::v1alpha1::{TengineDeploymentStatus, condition::Reason};
use crate::controller::error::Error;
use crate::controller::execute::execute;
use crate::manifest::{Child, ChildKind};
use crate::plan::observed::{LiveKind, Seen};
use crate::plan::{Effect, Plan};
use serde_json::json;
use std::time::Duration;

const APPLY: &str = "PATCH deployments/billing-core-1";
const RECORD: &str = "PATCH tenginereleases/billing-0001-aaaaaaa/status";
const CREATE: &str = "POST tenginereleases";
const LOOK: &str = "GET tenginereleases/billing-0001-aaaaaaa";

pub async fn carried_out(scene: &Scene, effect: Effect) -> Result<(), Error> {
    let plan = Plan { effects: vec![effect], status: TengineDeploymentStatus::default(), next: Duration::from_mins(1) };
    execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await
}

/// What a plan was made from.
pub fn seen() -> Seen {
    Seen { uid: "x-1".into(), version: "7".into() }
}

fn core() -> Effect {
    let kind = ChildKind::Deployment(crate::domain::Component::Core);
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1" },
        "spec": { "strategy": { "type": "Recreate" } },
    });
    let child = Box::new(Child { kind, name: "billing-core-1".parse().unwrap(), object });
    Effect::Apply { child, seen: Some(seen()) }
}

#[tokio::test]
async fn what_was_applied_is_acknowledged() {
    let live = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1", "generation": 7 } });
    let scene = Scene::new(vec![gives(APPLY, &live)]);
    carried_out(&scene, core()).await.unwrap();
    scene.script.end();
    assert_eq!(scene.context.board.acknowledged("u-1", "billing-core-1").unwrap().generation, 7);
}

/// Where nothing was seen, a place for cores may be somebody else's, or one of a later turn that another replica has filled since.
#[tokio::test]
async fn cores_are_made_only_where_nobody_has_any() {
    let Effect::Apply { child, .. } = core() else { unreachable!() };
    let made = || Effect::Apply { child: child.clone(), seen: None };
    let there = |uid: &str| gives("GET deployments/billing-core-1", &metadata_of("billing-core-1", uid));
    let in_turns = json!({ "strategy": { "type": "HandOver" } });
    let scene = Scene::with(Caches::default(), &in_turns, vec![there("u-1"), there("u-2")]);
    assert!(carried_out(&scene, made()).await.unwrap_err().is_stale());
    assert!(scene.context.board.has_met("u-1", "billing-core-1"), "from now on it is asked for by name");
    assert_eq!(carried_out(&scene, made()).await.unwrap_err().reason(), Reason::NameTaken);
    scene.script.end();
    let live = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1" } });
    let turns = vec![refuses("GET deployments/billing-core-1", 404, "not found"), gives(APPLY, &live)];
    let scene = Scene::with(Caches::default(), &in_turns, turns);
    carried_out(&scene, made()).await.unwrap();
    scene.script.end();
}

/// So is an instance: a cache may not show yet what somebody made of that name.
#[tokio::test]
async fn an_instance_is_made_only_where_nobody_has_its_name() {
    let object = json!({ "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment", "metadata": { "name": "billing-001-x" } });
    let live = object.clone();
    let child = Box::new(Child { kind: ChildKind::Instance, name: "billing-001-x".parse().unwrap(), object });
    let made = || Effect::Apply { child: child.clone(), seen: None };
    let there = |uid: &str| gives("GET tenginedeployments/billing-001-x", &metadata_of("billing-001-x", uid));
    let gone = refuses("GET tenginedeployments/billing-001-x", 404, "not found");
    let applied = gives("PATCH tenginedeployments/billing-001-x", &live);
    let scene = Scene::new(vec![there("u-1"), there("u-2"), gone, applied]);
    assert!(carried_out(&scene, made()).await.unwrap_err().is_stale());
    let taken = carried_out(&scene, made()).await.unwrap_err();
    assert_eq!(taken.reason(), Reason::NameTaken);
    assert!(
        taken.chain().starts_with("TengineDeployment billing-001-x: it belongs to somebody else"),
        "{}",
        taken.chain()
    );
    carried_out(&scene, made()).await.unwrap();
    scene.script.end();
}

#[tokio::test]
async fn the_api_servers_words_are_kept_where_there_is_nothing_to_clear() {
    let words = "Deployment.apps \"billing-core-1\" is invalid: spec.template.labels: Invalid value: \"a b\"";
    let gone = "deployments.apps \"billing-core-1\" not found";
    let scene = Scene::new(vec![refuses(APPLY, 422, words), refuses("GET deployments/billing-core-1", 404, gone)]);
    let error = carried_out(&scene, core()).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.chain(), format!("applying Deployment billing-core-1: {words}"));
    assert_eq!(error.reason(), Reason::WriteRefused);
}

#[tokio::test]
async fn a_strategy_that_somebody_changed_is_cleared_first() {
    let live = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1", "generation": 2 },
        "spec": { "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1 } } },
    });
    let scene = Scene::new(vec![
        refuses(APPLY, 422, "spec.strategy.rollingUpdate: Forbidden"),
        gives("GET deployments/billing-core-1", &live),
        gives(APPLY, &live),
        gives(APPLY, &live),
    ]);
    carried_out(&scene, core()).await.unwrap();
    assert_eq!(scene.script.end()[2].pointer("/spec/strategy/rollingUpdate"), Some(&json!(null)));
}

#[tokio::test]
async fn a_right_that_is_missing_is_said_in_the_api_servers_words() {
    let words = "deployments.apps is forbidden: User \"system:serviceaccount:ops:operator\" cannot patch resource \"deployments\"";
    let scene = Scene::new(vec![refuses(APPLY, 403, words)]);
    let text = carried_out(&scene, core()).await.unwrap_err().chain();
    scene.script.end();
    assert!(text.ends_with(words), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_says_nothing_is_given_up_on() {
    let scene = Scene::new(vec![is_silent(APPLY)]);
    let error = carried_out(&scene, core()).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.chain(), "applying Deployment billing-core-1: no answer from the API server within 30 s");
}

#[tokio::test]
async fn one_refusal_keeps_nothing_else_from_being_done() {
    let scene = Scene::new(vec![
        refuses(APPLY, 403, "forbidden"),
        refuses("DELETE configmaps/billing-config-1", 404, "not found"),
    ]);
    let remove = Effect::Delete { kind: LiveKind::ConfigMap, name: "billing-config-1".into(), seen: seen() };
    let plan = Plan {
        effects: vec![core(), remove],
        status: TengineDeploymentStatus::default(),
        next: Duration::from_mins(1),
    };
    let error = execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.code(), Some(403), "the first error is told");
}

/// What is rolled out is written down first: else nobody could say what it is, nor refuse it.
#[tokio::test]
async fn nothing_is_rolled_out_of_an_image_that_could_not_be_recorded() {
    let built = || {
        let Effect::RecordRelease { release, seen, mut status } = record() else { panic!("it is one") };
        status.image = Some(format!("r.example.com/ops/billing@sha256:{}", "1".repeat(64)));
        Effect::RecordRelease { release, seen, status }
    };
    let plan = Plan {
        effects: vec![built(), core()],
        status: TengineDeploymentStatus::default(),
        next: Duration::from_mins(1),
    };
    let refused = || refuses(RECORD, 500, "etcdserver: request timed out");
    let scene = Scene::new(vec![refused()]);
    let error = execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.code(), Some(500));
    // Of one that is known to have it, all else goes on.
    let live = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "billing-core-1" } });
    let caches = Caches { releases: vec![super::built()], ..Caches::default() };
    let scene = Scene::with(caches, &json!({}), vec![refused(), gives(APPLY, &live)]);
    execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await.unwrap_err();
    scene.script.end();
}

#[tokio::test]
async fn what_is_gone_already_is_as_good_as_removed() {
    for (asks, effect) in removals().into_iter().chain([(RECORD, record())]) {
        let scene = Scene::new(vec![refuses(asks, 404, "not found")]);
        carried_out(&scene, effect).await.unwrap();
        scene.script.end();
    }
}

/// One of each kind of removal.
fn removals() -> [(&'static str, Effect); 6] {
    let child = |kind, name: &str| Effect::Delete { kind, name: name.into(), seen: seen() };
    [
        ("DELETE deployments/billing-atd-1", child(LiveKind::Deployment, "billing-atd-1")),
        ("DELETE configmaps/billing-config-1", child(LiveKind::ConfigMap, "billing-config-1")),
        ("DELETE poddisruptionbudgets/billing-core-1", child(LiveKind::PodDisruptionBudget, "billing-core-1")),
        ("DELETE jobs/billing-check-1", Effect::DeleteJob { name: "billing-check-1".into(), seen: seen() }),
        (
            "DELETE tenginereleases/billing-0001-aaaaaaa",
            Effect::DeleteRelease { release: "billing-0001-aaaaaaa".into(), seen: seen() },
        ),
        ("DELETE tengineactions/act-1", Effect::DeleteAction { action: "act-1".into(), seen: seen() }),
    ]
}

#[tokio::test]
async fn what_is_removed_is_what_was_seen_and_another_of_its_name_stays() {
    let removed = json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" });
    for (asks, effect) in removals() {
        let conflict = "the UID in the precondition (x-1) does not match the UID in record (x-2)";
        let scene = Scene::new(vec![gives(asks, &removed), refuses(asks, 409, conflict)]);
        carried_out(&scene, effect.clone()).await.unwrap();
        // Nothing that was decided with it is done: a Job would be started in the place of the one that stays.
        let effects = vec![effect, core()];
        let plan = Plan { effects, status: TengineDeploymentStatus::default(), next: Duration::from_mins(1) };
        let error = execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await.unwrap_err();
        assert!(error.is_stale(), "{}", error.chain());
        let sent = scene.script.end();
        assert_eq!(sent[0]["preconditions"], json!({ "uid": "x-1", "resourceVersion": "7" }), "{asks}");
        assert_eq!(sent[0]["propagationPolicy"], "Background", "{asks}");
    }
}

fn record() -> Effect {
    Effect::RecordRelease { release: "billing-0001-aaaaaaa".into(), seen: seen(), status: Box::default() }
}

/// Carries out a plan that records a release and rolls it out.
async fn rolled_out(scene: &Scene) -> Result<(), Error> {
    let effects = vec![record(), core()];
    let plan = Plan { effects, status: TengineDeploymentStatus::default(), next: Duration::from_mins(1) };
    execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await
}

#[tokio::test]
async fn a_plan_that_was_made_from_a_record_of_before_is_not_carried_out() {
    let scene = Scene::new(vec![refuses(RECORD, 409, "the object has been modified")]);
    let error = rolled_out(&scene).await.unwrap_err();
    assert!(error.is_stale(), "{}", error.chain());
    let sent = scene.script.end();
    assert_eq!(sent[0].pointer("/metadata/resourceVersion"), Some(&json!("7")));
}

#[tokio::test]
async fn an_object_that_somebody_changed_meanwhile_is_left_alone() {
    let scene = Scene::new(vec![refuses(APPLY, 409, "the object has been modified")]);
    let error = carried_out(&scene, core()).await.unwrap_err();
    assert!(error.is_stale(), "{}", error.chain());
    let sent = scene.script.end()[0]["metadata"].clone();
    assert_eq!((&sent["uid"], &sent["resourceVersion"]), (&json!("x-1"), &json!("7")));
}

#[tokio::test]
async fn who_does_not_lead_any_more_writes_nothing() {
    let scene = Scene::new(Vec::new());
    scene.context.shared.leadership.lose();
    let error = rolled_out(&scene).await.unwrap_err();
    assert!(error.is_stale(), "{}", error.chain());
    scene.script.end();
}

#[tokio::test]
async fn a_release_that_an_earlier_deployment_left_is_a_name_that_is_taken() {
    let left = json!(release(None));
    let scene = Scene::new(vec![
        refuses(CREATE, 409, "tenginereleases.tengine.dev \"billing-0001-aaaaaaa\" already exists"),
        gives(LOOK, &left),
    ]);
    let error = carried_out(&scene, Effect::CreateRelease(Box::new(release(Some("u-1"))))).await.unwrap_err();
    scene.script.end();
    assert_eq!(error.reason(), Reason::NameTaken);
    assert!(
        error.chain().starts_with("TengineRelease billing-0001-aaaaaaa: it belongs to somebody else"),
        "{}",
        error.chain()
    );
}

#[tokio::test]
async fn a_release_that_no_cache_has_shown_yet_is_not_made_twice() {
    let scene = Scene::new(vec![refuses(CREATE, 409, "already exists"), gives(LOOK, &json!(release(Some("u-1"))))]);
    carried_out(&scene, Effect::CreateRelease(Box::new(release(Some("u-1"))))).await.unwrap();
    scene.script.end();
}

#[tokio::test]
async fn a_cache_that_does_not_show_the_last_release_is_not_believed() {
    let first = release(Some("u-1"));
    let mut second = release(Some("u-1"));
    second.metadata.name = Some("billing-0001-bbbbbbb".into());
    second.spec.key = "fedcba9876543210".into();
    let list = json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineReleaseList", "metadata": {}, "items": [json!(first)],
    });
    let scene = Scene::new(vec![gives(CREATE, &json!(first)), gives("GET tenginereleases", &list)]);
    carried_out(&scene, Effect::CreateRelease(Box::new(first))).await.unwrap();
    // Planned from a cache without the first one, it has the same number.
    carried_out(&scene, Effect::CreateRelease(Box::new(second))).await.unwrap();
    scene.script.end();
}

#[tokio::test]
async fn a_release_that_the_cache_shows_is_not_made_again() {
    let known = release(Some("u-1"));
    let caches = Caches { releases: vec![json!(known)], ..Caches::default() };
    let scene = Scene::with(caches, &json!({}), Vec::new());
    carried_out(&scene, Effect::CreateRelease(Box::new(known))).await.unwrap();
    scene.script.end();
}
