//! Words at gates, and the policy that proves whose they are.

use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use crate::plan::observed::Vouching;
use jiff::SignedDuration;
use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use rstest::rstest;
use serde_json::{Value, json};

/// One commit is live, the next waits for two people and for a time of day.
fn waiting() -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.vouching = Vouching::Since(world.now);
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 2 } }])).unwrap();
    });
    world.push('b', Definition::Good);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForApproval main@aaaaaaa next main@bbbbbbb");
    world
}

fn missing() -> Vouching {
    Vouching::Missing("there is no ValidatingAdmissionPolicy it".into())
}

#[test]
fn without_the_policy_nobodys_word_counts_and_the_gate_says_why() {
    let mut world = waiting();
    world.vouching = missing();
    world.pass(2);
    assert_eq!(world.line(), "False NobodyVouches main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.message(),
        "bbbbbbb waits at gate ops: 0 of 2 approvals, and nobody's word counts: there is no ValidatingAdmissionPolicy it. \
         aaaaaaa keeps serving. Put the ValidatingAdmissionPolicy and its binding right that the message names (values \
         actionPolicy of the chart), or let the operator read them; then Approve."
    );
    for verb in [Verb::Approve, Verb::Reject, Verb::Override] {
        let action = world.said(verb, "bob", 2, Some("ops"));
        world.tick();
        let told = world.answer(action);
        let refused = format!("Refused: {verb:?} does not count, since nobody proves who asks: there is no Validating");
        assert!(told.starts_with(&refused), "{told}");
    }
    // Everything else that people decide goes its way.
    let back = world.decided(Verb::Abort, None);
    world.tick();
    assert!(world.answer(back).starts_with("Done: "));
}

#[test]
fn what_was_proven_when_it_was_said_counts_when_the_policy_is_gone() {
    let mut world = waiting();
    let first = world.said(Verb::Approve, "bob", 2, None);
    world.tick();
    assert!(world.answer(first).starts_with("Done: "));
    world.vouching = missing();
    world.pass(2);
    assert!(world.message().contains("1 of 2 approvals (bob), and nobody's word counts"), "{}", world.message());
    world.restart();
    world.vouching = Vouching::NotRead;
    world.pass(30);
    assert_eq!(world.pods_of('b'), 0, "a new process that has not read it opens nothing");
    world.vouching = Vouching::Since(world.now - SignedDuration::from_secs(60));
    let second = world.said(Verb::Approve, "carol", 2, None);
    world.pass(30);
    assert!(world.answer(second).starts_with("Done: "));
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[rstest]
#[case::not_read(Vouching::NotRead, "True WaitingForApproval main@aaaaaaa next main@bbbbbbb")]
#[case::no_right(Vouching::Unreadable("no right".into()), "False NobodyVouches main@aaaaaaa next main@bbbbbbb")]
fn a_word_waits_as_long_as_the_policy_cannot_be_read(#[case] vouching: Vouching, #[case] line: &str) {
    let mut world = waiting();
    let since = world.now;
    world.vouching = vouching;
    world.pass(10);
    let words = [("bob", Verb::Approve), ("carol", Verb::Approve)].map(|(who, verb)| world.said(verb, who, 2, None));
    let back = world.decided(Verb::Resume, None);
    world.pass(30);
    assert_eq!(world.line(), line);
    assert!(words.iter().all(|word| world.actions[*word].status.is_none()), "neither done nor refused");
    assert_eq!(world.answer(back), "Refused: nothing is pinned", "others are answered meanwhile");
    world.vouching = Vouching::Since(since);
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "nobody has to say it again");
}

