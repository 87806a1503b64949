//! What is read, and what is said where it cannot be.

use super::server::{gives, refuses};
use super::{Caches, Scene, built};
use crate::api::v1alpha1::condition::Reason;
use crate::controller::look::{Named, registry_credentials};
use crate::controller::own_secret::Role;
use crate::controller::reconcile::steps;
use crate::controller::{children, contents, references};
use crate::domain::{ChildName, Component, Place};
use crate::manifest;
use k8s_openapi::api::core::v1::Pod;
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
    let scene = Scene::with(Caches { releases: vec![built()], ..Caches::default() }, &json!({}), turns);
    scene.meets_its_core();
    for _ in 0..4 {
        steps(&scene.object, &scene.context).await.unwrap_err();
        scene.context.board.failed("u-1");
    }
    let sent = scene.script.end();
    let ready = &sent[4]["status"]["conditions"][0];
    assert_eq!((ready["status"].as_str(), ready["reason"].as_str()), (Some("Unknown"), Some("ReadRefused")));
    assert!(ready["message"].as_str().unwrap().contains(words), "{ready}");
}

/// At rest one place of cores that take turns is empty, and nobody asks for it. What lost its label is found by its cores, and what was met under
/// the name is asked for until it is gone.
#[tokio::test]
async fn cores_that_take_turns_are_asked_for_by_name_where_something_may_stand_there() {
    let [first, second] = Place::ALL.map(|place| format!("GET deployments/{}", ChildName::of_cores("billing", place)));
    let gone = |asks: &str| refuses(asks, 404, "not found");
    let spec = json!({
        "strategy": { "type": "HandOver" }, "tengine": { "heartbeatWatchd": { "enabled": false }, "atd": { "enabled": false } },
    });
    let asked = vec![gone(&first), gone(&second), gone(&second)];
    let scene = Scene::with(Caches::default(), &spec, asked);
    let labels = json!({ (manifest::COMPONENT_LABEL): Component::Core.label(), (manifest::TURN_LABEL): "8" });
    let core: Pod = serde_json::from_value(json!({ "metadata": { "name": "core", "labels": labels } })).unwrap();
    let observe = async |pods: &[Pod]| {
        children::observe(&scene.context, &scene.desired, &[], (&[], pods), true).await.unwrap();
    };
    observe(&[]).await;
    observe(&[core]).await;
    scene.context.board.meet("u-1", ChildName::of_cores("billing", Place::Second).as_ref());
    observe(&[]).await;
    observe(&[]).await;
    scene.script.end();
}

/// It may be in the way of what serves, until that has gone.
#[tokio::test]
async fn what_was_met_under_a_name_is_asked_for_though_it_is_wanted_no_more() {
    let atd = ChildName::of_component("billing", Component::Atd);
    let spec = json!({ "tengine": { "atd": { "enabled": false } } });
    let gone = refuses(&format!("GET deployments/{atd}"), 404, "not found");
    let scene = Scene::with(Caches::default(), &spec, vec![gone]);
    scene.context.board.meet("u-1", atd.as_ref());
    for _ in 0..2 {
        children::observe(&scene.context, &scene.desired, &[], (&[], &[]), true).await.unwrap();
    }
    scene.script.end();
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
        // Which keys it needs depends on the URL; the look says what is missing.
        assert_eq!(found.problems.len(), 0);
    }
    scene.script.end();
}

/// What stands for the content that pods of rules `rendering` read, where the Secrets mq and db are as given.
async fn hash(rendering: i32, mq: &Value, uid: &str) -> Option<String> {
    let object = |name: &str, data: &Value| json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "uid": uid }, "data": data });
    let caches = Caches { secrets: vec![metadata("mq", uid, "1")], ..Caches::default() };
    let secrets = json!({ "eventQueue": { "host": "mq", "secretRef": { "name": "mq" } }, "database": { "hosts": ["db:1"], "name": "t" } });
    let scene = Scene::with(caches, &json!({ "tengine": secrets }), vec![gives("GET secrets/mq", &object("mq", mq))]);
    let mut release = super::release(Some("u-1"));
    release.spec.rendering = rendering;
    release.spec.settings = scene.desired.settings(None);
    let found = references::observe(&scene.context, &scene.desired, &[release]).await.unwrap();
    scene.script.end();
    found.hashes.into_values().next()
}

