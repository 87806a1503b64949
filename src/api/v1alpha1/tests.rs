use crate::api::crds;
use crate::domain::{
    BaseReference, FullRef, GitRef, ImageRepository, RepositoryUrl, TagPattern, TreePath, VersionRange,
};
use kube_cel::Validator;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Deployment, release, action.
fn schema(kind: usize) -> &'static Value {
    static DEFINITIONS: LazyLock<[Value; 3]> = LazyLock::new(crds);
    DEFINITIONS[kind].pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap()
}

fn deployment() -> Value {
    serde_json::from_str(include_str!("../../../tests/chart/data/deployment.json")).unwrap()
}

/// What the rules at the door say about the example with `value` at `path`.
fn complaints(path: &str, value: Value) -> Vec<String> {
    let mut object = deployment();
    let (parent, key) = path.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    match Validator::new().validate(schema(0), &object, None) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.message.clone()).collect(),
    }
}

/// What the door says, as a table that is played before a real API server, too: place, value, and words of the complaint
/// (none where it is let in).
const TABLE: &str = include_str!("../../../tests/chart/data/door.json");

#[test]
fn the_door_says_what_is_wrong() {
    for case in serde_json::from_str::<Vec<Value>>(TABLE).unwrap() {
        let complaints = complaints(case["at"].as_str().unwrap(), case["value"].clone());
        let says = case["says"].as_str().unwrap();
        assert_eq!(complaints.is_empty(), says.is_empty(), "{case}: {complaints:?}");
        assert!(
            says.is_empty() || complaints.iter().any(|complaint| complaint.contains(says)),
            "{case}: {complaints:?}"
        );
    }
}

/// What the rule at the door of one field says to a text.
fn the_door_takes(place: &str, text: &str) -> bool {
    let schema = schema(0).pointer(&format!("/properties/spec/properties/{place}")).unwrap().clone();
    let object = json!({ "type": "object", "properties": { "field": schema } });
    Validator::new().validate(&object, &json!({ "field": text }), None).is_ok()
}

/// The door takes a text, and so does the operator; or neither does.
fn both_say<T: std::str::FromStr>(place: &str, text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(the_door_takes(place, text), text.parse::<T>().is_ok(), "{}: {:?}", place, text);
    Ok(())
}

proptest! {
    // Each case compiles a dozen patterns, so there are few; they add up over the runs.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_door_and_the_operator_are_of_one_mind(
        reference in "([aB1._-]{0,3}|localhost)(:[0-9a]{1,5})?(/?[ab1._-]{0,4}){0,2}(:[aB._-]{0,2})?",
        git in "[a./@{~ -]{0,4}(.lock)?[a/]{0,2}",
        full in "(refs/)?[a./@{~*-]{0,3}(.lock)?[a/]{0,2}",
        pattern in "[a./@{*-]{0,3}[*]?(.lock)?[a/]{0,2}",
        range in "(\\^|~|>=?|<=?|=)? ?[0-2*](\\.[0-2x*]){0,2}(-rc\\.1)?(, ?<2)?",
        path in "[a./\\\\]{0,7}",
        url in "https?://[aB._-]{1,3}(:[0-9]{1,5})?/{0,2}[a./?#@ -]{0,4}",
    ) {
        // A port with zeros before it is taken by the operator alone.
        prop_assume!(!url.contains(":0") && !reference.contains(":0"));
        both_say::<BaseReference>("image/properties/base/properties/reference", &reference)?;
        both_say::<ImageRepository>("image/properties/repository", &reference)?;
        both_say::<GitRef>("source/properties/git/properties/ref/properties/branch", &git)?;
        both_say::<FullRef>("source/properties/git/properties/ref/properties/name", &full)?;
        both_say::<TagPattern>("source/properties/git/properties/ref/properties/tags/properties/pattern", &pattern)?;
        // Of ranges the door takes some more than the operator, and no less.
        let is_taken = the_door_takes("source/properties/git/properties/ref/properties/semver", &range);
        prop_assert!(is_taken || range.parse::<VersionRange>().is_err(), "{}", range);
        both_say::<TreePath>("source/properties/git/properties/path", &path)?;
        both_say::<RepositoryUrl>("source/properties/git/properties/url", &url)?;
    }
}

