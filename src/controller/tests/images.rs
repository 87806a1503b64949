//! What is asked of the registry where nodes cannot pull.

use super::{Caches, Scene, owned_by, release};
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::controller::board::{Question, Subject};
use crate::controller::execute::execute;
use crate::controller::observe::observe;
use crate::domain::{ChildName, Digest, Place};
use crate::manifest;
use crate::plan::observed::{Look, Presence};
use crate::plan::{Effect, Plan};
use crate::settings::{Hosts, RegistryHost};
use futures::StreamExt as _;
use kube::runtime::reflector::ObjectRef;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A Deployment of cores.
fn cores(place: Place, release: &str, turn: Option<&str>) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": ChildName::of_cores("billing", place).as_ref(), "namespace": "production",
            "labels": { manifest::DEPLOYMENT_LABEL: "billing" },
            "annotations": { manifest::RELEASE_ANNOTATION: release },
            "ownerReferences": owned_by("u-1"),
        },
        "spec": { "selector": {}, "template": { "metadata": { "labels": turn.map(|turn| json!({ manifest::TURN_LABEL: turn })) } } },
    })
}

/// A deployment that was told to run an image of a registry that gives this answer to everything.
async fn told(answer: ResponseTemplate) -> (Scene, MockServer) {
    let registry = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&registry).await;
    let host = registry.address().to_string();
    let mut running = json!(release(Some("u-1")));
    running["status"] = json!({ "image": format!("{host}/ops/billing@{}", Digest::of(b"image")) });
    let core = cores(Place::First, "billing-0001-aaaaaaa", None);
    let spec = json!({ "tengine": { "heartbeatWatchd": { "enabled": false }, "atd": { "enabled": false } } });
    let caches = Caches { releases: vec![running], workloads: vec![core], ..Caches::default() };
    let plain = RegistryHost { plain_http: true, ..RegistryHost::default() };
    let hosts = Hosts { registries: [(host, plain)].into(), ..Hosts::default() };
    (Scene::among(hosts, caches, &spec, Vec::new()), registry)
}

async fn seen(scene: &Scene) -> Look<Presence> {
    let questions = scene.questions().await;
    observe(&scene.context, &scene.object, &scene.desired, &questions).await.unwrap().image
}

/// What the registry says of the image, once it was asked.
async fn asked(scene: &mut Scene) -> Look<Presence> {
    assert!(seen(scene).await.answer.is_none(), "nobody asked yet");
    let (status, next) = (TengineDeploymentStatus::default(), Duration::from_mins(1));
    let plan = Plan { effects: vec![Effect::LookForImage], status, next };
    execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await.unwrap();
    assert!(scene.woken.next().await.is_some());
    seen(scene).await
}

#[tokio::test]
async fn an_image_that_the_registry_lacks_is_gone() {
    let unknown = json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "manifest unknown" }] });
    let (mut scene, registry) = told(ResponseTemplate::new(404).set_body_json(unknown)).await;
    let look = asked(&mut scene).await;
    scene.script.end();
    let Some((Presence::Gone(what), _)) = look.answer else { panic!("{:?}", look.trouble) };
    assert!(what.starts_with("the image ") && what.contains(Digest::of(b"image").as_ref()), "{what}");
    let paths: Vec<_> =
        registry.received_requests().await.unwrap().iter().map(|request| request.url.path().to_owned()).collect();
    assert!(paths.iter().all(|path| path.starts_with("/v2/ops/billing/manifests/")), "{paths:?}");
}

#[tokio::test]
async fn a_registry_in_trouble_says_nothing_of_the_image() {
    let (mut scene, _registry) = told(ResponseTemplate::new(503)).await;
    let look = asked(&mut scene).await;
    scene.script.end();
    assert!(look.answer.is_none() && look.trouble.is_some_and(|trouble| !trouble.definite));
}

/// Not for each of the images that are told to run from there.
#[tokio::test]
async fn a_registry_that_refuses_or_limits_is_asked_once_for_all_images() {
    let mut requests = Vec::new();
    for (status, others) in [(401, 0), (401, 20), (429, 0), (429, 20)] {
        let answer = ResponseTemplate::new(status).insert_header("Retry-After", "600");
        let (mut scene, registry) = told(answer.insert_header("WWW-Authenticate", "Basic realm=\"r\"")).await;
        let (_, question) = scene.questions().await.image.unwrap();
        let other = |number: usize| {
            let object = ObjectRef::new(&format!("other{number}")).within("production");
            let aspect = Digest::of(number.to_string().as_bytes());
            (Subject { uid: number.to_string(), object }, Question { aspect, ..question.clone() })
        };
        for (subject, question) in (0..others).map(other) {
            scene.context.board.look(&subject, &question);
        }
        let trouble = asked(&mut scene).await.trouble.unwrap();
        for (subject, question) in (0..others).map(other) {
            let told = scene.context.board.look(&subject, &question).trouble.unwrap();
            assert_eq!((told.reason, told.message), (trouble.reason, trouble.message.clone()));
        }
        requests.push(registry.received_requests().await.unwrap().len());
    }
    assert_eq!((requests[0], requests[2]), (requests[1], requests[3]), "{requests:?}");
}

/// The content of the image that would be asked for, where two releases stand in two places.
async fn asked_for(strategy: &str) -> Digest {
    let of = |name: &str, image: &Digest| {
        let mut release = json!(release(Some("u-1")));
        release["metadata"]["name"] = json!(name);
        release["status"] = json!({ "image": format!("r.example.com/ops/billing@{image}") });
        release
    };
    let (first, second) = ("billing-0001-aaaaaaa", "billing-0002-bbbbbbb");
    let releases = vec![of(first, &Digest::of(b"first")), of(second, &Digest::of(b"second"))];
    let workloads = vec![cores(Place::First, first, Some("7")), cores(Place::Second, second, Some("8"))];
    let caches = Caches { releases, workloads, ..Caches::default() };
    let scene = Scene::with(caches, &json!({ "strategy": { "type": strategy } }), Vec::new());
    let (_, question) = scene.questions().await.image.unwrap();
    question.aspect
}

#[tokio::test]
async fn with_hand_overs_it_is_the_image_of_the_cores_that_came_last() {
    assert_eq!(asked_for("HandOver").await, Digest::of(b"second"));
    assert_eq!(asked_for("ActiveStandby").await, Digest::of(b"second"));
    assert_eq!(asked_for("RollingUpdate").await, Digest::of(b"first"));
}
