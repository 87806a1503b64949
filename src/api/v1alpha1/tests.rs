use crate::api::{crds, print};
use kube_cel::Validator;
use rstest::rstest;
use serde_json::{Value, json};

fn schema(kind: usize) -> Value {
    crds()[kind].pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap().clone()
}

fn deployment() -> Value {
    json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment", "metadata": { "name": "billing" },
        "spec": {
            "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" }, "path": "dsl" } },
            "image": { "base": { "reference": "ops/tengine-core:1.2.2" }, "repository": "registry.example.com/ops/billing" },
            "tengine": {
                "eventQueue": { "host": "rabbitmq" },
                "database": { "hosts": ["mongo-0:27017"], "name": "tengine_production" }
            },
            "replicas": 2
        }
    })
}

/// What the rules at the door say about the example with `value` at `path`.
fn complaints(path: &str, value: Value) -> Vec<String> {
    let mut object = deployment();
    let (parent, key) = path.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    match Validator::new().validate(&schema(0), &object, None) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.message.clone()).collect(),
    }
}

#[rstest]
#[case("/spec/replicas", json!(0), "")]
#[case("/spec/source/git/url", json!("git@example.com:jobs.git"), "use https://HOST/PATH")]
#[case("/spec/source/git/url", json!("https://user:pw@example.com/jobs.git"), "use https://HOST/PATH")]
#[case("/spec/source/git/path", json!("/dsl"), "relative to the repository's root")]
#[case("/spec/source/git/path", json!("a/../b"), "without .. in it")]
#[case("/spec/source/git/ref", json!({ "branch": "main", "tag": "v1" }), "at most one of branch, tag and commit")]
#[case("/spec/source/git/ref", json!({}), "")]
#[case("/spec/image/repository", json!("registry.example.com/ops/billing:1"), "neither tag nor digest")]
#[case("/spec/image/repository", json!("registry.example.com/Ops"), "lower-case path")]
#[case("/spec/tengine", json!({ "eventQueue": { "host": "rabbitmq" } }), "give eventQueue and database, or configRef")]
#[case("/spec/tengine", json!({ "configRef": { "name": "x" }, "logLevel": "info" }), "one or the other")]
#[case("/spec/tengine", json!({ "configRef": { "name": "x" } }), "")]
#[case("/spec/pod", json!({ "containerSecurityContext": { "privileged": true } }), "privileged containers are not offered")]
fn the_door_says_what_is_wrong(#[case] path: &str, #[case] value: Value, #[case] want: &str) {
    let complaints = complaints(path, value);
    assert_eq!(complaints.is_empty(), want.is_empty(), "{complaints:?}");
    assert!(want.is_empty() || complaints.iter().any(|complaint| complaint.contains(want)), "{complaints:?}");
}

#[test]
fn the_definitions_are_small_enough_for_kubectl_apply() {
    for (name, yaml) in print().unwrap() {
        assert!(yaml.len() < 200 * 1024, "{name} has {} bytes", yaml.len());
    }
}

#[test]
fn the_definitions_have_no_nullable_and_no_unknown_format() {
    for crd in crds() {
        let text = crd.to_string();
        assert!(!text.contains("\"nullable\":true"), "an option that is absent is left out");
        assert!(!text.contains("\"format\":\"uint"), "the API server does not know unsigned formats");
    }
}

#[test]
fn a_fresh_object_never_looks_done() {
    let status = schema(0);
    assert_eq!(status.pointer("/properties/status/default"), Some(&json!({ "observedGeneration": -1 })));
}

#[test]
fn every_field_is_explained() {
    fn walk(path: &str, schema: &Value, missing: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let here = format!("{path}.{name}");
            if property["description"].as_str().is_none_or(str::is_empty) {
                missing.push(here.clone());
            }
            walk(&here, property, missing);
            walk(&here, &property["items"], missing);
        }
    }
    for kind in [0, 1] {
        let mut missing = Vec::new();
        let schema = schema(kind);
        walk("spec", &schema["properties"]["spec"], &mut missing);
        walk("status", &schema["properties"]["status"], &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }
}
