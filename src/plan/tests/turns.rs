//! Whose turn it is while the spec cannot be carried out: stories.

use super::standby::{both_die, live};
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use rstest::rstest;
use serde_json::json;

/// Longer than a hand-over takes.
const LONG: u32 = 150;

/// How many cores of the first and of the second version consume events.
fn consume(world: &World) -> (usize, usize) {
    (world.consume('a'), world.consume('b'))
}

#[test]
fn those_that_wait_take_over_from_those_that_die() {
    let mut world = live();
    world.invalid = true;
    let before = world.cluster.turns();
    both_die(&mut world);
    world.pass(10);
    assert_eq!((world.cluster.ready_cores(), world.most_turns), (2, 1));
    assert!(world.cluster.turns() > before, "{:?}", world.cluster.turns());
    world.invalid = false;
    world.pass(LONG);
    assert_eq!((world.line().as_str(), world.cluster.waiting()), ("True UpToDate main@aaaaaaa", 2));
}

/// However far the next version is, if nobody was told to end for it.
#[rstest]
#[case::not_built(1)]
#[case::loading(6)]
#[case::a_little_later(10)]
fn no_version_takes_over_and_what_served_is_there_for_who_dies(#[case] seconds: u32) {
    for kind in ["HandOver", "ActiveStandby"] {
        let mut world = World::new(&json!({ "strategy": { "type": kind } }));
        world.pass(LONG);
        world.push('b', Definition::Good);
        world.pass(seconds);
        assert_eq!(consume(&world), (2, 0), "{kind}: {}", world.message());
        world.invalid = true;
        world.pass(2 * LONG);
        assert_eq!(consume(&world), (2, 0), "{kind}: {}", world.line());
        world.invalid = false;
        world.pass(2 * LONG);
        assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1), "{kind}");
    }
}

/// In the middle of it: who was told to end does, and who waits for that begins.
#[test]
fn a_hand_over_that_began_ends() {
    for kind in ["HandOver", "ActiveStandby"] {
        let mut world = World::new(&json!({ "strategy": { "type": kind } }));
        world.pass(LONG);
        world.push('b', Definition::Good);
        for _ in 0..LONG {
            if world.cluster.is_told_to_end() {
                break;
            }
            world.tick();
        }
        assert!(world.cluster.is_told_to_end(), "{kind}: {}", world.line());
        world.invalid = true;
        world.pass(30);
        assert_eq!(consume(&world), (0, 2), "{kind}: {}", world.line());
        world.invalid = false;
        world.pass(LONG);
        assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1), "{kind}");
    }
}

/// The window is open when the spec becomes invalid, and nothing that follows from that could be written down.
#[test]
fn who_waits_at_a_gate_does_so_until_the_spec_is_put_right() {
    let gate = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    let mut world = World::new(&json!({ "strategy": { "type": "HandOver" } }));
    world.pass(LONG);
    world.edit(|spec| spec.gates = serde_json::from_value(gate).unwrap());
    world.push('b', Definition::Good);
    world.pass(LONG);
    world.invalid = true;
    world.decided(Verb::Approve, None);
    world.pass(LONG);
    assert_eq!(consume(&world), (2, 0), "{}", world.line());
}

#[test]
fn at_rest_there_is_nothing_to_do_and_nobody_asks_again_at_once() {
    let mut world = live();
    world.invalid = true;
    world.pass(400);
    let plan = world.decide();
    assert!(plan.effects.is_empty(), "{:?}", plan.effects);
    assert!(plan.next.as_secs() > 60, "{:?}", plan.next);
}
