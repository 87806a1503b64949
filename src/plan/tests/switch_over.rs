//! `SwitchOver`: those that wait take over because a person says so, as short stories.

use super::standby::spec;
use super::world::{Definition, World};
use crate::api::v1alpha1::{StrategyType, Verb};
use crate::plan::Effect;
use rstest::rstest;
use serde_json::json;

/// Long enough that somebody waits, and not that those would take over from others that die.
const LONG: u32 = 45;

/// Two cores serve, and two have just begun to wait.
fn live() -> World {
    let mut world = World::new(&spec());
    for _ in 0..120 {
        if !world.condition("StandbyReady").starts_with("True") {
            world.tick();
        }
    }
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (2, 2), "{}", world.line());
    (world.fewest_ready, world.most_consuming, world.most_turns) = (usize::MAX, 0, 0);
    world
}

fn serves(world: &World) -> String {
    world.serving().unwrap().0
}

fn asks(world: &mut World) -> String {
    let action = world.decided(Verb::SwitchOver, None);
    world.tick();
    world.answer(action)
}

#[test]
fn those_that_wait_take_over_and_what_served_waits_then_and_back() {
    let mut world = live();
    let first = serves(&world);
    for (turn, after) in [(2, false), (3, true)] {
        let told = format!(
            "Done: those that wait with aaaaaaa take over (turn {turn}); what served waits once it has loaded again"
        );
        assert_eq!(asks(&mut world), told);
        let gap = (0..LONG).filter(|_| {
            world.tick();
            assert!(!world.line().contains("Unavailable"), "{} {}", world.line(), world.message());
            world.cluster.turns().is_empty()
        });
        let gap = gap.count();
        assert!((1..=4).contains(&gap), "{gap} seconds without a core");
        assert_eq!((world.line().as_str(), serves(&world) == first), ("True UpToDate main@aaaaaaa", after));
        assert_eq!((world.cluster.turns(), world.cluster.waiting()), ([turn].into(), 2));
        world.pass(200);
        assert_eq!(world.cluster.turns(), [turn].into(), "once");
    }
    assert_eq!((world.most_turns, world.cluster.ready_cores(), world.cluster.waiting()), (1, 2, 2));
    assert!(world.undone().is_empty(), "{:?}", world.undone());
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do() {
    for strategy in [StrategyType::RollingUpdate, StrategyType::Recreate, StrategyType::HandOver] {
        let mut world = World::new(&json!({ "strategy": { "type": strategy } }));
        world.settle();
        let told = format!("Refused: spec.strategy.type is {strategy:?}: only with ActiveStandby somebody waits");
        assert_eq!(asks(&mut world), told);
    }
    let mut world = World::new(&spec());
    assert_eq!(asks(&mut world), "Refused: nothing serves yet: ask again once StandbyReady is True");
    while world.cluster.ready_cores() < 2 {
        world.tick();
    }
    let told = asks(&mut world);
    assert!(told.ends_with(" of 2 cores have loaded aaaaaaa and wait: ask again once StandbyReady is True"), "{told}");
    let mut world = live();
    world.edit(|spec| spec.replicas = 0);
    assert_eq!(asks(&mut world), "Refused: spec.replicas is 0: nobody serves, and nobody waits");
}

#[test]
fn while_a_version_is_on_its_way_it_is_refused() {
    let mut world = live();
    let first = serves(&world);
    world.push('b', Definition::Hangs);
    while world.pods_of('b') == 0 {
        world.tick();
    }
    let told = asks(&mut world);
    assert!(told.starts_with("Refused: bbbbbbb is about to take over: ask again once StandbyReady is True"), "{told}");
    world.decided(Verb::Abort, None);
    world.pass(150);
    assert_eq!((serves(&world), world.cluster.waiting()), (first, 2), "{}", world.line());
}

#[test]
fn of_two_that_ask_at_once_the_second_is_refused() {
    let mut world = live();
    let (one, other) = (world.decided(Verb::SwitchOver, None), world.decided(Verb::SwitchOver, None));
    world.tick();
    assert!(world.answer(one).starts_with("Done"));
    assert_eq!(world.answer(other), "Refused: that they take over was asked for already");
    world.pass(3 * LONG);
    assert_eq!(world.cluster.turns(), [2].into());
}

/// The word was taken, and its time has not come yet: for the end of those that can be seen nobody could begin.
#[test]
fn a_word_that_waits_ends_nobody_beside_a_node_that_is_silent() {
    let mut world = live();
    let turns = world.cluster.turns();
    assert!(asks(&mut world).starts_with("Done: "));
    world.cluster.lose_one_that_waits();
    let now = world.now;
    world.cluster.fall_silent(now);
    world.pass(100);
    assert_eq!((world.cluster.ready_cores(), world.cluster.turns()), (1, turns), "{}", world.line());
    world.cluster.answers();
    world.pass(LONG);
    assert_eq!((world.cluster.turns(), world.most_turns), ([2].into(), 1), "{}", world.line());
}

#[test]
fn nobody_begins_before_a_core_has_ended_that_does_not() {
    let mut world = live();
    world.cluster.environment.node_lost = true;
    assert!(asks(&mut world).starts_with("Done"));
    world.pass(200);
    assert_eq!((world.cluster.turns(), world.cluster.waiting()), ([1].into(), 2), "{}", world.line());
    assert!(world.message().contains("does not say that it is gone"), "{}", world.message());
    assert!(asks(&mut world).starts_with("Refused: aaaaaaa is about to take over"));
    world.cluster.environment.node_lost = false;
    world.pass(2 * LONG);
    assert_eq!((world.cluster.turns(), world.cluster.waiting(), world.most_turns), ([2].into(), 2, 1));
}

/// Pushed before what serves was told to end, and after.
#[test]
fn a_newer_commit_in_the_middle_goes_live_after_it() {
    for stops in [false, true] {
        let mut world = live();
        assert!(asks(&mut world).starts_with("Done"));
        if stops {
            world.tick();
            assert_eq!(world.serving().unwrap().2, 0);
        }
        world.push('b', Definition::Good);
        let mut turns = Vec::new();
        for _ in 0..150 {
            world.tick();
            turns.extend(world.cluster.turns());
        }
        turns.dedup();
        assert_eq!((world.line().as_str(), world.most_turns), ("True UpToDate main@bbbbbbb", 1), "{turns:?}");
        turns.retain(|turn| *turn > 1);
        assert_eq!((turns[0], turns.len(), turns.is_sorted(), world.cluster.waiting()), (2, 2, true, 2), "{turns:?}");
    }
}

/// One of those that wait is lost right after the answer, and until all wait again more is said than is kept.
#[test]
fn what_is_still_to_come_of_it_outlives_the_limit_of_actions() {
    let mut world = live();
    assert!(asks(&mut world).starts_with("Done"));
    world.cluster.lose_one_that_waits();
    for _ in 0..60 {
        world.decided(Verb::Resume, None);
    }
    world.tick();
    assert_eq!(world.cluster.turns(), [1].into(), "not all of them wait");
    world.pass(2 * LONG);
    assert_eq!((world.cluster.turns(), world.cluster.waiting()), ([2].into(), 2), "{}", world.line());
}

/// Its image is there in the very plan that is to carry out what was asked for.
#[test]
fn what_was_asked_for_comes_before_a_version_that_could_take_the_place() {
    let mut world = live();
    world.push('b', Definition::Good);
    while world.find_release(2).is_none_or(|release| release.image.is_none()) {
        world.tick();
        let built = world.decide().effects.iter().any(|effect| matches!(effect, Effect::RecordRelease { status, .. } if status.image.is_some() && status.verified_at.is_none()));
        if built && world.actions.is_empty() {
            world.decided(Verb::SwitchOver, None);
        }
    }
    assert!(world.answer(0).starts_with("Done"), "{}", world.answer(0));
    world.tick();
    let (_, serves, wanted) = world.serving().unwrap();
    assert_eq!((serves, wanted), (world.name_of(1), 0), "what serves is told to end first");
    world.pass(150);
    assert_eq!((world.line().as_str(), world.most_turns), ("True UpToDate main@bbbbbbb", 1));
}

/// All that tells turns apart is removed by hand: a turn that a person's word named is given to nobody.
#[test]
fn what_was_done_once_is_not_done_again_where_turns_begin_anew() {
    let mut world = live();
    assert!(asks(&mut world).starts_with("Done"));
    world.pass(2 * LONG);
    world.cluster.wiped();
    world.pass(2 * LONG);
    let turns = world.cluster.turns();
    assert!(turns.iter().all(|turn| *turn > 2), "{turns:?}");
    world.pass(200);
    assert_eq!((world.cluster.turns(), world.cluster.waiting()), (turns, 2), "{}", world.line());
}

/// A person has them change over twice; the turns that served, one after the other.
fn life(killed: Option<usize>) -> (World, Vec<i64>) {
    let mut world = World::new(&spec());
    world.killed = killed;
    let mut turns = Vec::new();
    for second in 0..400 {
        if second == 100 || second == 250 {
            world.decided(Verb::SwitchOver, None);
        }
        world.tick();
        turns.extend(world.cluster.turns());
    }
    turns.dedup();
    (world, turns)
}

#[rstest]
fn an_operator_that_is_killed_after_any_write_changes_over_once_for_each(#[values(1, 5)] first: usize) {
    let (undisturbed, expected) = life(None);
    assert_eq!(expected, [1, 2, 3]);
    let step = if super::laws::times() > 1 { 1 } else { 9 };
    for killed in (first..=undisturbed.written).step_by(step) {
        let (world, turns) = life(Some(killed));
        assert!(world.written >= killed);
        let answers = [world.answer(0), world.answer(1)];
        assert_eq!(turns, expected, "killed after write {killed}: {answers:?}");
        assert_eq!((world.line(), world.cluster.waiting(), world.most_turns), (undisturbed.line(), 2, 1));
    }
}