const MQ: &str = r#"{ "username": "dQ==", "password": "cHc=" }"#;

#[tokio::test]
async fn only_what_pods_read_makes_other_pods() {
    let mq: Value = MQ.parse().unwrap();
    let with = |key: &str, value: &str| {
        let mut mq = mq.clone();
        mq[key] = json!(value);
        mq
    };
    let before = hash(2, &mq, "s-1").await.unwrap();
    assert_eq!(hash(2, &mq, "s-2").await.unwrap(), before, "made anew with the same content");
    assert_eq!(hash(2, &with("note", "eA=="), "s-1").await.unwrap(), before, "an unrelated key");
    assert_ne!(hash(2, &with("password", "eA=="), "s-1").await.unwrap(), before);
    let mut without = mq.clone();
    without.as_object_mut().unwrap().remove("password");
    assert_eq!(hash(2, &without, "s-1").await, None, "pods cannot start without it");
    assert_eq!(hash(2, &with("password", ""), "s-1").await, None, "nor with an empty one");
    assert_eq!(hash(2, &with("password", "YQBi"), "s-1").await, None, "nor with one that no variable can hold");
}

#[tokio::test]
async fn what_no_process_can_be_given_is_refused_by_its_key_before_there_is_a_pod() {
    let object = |kind: &str, name: &str, data: Value| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "uid": name }, "data": data });
    // "pw\0", and a byte that is no text.
    let mq = object("Secret", "mq", json!({ "username": "dQ==", "password": "cHcA", "note": "AA==" }));
    let more = object("Secret", "more", json!({ "token": "/w==" }));
    let map = object("ConfigMap", "map", json!({ "flag": "on\0" }));
    // Nodes pass over what is no text of a ConfigMap that is read as a whole.
    let mut icons = object("ConfigMap", "icons", json!({ "name": "icons" }));
    icons["binaryData"] = json!({ "logo": "/w==" });
    let caches = Caches {
        secrets: vec![metadata("mq", "mq", "1"), metadata("more", "more", "1")],
        config_maps: vec![metadata("icons", "icons", "1"), metadata("map", "map", "1")],
        ..Caches::default()
    };
    let optional = json!({ "name": "FLAG", "valueFrom": { "configMapKeyRef": { "name": "map", "key": "flag", "optional": true } } });
    let spec = json!({
        "tengine": { "eventQueue": { "host": "mq", "secretRef": { "name": "mq" } } },
        "pod": { "envFrom": [{ "secretRef": { "name": "more" } }, { "configMapRef": { "name": "icons" } }], "env": [optional] },
    });
    let turns = vec![
        gives("GET secrets/more", &more),
        gives("GET secrets/mq", &mq),
        gives("GET configmaps/icons", &icons),
        gives("GET configmaps/map", &map),
    ];
    let scene = Scene::with(caches, &spec, turns);
    let mut release = super::release(Some("u-1"));
    release.spec.settings = scene.desired.settings(None);
    let found = references::observe(&scene.context, &scene.desired, &[release]).await.unwrap();
    scene.script.end();
    let problems: Vec<_> = found.problems.iter().map(|problem| (problem.reason, problem.message.as_str())).collect();
    let told = |rest: &str| format!("{rest}, which no process can be given");
    let expected = [
        (Reason::SecretInvalid, told("spec.pod.envFrom[0]: Secret more has a key token that is not UTF-8 text")),
        (
            Reason::SecretInvalid,
            told("spec.tengine.eventQueue.secretRef: Secret mq has a key password with a NUL character in it"),
        ),
        (Reason::ConfigMapInvalid, told("spec.pod.env[0]: ConfigMap map has a key flag with a NUL character in it")),
    ];
    assert_eq!(problems, expected.each_ref().map(|(reason, message)| (*reason, message.as_str())));
    assert!(found.hashes.is_empty(), "no pods are made of it");
}

