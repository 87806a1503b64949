//! Deployments that are to run no core, and have never run one.

use super::world::{Definition, World};
use crate::api::v1alpha1::{StrategyType, Verb};
use crate::domain::{ChildName, Component, Place};
use rstest::rstest;
use serde_json::json;

fn of(strategy: StrategyType) -> World {
    let mut world = World::new(&json!({ "replicas": 0, "strategy": { "type": strategy } }));
    world.pass(60);
    assert_eq!(
        (world.line().as_str(), world.cluster.made()),
        ("True Stopped - next main@aaaaaaa", 0),
        "{}",
        world.message()
    );
    world
}

/// The second version waits for somebody's approval.
fn behind_a_gate() -> World {
    let mut world = of(StrategyType::RollingUpdate);
    let gate = json!([{ "name": "ops", "approval": { "required": 1 } }]);
    world.edit(|spec| spec.gates = serde_json::from_value(gate).unwrap());
    world.push('b', Definition::Good);
    world.pass(60);
    world
}

#[rstest]
fn nothing_is_made_before_cores_are_wanted(
    #[values(StrategyType::RollingUpdate, StrategyType::Recreate)] strategy: StrategyType,
) {
    let mut world = of(strategy);
    assert!(world.undone().is_empty(), "{:?}", world.undone());
    world.push('b', Definition::Good);
    world.pass(60);
    assert_eq!(
        (world.line().as_str(), world.cluster.made()),
        ("True Stopped - next main@bbbbbbb", 0),
        "{}",
        world.message()
    );
    assert_eq!((world.release(1).live.as_deref(), world.release(2).live.as_deref()), (Some("False"), Some("True")));
    world.edit(|spec| spec.replicas = 2);
    world.pass(100);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@bbbbbbb", 2));
    world.edit(|spec| spec.replicas = 0);
    world.pass(60);
    assert_eq!((world.line().as_str(), world.pods_of('b')), ("True Stopped main@bbbbbbb", 0));
    assert!(world.cluster.made() > 0, "what was made stays");
}

/// A core ends with the event that it has in hand.
#[test]
fn it_is_stopped_once_its_cores_have_ended() {
    let mut world = World::new(&json!({}));
    world.pass(60);
    world.cluster.environment.in_hand = 20;
    world.edit(|spec| spec.replicas = 0);
    world.pass(10);
    assert_eq!((world.line().as_str(), world.cluster.consuming() > 0), ("Unknown RollingOut main@aaaaaaa", true));
    assert!(world.message().contains("ends with the event that it has in hand"), "{}", world.message());
    world.pass(20);
    assert_eq!((world.line().as_str(), world.cluster.consuming()), ("True Stopped main@aaaaaaa", 0));
}

/// What is live is on record alone, and is what runs once cores are wanted, not what waits behind it.
#[test]
fn what_waits_at_a_gate_is_not_what_is_started() {
    let mut world = behind_a_gate();
    assert_eq!(world.line(), "True WaitingForApproval - next main@bbbbbbb", "{}", world.message());
    world.edit(|spec| spec.replicas = 2);
    world.pass(60);
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0), "{}", world.message());
    world.said(Verb::Approve, "bob", 2, None);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

/// It passed its gate while nothing ran, and needs not pass again.
#[test]
fn what_passed_its_gate_is_started_though_that_is_closed_since() {
    let mut world = behind_a_gate();
    world.said(Verb::Approve, "bob", 2, None);
    world.pass(60);
    assert_eq!((world.release(2).live.as_deref(), world.cluster.made()), (Some("True"), 0));
    let closed = json!([{ "name": "other", "approval": { "required": 2 } }]);
    world.edit(|spec| spec.gates = serde_json::from_value(closed).unwrap());
    world.restart();
    world.edit(|spec| spec.replicas = 2);
    world.pass(100);
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (0, 2), "{} {}", world.line(), world.message());
}

