//! Who asks with other credentials never hears what these were told.

use super::server::gives;
use super::{Caches, Scene};
use crate::api::v1alpha1::condition::Reason;
use crate::controller::board::{Failure, Subject};
use crate::controller::contents::shared_hash;
use crate::controller::look::{Named, at_source, registry_credentials, remote_of};
use crate::controller::observe::Questions;
use crate::controller::own_secret::{self, Role};
use crate::plan::validate;
use futures::StreamExt as _;
use serde_json::{Value, json};

const ROLES: [&str; 3] = ["source", "base", "push"];

/// Contents of one key, as Secrets hold them.
const ONE: &str = "b25l";
const OTHER: &str = "b3RoZXI=";

fn secret(name: &str, content: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "uid": name },
        "data": { "password": content },
    })
}

/// What the watch of Secrets has told.
fn known(namespace: &str, name: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": namespace, "uid": name, "resourceVersion": "1" } })
}

/// What a deployment asks whose Secrets have these contents, and names that no other namespace has.
async fn questions(namespace: &str, contents: [&str; 3]) -> Questions {
    let names = ROLES.map(|role| format!("{role}-of-{namespace}"));
    let of = |role: usize| json!({ "name": names[role] });
    let spec = json!({
        "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "secretRef": of(0) } },
        "image": {
            "base": { "reference": "r.example.com/core:1", "secretRef": of(1) },
            "repository": "r.example.com/ops/billing", "secretRef": of(2),
        },
    });
    // As the script names what is elsewhere.
    let place = if namespace == "production" { String::new() } else { format!("/api/v1/namespaces/{namespace}/") };
    let read =
        |role: usize| gives(&format!("GET {place}secrets/{}", names[role]), &secret(&names[role], contents[role]));
    let secrets = names.iter().map(|name| known(namespace, name)).collect();
    let mut scene = Scene::with(Caches { secrets, ..Caches::default() }, &spec, [0, 1, 2].map(read).into());
    scene.object.metadata.namespace = Some(namespace.to_owned());
    scene.desired = validate(&scene.object).unwrap();
    let questions = scene.questions().await;
    scene.script.end();
    questions
}

/// Whoever has the same key shares the answer.
fn keys(questions: &Questions) -> [&str; 3] {
    let git = questions.git.as_ref().unwrap();
    [&git.source.key, &git.base.key, &git.push.key]
}

#[tokio::test]
async fn another_content_asks_another_question_for_what_it_is_used_for() {
    let before = questions("production", [ONE; 3]).await;
    for role in [0, 1, 2] {
        let mut contents = [ONE; 3];
        contents[role] = OTHER;
        let after = questions("production", contents).await;
        let changed: Vec<_> = ROLES.into_iter().zip(keys(&before)).zip(keys(&after)).collect();
        let changed = changed.into_iter().filter(|((_, before), after)| before != after).map(|((role, _), _)| role);
        assert_eq!(changed.collect::<Vec<_>>(), [ROLES[role]]);
        assert_ne!(after.build, before.build, "what was in the way of a build with other credentials is forgotten");
    }
}

#[tokio::test]
async fn equal_content_asks_one_question_in_any_namespace_and_under_any_name() {
    let (here, there) =
        (questions("production", [ONE, OTHER, ONE]).await, questions("staging", [ONE, OTHER, ONE]).await);
    assert_eq!(keys(&here), keys(&there));
    let nobody = Scene::new(Vec::new()).questions().await;
    let alike = keys(&here).into_iter().zip(keys(&nobody)).filter(|(with, without)| with == without);
    assert_eq!(alike.count(), 0, "who has no credentials shares with nobody who has some");
}

fn has_just_changed(failure: Option<Failure>) {
    let failure = failure.expect("nobody is asked with it");
    assert_eq!((failure.reason, failure.definite), (Reason::Unreachable, false), "{}", failure.message);
    assert!(failure.message.ends_with("has just changed: it is read again"), "{}", failure.message);
}

#[tokio::test]
async fn nobody_is_asked_with_a_content_that_the_question_does_not_stand_for() {
    let pull = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
        "metadata": { "name": "pull" }, "data": { ".dockerconfigjson": "e30=" },
    });
    let scene = Scene::new(vec![gives("GET secrets/pull", &pull), gives("GET secrets/git", &secret("git", ONE))]);
    let named = |role, name| Named { role, namespace: "production", name: Some(name), hash: "of what it was" };
    let shared = &scene.context.shared;
    has_just_changed(registry_credentials(shared, named(Role::Base, "pull")).await.err());
    let url = "https://git.example.com/ops/jobs.git".parse().unwrap();
    has_just_changed(remote_of(shared, &url, ("spec.source.git.secretRef", named(Role::Source, "git"))).await.err());
    scene.script.end();
}

/// A thousand repositories with one Secret are looked at each minute.
#[tokio::test(start_paused = true)]
async fn a_secret_is_read_once_for_all_that_look_within_a_moment() {
    let content = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "git" }, "data": { "bearerToken": ONE },
    });
    let scene = Scene::new(vec![gives("GET secrets/git", &content), gives("GET secrets/git", &content)]);
    let hash = shared_hash("", [("bearerToken", b"one".as_slice())].into_iter());
    let named = || Named { role: Role::Source, namespace: "production", name: Some("git"), hash: &hash };
    let url = "https://git.example.com/ops/jobs.git".parse().unwrap();
    let look = async || {
        let found = remote_of(&scene.context.shared, &url, ("spec.source.git.secretRef", named())).await;
        assert!(found.unwrap().credentials.is_some());
    };
    futures::future::join_all((0..10).map(|_| look())).await;
    look().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    look().await;
    scene.script.end();
}

#[tokio::test]
async fn a_look_that_its_watch_has_not_told_of_another_content_asks_no_host() {
    let spec = json!({
        "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "secretRef": { "name": "git" } } },
    });
    let caches = Caches { secrets: vec![known("production", "git")], ..Caches::default() };
    let turns = [ONE, OTHER].map(|content| gives("GET secrets/git", &secret("git", content)));
    let mut scene = Scene::with(caches, &spec, turns.into());
    let (questions, subject) = (scene.questions().await, Subject::of(&scene.desired));
    let question = &questions.git.as_ref().unwrap().source;
    scene.context.board.look(&subject, question);
    at_source(&scene.context, &scene.desired, &questions, &subject);
    assert!(scene.woken.next().await.is_some());
    scene.script.end();
    let trouble = scene.context.board.look(&subject, question).trouble.unwrap();
    assert!(!trouble.message.contains("git has"), "many may be told: {}", trouble.message);
    assert_eq!(own_secret::named(&scene.desired, &trouble.message), "Secret git has just changed: it is read again");
}