#[tokio::test]
async fn a_newer_operator_restarts_no_pods_of_an_older_release() {
    // As operators before the second rules of rendering wrote it.
    assert_eq!(hash(1, &MQ.parse().unwrap(), "s-1").await.as_deref(), Some(OLD));
}

const OLD: &str = "5c7c5984043cf46f";

#[tokio::test]
async fn the_secrets_of_every_kept_release_are_masked() {
    let secret = |name: &str, password: &str| json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "uid": name }, "data": { "password": password } });
    let caches = Caches { secrets: ["new", "old"].map(|name| metadata(name, name, "1")).into(), ..Caches::default() };
    let mut release = super::release(Some("u-1"));
    let queue = |name: &str| json!({ "eventQueue": { "host": "mq", "secretRef": { "name": name } } });
    release.spec.settings.tengine = serde_json::from_value(queue("old")).unwrap();
    let caches = Caches { releases: vec![json!(release)], ..caches };
    let scene = Scene::with(
        caches,
        &json!({}),
        vec![
            gives("GET secrets/new", &secret("new", "bmV3Cg==")),
            gives("GET secrets/old", &secret("old", "b2xkZXIK")),
        ],
    );
    let mut settings = scene.desired.settings(None);
    settings.tengine = serde_json::from_value(queue("new")).unwrap();
    let place = ("production", "billing");
    let values = references::secret_values(&scene.context, place, &settings).await.unwrap();
    scene.script.end();
    assert_eq!(crate::plan::evidence::mask("new older x", &values), "*** *** x");
}

#[tokio::test]
async fn a_pull_secret_of_a_type_that_nodes_pass_over_is_refused() {
    for kind in ["Opaque", "kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"] {
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": { "name": "pull" }, "data": { ".dockerconfigjson": "e30=" } });
        let scene = Scene::new(vec![gives("GET secrets/pull", &secret)]);
        let hash = contents::shared_hash(kind, [(".dockerconfigjson", b"{}".as_slice())].into_iter());
        let named = Named { role: Role::Push, namespace: "production", name: Some("pull"), hash: &hash };
        let read = registry_credentials(&scene.context.shared, named).await;
        scene.script.end();
        let refused = read.err().map(|failure| (failure.reason, failure.definite, failure.message.contains(kind)));
        let expected = (kind != "kubernetes.io/dockerconfigjson").then_some((Reason::SecretInvalid, true, true));
        assert_eq!(refused, expected, "{kind}");
    }
}

#[tokio::test]
async fn a_new_process_takes_its_time_only_where_all_was_answered() {
    let unbuilt = super::release(Some("u-1"));
    let mut built = unbuilt.clone();
    built.status = serde_json::from_value(json!({ "image": "r.example.com/ops/billing@sha256:0" })).unwrap();
    let told = json!({ "ref": "refs/heads/main", "commit": built.spec.commit });
    let refused =
        json!({ "ref": "refs/heads/main", "commit": built.spec.commit, "refusedSince": "2026-01-01T00:00:00Z" });
    let other = json!({ "ref": "refs/heads/main", "commit": "f".repeat(40) });
    for (what, release, source, generation, remembers) in [
        ("all was answered", &built, &told, 0, true),
        ("the host said no", &built, &refused, 0, false),
        ("the commit has no image", &unbuilt, &told, 0, false),
        ("another commit has an image", &built, &other, 0, false),
        ("of another spec", &built, &told, 1, false),
    ] {
        let mut scene =
            Scene::with(Caches { releases: vec![json!(release)], ..Caches::default() }, &json!({}), Vec::new());
        let of_spec = scene.desired.generation - generation;
        let status = json!({ "observedGeneration": of_spec, "source": source });
        scene.object.status = serde_json::from_value(status).unwrap();
        assert_eq!(scene.questions().await.git.unwrap().source.remembers, remembers, "{what}");
        scene.script.end();
    }
}