/// Somebody forges an approval while the policy is away, and the operator is down until it is back.
#[test]
fn what_was_said_before_the_policy_was_in_force_never_counts() {
    let mut world = waiting();
    world.vouching = Vouching::NotRead;
    let forged = world.said(Verb::Approve, "bob", 2, None);
    world.pass(20);
    world.vouching = Vouching::Since(world.now);
    let hasty = world.said(Verb::Approve, "carol", 2, None);
    world.pass(30);
    for action in [forged, hasty] {
        let told = world.answer(action);
        assert!(told.starts_with("Refused: Approve does not count, since nobody proved who asked"), "{told}");
    }
    assert_eq!(world.pods_of('b'), 0);
    let again = [world.said(Verb::Approve, "bob", 2, None), world.said(Verb::Approve, "carol", 2, None)];
    world.pass(30);
    assert!(again.iter().all(|action| world.answer(*action).starts_with("Done: ")));
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

fn policy() -> Value {
    let rule = json!({
        "apiGroups": ["tengine.dev"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["tengineactions"],
    });
    json!({
        "metadata": {
            "name": "it", "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [
                { "manager": "helm", "time": "2026-01-01T01:00:00Z" },
                { "manager": "kube-controller-manager", "subresource": "status", "time": "2026-01-01T09:00:00Z" },
            ],
        },
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": { "namespaceSelector": {}, "objectSelector": {}, "resourceRules": [rule] },
            "validations": [{ "expression": "object.spec.by.user == request.userInfo.username" }],
        },
    })
}

fn binding() -> Value {
    json!({
        "metadata": { "name": "it", "creationTimestamp": "2026-01-01T02:00:00Z" },
        "spec": { "policyName": "it", "validationActions": ["Deny"] },
    })
}

fn proven(policy: Value, binding: Value) -> Vouching {
    let policy: ValidatingAdmissionPolicy = serde_json::from_value(policy).unwrap();
    let binding: ValidatingAdmissionPolicyBinding = serde_json::from_value(binding).unwrap();
    Vouching::by("it", &policy, &binding)
}

#[test]
fn a_policy_is_in_force_since_it_and_its_binding_were_written() {
    assert_eq!(proven(policy(), binding()), Vouching::Since("2026-01-01T02:00:00Z".parse().unwrap()));
    let mut written = policy();
    written["metadata"]["managedFields"][0]["time"] = json!("2026-01-01T03:00:00Z");
    assert_eq!(proven(written, binding()), Vouching::Since("2026-01-01T03:00:00Z".parse().unwrap()));
}

#[rstest]
#[case::warns("/binding/spec/validationActions", json!(["Warn", "Audit"]), "does not Deny")]
#[case::another("/binding/spec/policyName", json!("other"), "is about another policy")]
#[case::some("/binding/spec/matchResources", json!({ "namespaceSelector": { "matchLabels": { "a": "b" } } }), "leaves some out")]
#[case::ignores("/policy/spec/failurePolicy", json!("Ignore"), "lets pass what it cannot judge")]
#[case::excepts("/policy/spec/matchConditions", json!([{ "name": "a", "expression": "false" }]), "not about the creation of every")]
#[case::updates("/policy/spec/matchConstraints/resourceRules/0/operations", json!(["UPDATE"]), "not about the creation of every")]
#[case::names("/policy/spec/matchConstraints/resourceRules/0/resourceNames", json!(["a"]), "not about the creation of every")]
#[case::leaves_out("/policy/spec/matchConstraints/excludeResourceRules", json!([{ "resources": ["*"] }]), "not about the creation of every")]
#[case::trusts("/policy/spec/validations/0/expression", json!("true"), "does not compare request.userInfo.username")]
fn a_policy_that_proves_nothing_is_none(#[case] at: &str, #[case] value: Value, #[case] said: &str) {
    let mut both = json!({ "policy": policy(), "binding": binding() });
    let (parent, field) = at.rsplit_once('/').unwrap();
    both.pointer_mut(parent).unwrap()[field] = value;
    let told = proven(both["policy"].take(), both["binding"].take());
    assert!(matches!(&told, Vouching::Missing(why) if why.contains(said)), "{told:?}");
}
