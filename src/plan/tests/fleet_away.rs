//! Nobody operates for a while, and instances are in the middle of a passage: stories.

use super::cluster::Broker;
use super::fleet_world::{FleetWorld, spec};
use super::world::Definition;
use crate::api::v1alpha1::StoodStill;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;

/// Longer than all phases take.
const ALL: u32 = 600;

/// The operator is gone for so long, and another one leads.
fn is_away(world: &mut FleetWorld, time: SignedDuration) {
    let before = world.fleet.now;
    world.jump(time);
    let vacancy = Some((before, world.fleet.now));
    world.fleet.vacancy = vacancy;
    world.instances.values_mut().for_each(|instance| instance.vacancy = vacancy);
}

fn left_out(world: &FleetWorld) -> Vec<String> {
    let told = &world.fleet.object.status.as_ref().unwrap().instances;
    told.iter().filter(|told| told.failed).map(|told| told.id.clone()).collect()
}

fn stood_still(world: &FleetWorld) -> Option<StoodStill> {
    let releases = world.fleet.releases_as_seen();
    releases.told_to_instances().and_then(|told| told.status.phases.as_ref()?.stood_still.clone())
}

/// Nobody could get on: the nodes are told to change over by the operator.
#[rstest]
fn nobody_is_left_out_for_a_time_in_which_nobody_led(#[values(1, 2, 3, 4)] phase: i32) {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(2);
    let mut world = FleetWorld::live(&given);
    world.push('b', Definition::Good);
    world.until(ALL, "the phase begins", |world| world.phases().0 == 2 && world.phases().1 == phase);
    is_away(&mut world, SignedDuration::from_hours(10) + SignedDuration::from_millis(700));
    world.tick();
    let first = stood_still(&world);
    assert!(first.is_some(), "it is written down");
    for _ in 0..ALL {
        world.tick();
        assert_eq!(left_out(&world), Vec::<String>::new(), "{}", world.fleet.message());
        assert_eq!(stood_still(&world), first, "and not again and again");
        if world.phases() == (2, 4, 4) {
            break;
        }
    }
    assert_eq!((world.phases(), world.serving('b')), ((2, 4, 4), 3), "{}", world.lines());
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn who_was_left_out_before_stays_so_and_nobody_waits_again() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.instances.get_mut("003").unwrap().cluster.environment.broker = Broker::Silent;
    world.push('b', Definition::Good);
    world.until(3 * ALL, "phase 2 ends without it", |world| world.phases() == (2, 2, 2));
    let since = world.fleet.now;
    while world.phases() != (2, 4, 4) && world.fleet.now.duration_since(since) < SignedDuration::from_mins(20) {
        is_away(&mut world, SignedDuration::from_mins(2));
        world.pass(8);
        assert_eq!(left_out(&world), ["003"], "{}", world.fleet.message());
    }
    assert_eq!(world.phases(), (2, 4, 4), "phases 3 and 4 wait for it no more");
}
