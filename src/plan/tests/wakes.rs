//! Who wakes the operator: a change of something that it sees, or the time that its last plan named. That is enough.

use super::fleet_laws::{happening, happens};
use super::fleet_world::{FleetWorld, spec};
use super::hand_over_laws::{events, play};
use super::laws::{mend, worlds};
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #![proptest_config(worlds(8))]

    /// A plan that comes before its time, while nothing changed, has nothing to do and nothing to say ([`World::each_second`]).
    #[test]
    fn nothing_is_to_be_done_between_two_plans(
        strategy in prop::sample::select(vec!["RollingUpdate", "Recreate", "HandOver", "ActiveStandby"]),
        events in events(),
    ) {
        let mut world = World::new(&json!({ "strategy": { "type": strategy } }));
        world.each_second = true;
        play(&mut world, events);
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        world.pass(100);
    }
}

proptest! {
    #![proptest_config(worlds(2))]

    /// The same where there are several instances, which know each other's records.
    #[test]
    fn nor_where_there_are_instances(
        all in prop::collection::vec((happening(), 0..40_u32), 0..6),
        may_fail in 0..2_i32,
    ) {
        let mut given = spec();
        given["strategy"]["activeStandby"]["maxFailed"] = json!(may_fail);
        let mut world = FleetWorld::new(&given);
        world.fleet.each_second = true;
        world.pass(60);
        for (what, seconds) in all {
            happens(&mut world, what);
            world.pass(seconds);
        }
        world.push('f', Definition::Good);
        world.pass(120);
    }
}

#[test]
fn one_that_is_left_out_between_two_phases_is_told_in_time() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.fleet.each_second = true;
    world.oddly("002", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    world.until(400, "all phases end", |world| world.phases() == (2, 4, 4));
    // It is tried again, and does not get there any more: time alone makes it one that was left out.
    world.instances.get_mut("002").unwrap().decided(Verb::Retry, None);
    world.instances.get_mut("002").unwrap().cluster.environment.unschedulable = true;
    world.until(400, "it is told", |world| world.fleet.message().contains("002: it was left out in phase 1"));
}