fn action(changed: &Value) -> Value {
    let mut spec = json!({ "deployment": "billing", "action": "RollBack", "by": { "user": "alice" } });
    spec.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    json!({ "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineAction", "metadata": { "name": "a" }, "spec": spec })
}

#[test]
fn an_action_never_changes() {
    let before = action(&json!({}));
    let validate = |now: &Value| Validator::new().validate(schema(2), now, Some(&before));
    assert!(validate(&before).is_ok());
    for change in [json!({ "release": "billing-0041-4f2c1a9" }), json!({ "by": { "user": "bob" } })] {
        let errors = validate(&action(&change)).unwrap_err();
        assert!(errors.iter().any(|error| error.message.contains("an action never changes")), "{errors:?}");
    }
}

#[test]
fn an_action_is_answered_once() {
    let answered = |outcome: &str| {
        let mut object = action(&json!({}));
        object["status"] = json!({ "outcome": outcome, "message": "m" });
        object
    };
    let validate = |now: &Value, before: &Value| Validator::new().validate(schema(2), now, Some(before));
    assert!(validate(&answered("Done"), &action(&json!({}))).is_ok());
    assert!(validate(&answered("Done"), &answered("Done")).is_ok());
    let errors = validate(&answered("Refused"), &answered("Done")).unwrap_err();
    assert!(errors.iter().any(|error| error.message.contains("an action is answered once")), "{errors:?}");
}

#[rstest]
fn what_is_about_the_deployment_takes_no_release(#[values("Resume", "SwitchOver")] verb: &str) {
    let told = |change: &Value| Validator::new().validate(schema(2), &action(change), None);
    let errors = told(&json!({ "action": verb, "release": "billing-0041-4f2c1a9" })).unwrap_err();
    assert!(errors.iter().any(|error| error.message.contains(&format!("{verb} takes none"))), "{errors:?}");
    assert!(told(&json!({ "action": verb })).is_ok());
}

#[rstest]
#[case(json!({ "action": "AcceptTag", "tag": "release-1", "commit": "9b1e0c49b1e0c49b1e0c49b1e0c49b1e0c49b1e0" }), "")]
#[case(json!({ "action": "AcceptTag", "commit": "9b1e0c4" }), "tag: AcceptTag names the tag that was moved")]
#[case(json!({ "action": "AcceptTag", "tag": "release-1" }), "commit: AcceptTag names the commit")]
#[case(json!({ "action": "AcceptTag", "tag": "release-1", "commit": "9b1e0c4" }), "give all 40 digits")]
#[case(json!({ "action": "AcceptTag", "tag": "release-1", "commit": "9b1e0c4", "release": "billing-0041-4f2c1a9" }), "AcceptTag takes none")]
#[case(json!({ "tag": "release-1" }), "no other action takes one")]
#[case(json!({ "action": "StartPhase", "phase": "SwitchOver" }), "")]
#[case(json!({ "action": "StartPhase", "phase": "SwitchOver", "release": "billing-0041-4f2c1a9" }), "")]
#[case(json!({ "action": "StartPhase" }), "phase: StartPhase names the phase that it begins")]
#[case(json!({ "action": "SwitchOver", "phase": "SwitchOver" }), "phase: StartPhase names the phase that it begins")]
fn an_action_names_what_it_is_about_and_nothing_else(#[case] spec: Value, #[case] says: &str) {
    let told = match Validator::new().validate(schema(2), &action(&spec), None) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.message.clone()).collect::<Vec<_>>(),
    };
    assert_eq!(told.is_empty(), says.is_empty(), "{told:?}");
    assert!(says.is_empty() || told.iter().any(|told| told.contains(says)), "{told:?}");
}

/// `kubectl apply` writes all of an object into one of its annotations, as JSON, and these have 256 KiB together.
#[test]
fn the_definitions_are_small_enough_for_kubectl_apply() {
    for crd in crds() {
        let size = crd.to_string().len();
        assert!(size < 200 << 10, "{} has {size} bytes", crd["metadata"]["name"]);
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
