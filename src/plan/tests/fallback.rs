//! What is said of a roll-out that was taken back, and of what people end.

use super::jobs::Fate;
use super::stages::Stages;
use super::world::{Definition, World};
use crate::api::v1alpha1::{TengineDeploymentSpec, Verb};
use serde_json::{Value, json};

fn job() -> Value {
    json!({ "command": ["ruby", "test.rb"], "timeout": "20s" })
}

fn verify(spec: &mut TengineDeploymentSpec) {
    let checks = json!({ "verification": { "checks": [{ "name": "smoke", "job": job() }] } });
    spec.checks = serde_json::from_value(checks).unwrap();
}

#[test]
fn an_automatic_roll_back_is_told_though_a_newer_commit_waits() {
    let mut stages = Stages::with_soak("0s");
    stages.production.edit(verify);
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages.push('b', Definition::FailsChecks);
    while stages.production.pods_of('b') == 0 {
        stages.second();
    }
    stages.production.push('c', Definition::Good);
    stages.pass(90);
    let production = &stages.production;
    assert_eq!((production.pods_of('a'), production.pods_of('b')), (2, 0));
    assert_eq!(production.line(), "False VerificationFailed main@aaaaaaa next main@ccccccc");
    let message = production.message();
    assert!(message.starts_with("bbbbbbb: check smoke failed: exit code 1"), "{message}");
    assert!(message.contains("aaaaaaa serves again") && message.contains("ccccccc waits at gate staging"), "{message}");
    let held = production.condition("HeldBack");
    assert!(held.starts_with("True FellBack: bbbbbbb: check smoke failed"), "{held}");
    stages.push('c', Definition::Good);
    stages.lines_until("True UpToDate main@ccccccc");
    assert_eq!(stages.production.condition("HeldBack"), "");
}

#[test]
fn an_automatic_roll_back_is_told_while_the_fix_is_on_its_way() {
    let mut world = World::new(&Value::Null);
    world.edit(verify);
    world.settle();
    world.push('b', Definition::FailsChecks);
    world.pass(90);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    world.push('c', Definition::Hangs);
    for _ in 0..90 {
        world.tick();
        if world.pods_of('c') > 0 {
            break;
        }
    }
    world.pass(2);
    assert_eq!(world.line(), "Unknown RollingOut main@aaaaaaa next main@ccccccc");
    let held = world.condition("HeldBack");
    assert!(held.starts_with("True FellBack: bbbbbbb: check smoke failed"), "{held}");
}

#[test]
fn what_is_aborted_leaves_no_job_behind() {
    let mut world = World::new(&json!({ "checks": { "tests": [{ "name": "units", "job": job() }] } }));
    world.settle();
    world.jobs.fate = Fate::Hangs;
    world.push('b', Definition::Good);
    while world.jobs.running() == 0 {
        world.tick();
    }
    let action = world.decided(Verb::Abort, None);
    world.pass(3);
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    assert_eq!(world.jobs.running(), 0);
}

#[test]
fn nobody_goes_around_the_tests() {
    let mut world = World::new(&json!({ "checks": { "tests": [{ "name": "units", "job": job() }] } }));
    world.settle();
    world.jobs.fate = Fate::Unschedulable;
    world.push('b', Definition::Good);
    world.pass(70);
    let second = world.name_of(2);
    let action = world.decided(Verb::RollBack, Some(&second));
    world.pass(60);
    assert_eq!(
        world.answer(action),
        format!("Refused: release {second} has never served, and its preflight and tests have not passed")
    );
    assert_eq!(world.pods_of('b'), 0);
}

#[test]
fn the_gates_of_what_was_refused_are_not_said_to_wait_for_its_build() {
    let mut world = World::new(&Value::Null);
    world.edit(verify);
    world.settle();
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 1 } }])).unwrap();
    });
    world.push('b', Definition::FailsChecks);
    world.pass(70);
    world.said(Verb::Approve, "bob", 2, None);
    world.pass(90);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.condition("GatesOpen"), "");
}
