//! Whose turn it is while the spec cannot be carried out: stories.

use super::standby::{both_die, live};
use super::world::{Definition, World};
use crate::api::v1alpha1::{StrategyType, Verb};
use rstest::rstest;
use serde_json::json;

/// Longer than a hand-over takes.
const LONG: u32 = 150;

/// How many cores of the first and of the second version consume events.
fn consume(world: &World) -> (usize, usize) {
    (world.consume('a'), world.consume('b'))
}

/// Until what serves is told to end.
fn until_told_to_end(world: &mut World) {
    for _ in 0..LONG {
        if world.cluster.is_told_to_end() {
            return;
        }
        world.tick();
    }
    panic!("nobody is told to end: {}", world.line());
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

/// With its Deployment, what served goes for good.
#[rstest]
fn those_that_wait_take_over_where_what_serves_is_removed(#[values(false, true)] invalid: bool) {
    let mut world = live();
    world.invalid = invalid;
    let (serves, ..) = world.serving().unwrap();
    world.cluster.by_hand(&serves, None);
    world.pass(10);
    assert_eq!((world.cluster.ready_cores(), world.most_turns), (2, 1), "{} {}", world.line(), world.message());
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
        until_told_to_end(&mut world);
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

/// Whoever removes what says whose turn it is: those that serve know it, and what says so comes back before anybody needs it.
#[rstest]
#[case::at_rest(false)]
#[case::while_a_version_waits_at_a_gate(true)]
fn what_says_whose_turn_it_is_comes_back(#[case] waits: bool, #[values(false, true)] replaced: bool) {
    for kind in ["HandOver", "ActiveStandby"] {
        let mut world = World::new(&json!({ "strategy": { "type": kind } }));
        world.pass(LONG);
        // A first hand-over, so that there is a turn.
        world.push('b', Definition::Good);
        world.pass(LONG);
        let gate = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
        world.edit(|spec| spec.gates = serde_json::from_value(gate).unwrap());
        assert_eq!(consume(&world), (0, 2), "{kind}: {}", world.line());
        // Those that come in their place begin by what is written down, and nobody else tells them.
        for _ in 0..if replaced { 2 } else { 0 } {
            world.cluster.evict();
            world.pass(20);
        }
        if waits {
            world.push('c', Definition::Good);
            world.pass(LONG);
        }
        world.cluster.forget_turn();
        world.pass(3);
        let now = world.now;
        world.cluster.drain(now);
        world.pass(30);
        assert_eq!(world.consume('b'), 2, "{kind}: {} {}", world.line(), world.message());
        assert_eq!((world.consume('c'), world.most_consuming), (0, 1), "{kind}");
    }
}

/// Recreate leaves a Deployment without cores and without a turn while what served finishes an event: nothing is grown there beside that.
#[test]
fn what_another_strategy_left_without_cores_does_not_begin_beside_what_serves() {
    for kind in [StrategyType::HandOver, StrategyType::ActiveStandby] {
        let mut world = World::new(&json!({ "strategy": { "type": "HandOver" } }));
        world.pass(LONG);
        for digit in ['b', 'c'] {
            world.push(digit, Definition::Good);
            world.pass(LONG);
        }
        assert_eq!(world.consume('c'), 2, "{}", world.line());
        // What is told to end stays, and its handlers go on.
        world.cluster.environment.node_lost = true;
        world.push('d', Definition::Good);
        until_told_to_end(&mut world);
        for (kind, seconds) in [(StrategyType::Recreate, 4), (kind, 30)] {
            world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
            world.pass(seconds);
        }
        world.cluster.environment.node_lost = false;
        world.pass(LONG);
        assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@ddddddd", 1), "{kind:?}");
    }
}
