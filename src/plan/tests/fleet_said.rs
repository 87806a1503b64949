//! What is said of instances is so, whatever else goes on: stories.

use super::fleet_world::{FleetWorld, spec};
use super::world::{Definition, World};
use crate::api::v1alpha1::{Instance, Verb};
use serde_json::json;

/// Longer than all phases take.
const ALL: u32 = 600;

/// A person brings another version back in one engine while the others change over, and its core dies just then: it is no more through than before.
#[test]
fn who_is_pinned_and_in_trouble_is_still_left_out() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(ALL, "phase 2 has begun", |world| world.phases() == (2, 2, 1));
    let pinned = world.instances.get_mut("001").unwrap();
    let first = pinned.name_of(1);
    pinned.decided(Verb::RollBack, Some(&first));
    for _ in 0..8 {
        world.pass(15);
        let now = world.fleet.now;
        world.instances.get_mut("001").unwrap().cluster.tell(now);
        assert!(world.phases().1 < 3, "no engine may fail: {}", world.lines());
    }
    assert_eq!(world.fleet.line(), "False InstancesFailed main@aaaaaaa next main@bbbbbbb", "{}", world.lines());
    let told = world.fleet.message();
    assert!(told.contains("001: Pinned: alice pinned aaaaaaa. Resume lets it go"), "{told}");
    world.instances.get_mut("001").unwrap().decided(Verb::Resume, None);
    world.until(ALL, "all are live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb");
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn it_is_stopped_once_the_cores_of_all_instances_have_ended() {
    let mut world = FleetWorld::live(&spec());
    world.instances.values_mut().for_each(|instance| instance.cluster.environment.in_hand = 25);
    world.fleet.edit(|spec| spec.replicas = 0);
    let consuming = |world: &FleetWorld| world.instances.values().map(|it| it.cluster.consuming()).sum::<usize>();
    let is_stopped = |world: &FleetWorld| world.fleet.line() == "True Stopped main@aaaaaaa";
    for _ in 0..100 {
        world.tick();
        assert!(!is_stopped(&world) || consuming(&world) == 0, "{}", world.fleet.message());
    }
    assert!(is_stopped(&world), "{} {}", world.fleet.line(), world.fleet.message());
}

/// It is being made.
#[test]
fn an_engine_that_is_added_is_no_failure() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| {
        let own = json!({ "eventQueue": { "vhost": "004" }, "database": { "name": "004" } });
        let tengine = Some(serde_json::from_value(own).unwrap());
        given.instances.push(Instance { id: "004".into(), tengine });
    });
    let is_live = |world: &FleetWorld| world.serving('a') == 4 && world.fleet.line() == "True UpToDate main@aaaaaaa";
    for _ in 0..ALL {
        world.tick();
        assert!(!world.fleet.line().contains("InstancesFailed"), "{}", world.fleet.message());
        if is_live(&world) {
            return;
        }
    }
    panic!("{} {}", world.fleet.line(), world.fleet.message());
}

/// Nothing is told to an instance, and nothing is said of it that is not so.
#[test]
fn cores_of_its_own_that_do_not_end_are_named() {
    let mut world = World::new(&json!({ "replicas": 1, "strategy": { "type": "ActiveStandby" } }));
    world.object.metadata.name = Some("billing".into());
    world.pass(200);
    world.cluster.environment.node_lost = true;
    let with_instances = spec();
    world.edit(|given| given.strategy = serde_json::from_value(with_instances["strategy"].clone()).unwrap());
    world.pass(60);
    assert!(world.cluster.instances.is_empty());
    let told = world.message();
    assert!(told.contains("nothing is told to them before core pod pod-"), "{} {told}", world.line());
}

/// The other way round.
#[test]
fn instances_that_do_not_go_are_named() {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| spec.strategy.as_mut().unwrap().active_standby = None);
    world.fleet.cluster.held = true;
    world.fleet.pass(30);
    let told = world.fleet.message();
    assert!(told.contains("no core begins before TengineDeployment fleet-001-"), "{} {told}", world.fleet.line());
}
