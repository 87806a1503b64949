//! Which engine may be on which queue: stories.

use super::fleet_world::{FleetWorld, spec};
use super::world::Definition;
use crate::api::v1alpha1::{ActiveStandby, PhaseName};
use rstest::rstest;
use serde_json::{Map, Value, json};

/// Longer than all phases take.
const ALL: u32 = 600;

fn change(world: &mut FleetWorld, change: impl FnOnce(&mut ActiveStandby)) {
    world.fleet.edit(|spec| change(spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap()));
}

/// A queue and a database of this name.
fn of(vhost: &str) -> Map<String, Value> {
    serde_json::from_value(json!({ "eventQueue": { "vhost": vhost }, "database": { "name": vhost } })).unwrap()
}

/// Engine 001 leaves its queue with a version that is still to come, and 002 is to have it now.
#[test]
fn nobody_is_put_on_a_queue_that_another_one_has_still() {
    let mut world = FleetWorld::live(&spec());
    change(&mut world, |given| given.pause_before = vec![PhaseName::SwitchOver]);
    change(&mut world, |given| {
        given.instances[0].tengine = Some(of("002"));
        given.instances[1].tengine = Some(of("001"));
    });
    let vhosts = |world: &FleetWorld| -> Vec<String> {
        let vhost =
            |it: &super::world::World| it.object.spec.tengine.event_queue.as_ref().unwrap().vhost.clone().unwrap();
        world.instances.values().map(vhost).collect()
    };
    for _ in 0..100 {
        world.tick();
        assert_eq!(vhosts(&world), ["001", "002", "003"]);
    }
    let told = world.fleet.message();
    assert!(told.contains("of two that exchange theirs, one gives it up first"), "{told}");
    change(&mut world, |given| given.instances[1].tengine = Some(of("spare")));
    world.until(ALL, "it got the queue", |world| vhosts(world) == ["002", "spare", "003"]);
    change(&mut world, |given| given.instances[1].tengine = Some(of("001")));
    world.until(ALL, "so did the other", |world| vhosts(world) == ["002", "001", "003"]);
    world.until(ALL, "all are well", |world| world.fleet.line() == "True UpToDate main@aaaaaaa");
}

/// Engine 001 is told another queue together with a version that it refuses, so it serves on where it was; then it is left out, or gets another id,
/// and 003 is to have its queue.
#[rstest]
fn what_an_instance_that_leaves_serves_on_is_nobody_elses(#[values(false, true)] renamed: bool, #[values(0, 300)] ends: u32) {
    let mut world = FleetWorld::live(&spec());
    world.oddly("001", 'b', Definition::Raises);
    change(&mut world, |given| given.max_failed = Some(1));
    world.push('b', Definition::Good);
    world.until(ALL, "001 does without it", |world| world.serving('b') == 2);
    change(&mut world, |given| given.instances[0].tengine = Some(of("spare")));
    world.pass(60);
    assert_eq!((world.serving('a'), &world.crimes), (1, &Vec::new()));
    let told = world.instances["001"].object.spec.tengine.event_queue.clone().unwrap();
    assert_eq!(told.vhost.as_deref(), Some("spare"));
    world.fleet.cluster.held = true;
    change(&mut world, |given| {
        given.instances[2].tengine = Some(of("001"));
        if renamed {
            given.instances[0].id = "customer-1".into();
        } else {
            given.instances.remove(0);
        }
    });
    world.pass(ends);
    world.fleet.cluster.let_go();
    world.until(ALL, "003 has the queue", |world| {
        let release = world.instances["003"].releases.last().unwrap();
        let queue = release.spec.settings.tengine.event_queue.as_ref().unwrap();
        queue.vhost.as_deref() == Some("001") && world.instances["003"].is_serving('b')
    });
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}
