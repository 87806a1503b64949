//! Which turns are worth an event.

use super::turned;
use crate::api::v1alpha1::TengineDeploymentStatus;
use serde_json::json;

fn status(conditions: &[(&str, &str, &str)]) -> TengineDeploymentStatus {
    let conditions = conditions.iter().map(|(kind, status, reason)| {
        json!({ "type": kind, "status": status, "reason": reason, "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" })
    });
    serde_json::from_value(json!({ "conditions": conditions.collect::<Vec<_>>() })).unwrap()
}

/// The same, of one condition's message.
fn saying(kind: &str, reason: &str, message: &str) -> TengineDeploymentStatus {
    let mut status = status(&[("Ready", "Unknown", "Building"), (kind, "True", reason)]);
    status.conditions[1].message = message.to_owned();
    status
}

fn told(before: &TengineDeploymentStatus, after: &TengineDeploymentStatus) -> Vec<String> {
    turned(before, after).into_iter().map(|(kind, condition)| format!("{kind} {}", condition.reason)).collect()
}

const BUILDING: [(&str, &str, &str); 2] =
    [("Ready", "Unknown", "Building"), ("DefinitionValid", "Unknown", "Building")];

#[test]
fn a_refused_definition_is_one_event() {
    let refused = [("Ready", "False", "DefinitionInvalid"), ("DefinitionValid", "False", "DefinitionInvalid")];
    assert_eq!(told(&status(&BUILDING), &status(&refused)), ["Ready DefinitionInvalid"]);
    assert!(told(&status(&refused), &status(&refused)).is_empty(), "only a turn is told");
}

#[test]
fn findings_that_are_let_through_are_an_event_of_their_own() {
    let through = [("Ready", "Unknown", "RollingOut"), ("DefinitionValid", "False", "DefinitionInvalid")];
    assert_eq!(told(&status(&BUILDING), &status(&through)), ["Ready RollingOut", "DefinitionValid DefinitionInvalid"]);
    let live = [("Ready", "True", "UpToDate"), ("DefinitionValid", "False", "DefinitionInvalid")];
    assert_eq!(told(&status(&through), &status(&live)), ["Ready UpToDate"]);
}

#[test]
fn that_somebody_looks_is_none() {
    let looking = [("Ready", "Unknown", "Progressing")];
    assert!(told(&status(&[]), &status(&looking)).is_empty());
    assert_eq!(told(&status(&looking), &status(&BUILDING)), ["Ready Building"]);
}

#[test]
fn a_readable_definition_is_none() {
    let good = [("Ready", "Unknown", "RollingOut"), ("DefinitionValid", "True", "Succeeded")];
    assert_eq!(told(&status(&BUILDING), &status(&good)), ["Ready RollingOut"]);
}

/// The next commit is on its way each time, so that Ready says the same.
#[test]
fn each_roll_out_that_is_taken_back_is_an_event() {
    let fell = |message: &str| saying("HeldBack", "FellBack", message);
    let first = fell("bbbbbbb: check smoke failed: exit code 1. aaaaaaa is brought back.");
    assert_eq!(told(&status(&BUILDING), &first), ["HeldBack FellBack"]);
    let later = fell("bbbbbbb: check smoke failed: exit code 1. aaaaaaa serves again.");
    assert!(told(&first, &later).is_empty(), "the same fact, a little later");
    let second = fell("ccccccc: check smoke failed: exit code 1. aaaaaaa is brought back.");
    assert_eq!(told(&later, &second), ["HeldBack FellBack"]);
}

#[test]
fn each_neighbour_and_each_word_that_was_taken_back_is_an_event() {
    for (kind, reason) in [("SharedBackend", "QueueShared"), ("UpstreamRevoked", "UpstreamRejected")] {
        let (one, both) = (saying(kind, reason, "a does."), saying(kind, reason, "a does. b does."));
        assert!(told(&one, &one).is_empty());
        assert_eq!(told(&one, &both), [format!("{kind} {reason}")]);
    }
}