/// Its name is on record alone: nothing that comes between may take it from there.
#[rstest]
#[case::a_secret_that_is_gone_for_a_moment(|world: &mut World| {
    world.secrets = false;
    world.pass(30);
    world.secrets = true;
})]
#[case::an_operator_that_ends_after_each_write(|world: &mut World| {
    world.effects = 1;
    world.edit(|spec| spec.replicas = 2);
    world.pass(30);
    world.effects = usize::MAX;
})]
fn what_is_live_stays_so_whatever_comes_between(#[case] between: fn(&mut World)) {
    let mut world = behind_a_gate();
    between(&mut world);
    world.pass(30);
    world.edit(|spec| spec.replicas = 2);
    world.pass(60);
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0), "{} {}", world.line(), world.message());
}

/// It ends between the record of what was live and the one of what is.
#[test]
fn who_is_killed_between_two_records_leaves_one_that_is_live() {
    let mut world = of(StrategyType::RollingUpdate);
    let written = world.written;
    for killed in 1..8 {
        let mut world = world.clone();
        world.killed = Some(written + killed);
        world.push('b', Definition::Good);
        world.pass(60);
        let live = [1, 2].map(|number| world.release(number).live.unwrap_or_default());
        assert_eq!(live, ["False", "True"], "killed after write {killed}");
    }
    world.push('b', Definition::Good);
    let mut before = 1;
    for _ in 0..60 {
        world.tick();
        let live = world.releases_as_seen().iter().filter(|release| release.is_live()).count();
        assert!(live >= 1 && before >= 1, "for a moment nothing was");
        before = live;
    }
}

/// Somebody removes the cores alone.
#[test]
fn watchers_that_are_left_follow_what_is_live() {
    let mut world = World::new(&json!({ "strategy": { "type": "RollingUpdate" } }));
    world.settle();
    world.edit(|spec| spec.replicas = 0);
    world.pass(60);
    world.cluster.by_hand(ChildName::of_cores("billing", Place::First).as_ref(), None);
    world.push('b', Definition::Good);
    world.pass(100);
    assert!(world.line().starts_with("True Stopped"), "{} {}", world.line(), world.message());
    assert_eq!(world.release(2).live.as_deref(), Some("True"));
    assert!(world.undone().is_empty(), "{:?}", world.undone());
}

#[test]
fn a_person_goes_back_to_what_was_live_before() {
    let mut world = of(StrategyType::RollingUpdate);
    world.push('b', Definition::Good);
    world.pass(60);
    let first = world.name_of(1);
    let action = world.decided(Verb::RollBack, Some(&first));
    world.pass(60);
    let answer = world.answer(action);
    assert_eq!((world.line().as_str(), world.cluster.made()), ("True Pinned - next main@bbbbbbb", 0), "{answer}");
    world.edit(|spec| spec.replicas = 2);
    world.pass(60);
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0), "{}", world.message());
}

/// Where it is seen, it is said before anybody counts on it.
#[test]
fn a_name_that_is_seen_to_be_somebody_elses_is_told_though_nothing_is_made() {
    let mut world = of(StrategyType::RollingUpdate);
    world.cluster.take(ChildName::of_cores("billing", Place::First).as_ref());
    world.pass(60);
    assert!(world.line().starts_with("False NameTaken"), "{}", world.line());
}

/// What ends is still there: nothing is taken for finished before it has.
#[test]
fn what_is_being_removed_counts_until_it_is_gone() {
    let mut world = World::new(&json!({}));
    world.settle();
    world.edit(|spec| spec.replicas = 0);
    world.pass(60);
    let name = ChildName::of_component("billing", Component::Core);
    world.cluster.by_hand(name.as_ref(), None);
    world.pass(60);
    assert_eq!(world.line(), "True Stopped main@aaaaaaa", "{}", world.message());
    world.edit(|spec| spec.replicas = 2);
    world.pass(60);
    assert_eq!((world.line().as_str(), world.pods_of('a')), ("True UpToDate main@aaaaaaa", 2));
}
