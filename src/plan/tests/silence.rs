//! `strategy.type: ActiveStandby` beside a node that does not answer: stories.

use super::standby::{SETTLED, live};
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{StrategyType, Verb};
use crate::plan::observed::PodTrouble;
use crate::plan::{Effect, plan, validate};
use rstest::rstest;

/// The node of one of the two cores that serve does not answer, and Kubernetes has said so.
fn beside_silence() -> World {
    let mut world = live();
    let now = world.now;
    world.cluster.fall_silent(now);
    world.pass(10);
    world
}

/// Five minutes later Kubernetes makes another one in the place of the one that nobody hears of, and that may be active still.
#[test]
fn beside_a_node_that_is_silent_no_more_are_active_than_are_wanted() {
    for replicas in [1, 2] {
        let mut world = live();
        world.edit(|spec| spec.replicas = i32::try_from(replicas).unwrap());
        world.pass(SETTLED);
        let before = world.cluster.turns();
        let now = world.now;
        world.cluster.fall_silent(now);
        world.pass(10);
        assert!(world.line().starts_with("False NodeSilent"), "{}", world.line());
        assert!(
            world.message().contains("node-1 does not answer, so nobody knows whether it serves"),
            "{}",
            world.message()
        );
        for second in 0..500 {
            world.tick();
            // From where it is seen on, through the end of its pod's time, STATUS names the node.
            let words = ["False NodeSilent", "False PodLingers"];
            let is_named =
                words.iter().any(|word| world.line().starts_with(word)) && world.message().contains("node-1");
            assert!(is_named, "{second}: {} {}", world.line(), world.message());
            assert_eq!(
                (world.cluster.active_cores(), world.cluster.turns()),
                (replicas, before.clone()),
                "{}",
                world.line()
            );
        }
        assert!(world.message().contains("node-1 does not say that it is gone"), "{}", world.message());
        // One that can be seen to end is followed all the while.
        if replicas == 2 {
            world.cluster.evict();
            world.pass(10);
            assert_eq!((world.cluster.active_cores(), world.cluster.ready_cores()), (2, 1), "{}", world.line());
        }
        world.cluster.answers();
        world.pass(10);
        assert_eq!(
            (world.cluster.active_cores(), world.cluster.ready_cores()),
            (replicas, replicas),
            "{}",
            world.line()
        );
        assert_eq!((world.line().as_str(), world.cluster.waiting()), ("True UpToDate main@aaaaaaa", replicas));
        // The turn is given again: who is started later begins by itself.
        world.effects = 0;
        world.cluster.evict();
        world.pass(10);
        assert_eq!(world.cluster.ready_cores(), replicas);
    }
}

#[test]
fn a_node_that_answers_again_in_time_changes_nothing() {
    let mut world = live();
    let begun = world.cluster.begun();
    let now = world.now;
    world.cluster.fall_silent(now);
    world.pass(200);
    world.cluster.answers();
    world.settle();
    assert_eq!((world.line().as_str(), world.cluster.begun()), ("True UpToDate main@aaaaaaa", begun));
    assert!(world.undone().is_empty(), "{:?}", world.undone());
}

#[test]
fn nobody_switches_over_from_a_node_that_is_silent() {
    let mut world = beside_silence();
    let turns = world.cluster.turns();
    let action = world.decided(Verb::SwitchOver, None);
    world.pass(100);
    assert!(
        world.answer(action).starts_with("Refused: ") && world.answer(action).contains("node-1, which does not answer")
    );
    assert_eq!((world.cluster.ready_cores(), world.cluster.turns()), (1, turns), "{}", world.line());
}

/// A version that comes meanwhile waits until what served is known to be gone, and nobody is told to end for it.
#[test]
fn a_version_does_not_take_over_from_a_node_that_is_silent() {
    let mut world = beside_silence();
    world.push('b', Definition::Good);
    world.pass(100);
    world.decided(Verb::SwitchOver, None);
    world.pass(300);
    // The one that can be seen serves on: for its end nobody could begin.
    assert_eq!((world.cluster.ready_cores(), world.cluster.active_cores()), (1, 2), "{}", world.line());
    assert_eq!((world.most_consuming, world.most_turns), (1, 1), "{}", world.line());
    assert!(world.line().starts_with("False PodLingers") && world.message().contains("node-1"), "{}", world.message());
    world.cluster.answers();
    world.pass(SETTLED);
    assert_eq!((world.line().as_str(), world.most_turns), ("True UpToDate main@bbbbbbb", 1));
}

/// Once it is known to be gone, and nobody can be made in its place, those that wait take over.
#[test]
fn those_that_wait_take_over_from_a_node_that_is_gone_at_last() {
    let mut world = live();
    world.edit(|spec| spec.replicas = 1);
    world.pass(SETTLED);
    let before = world.cluster.turns();
    let now = world.now;
    world.cluster.fall_silent(now);
    world.cluster.environment.quota = true;
    world.pass(400);
    assert_eq!((world.cluster.turns(), world.cluster.waiting()), (before.clone(), 1), "{}", world.line());
    world.cluster.answers();
    world.pass(10);
    assert!(world.cluster.turns() > before && world.most_turns == 1, "{:?}", world.cluster.turns());
}

/// Who is cut off from the broker counts among those that serve: nobody is told in its place.
#[test]
fn beside_a_node_that_is_silent_who_is_cut_off_is_told_before_others() {
    let world = beside_silence();
    let mut observed = world.observed();
    let turn = world.cluster.turns().into_iter().next();
    observed.pods.iter_mut().for_each(|pod| pod.is_told = false);
    let cut_off = observed.pods.iter_mut().find(|pod| pod.turn == turn && pod.ready).unwrap();
    (cut_off.ready, cut_off.is_loaded, cut_off.trouble) = (false, true, Some(PodTrouble::Disconnected));
    let cut_off = cut_off.name.clone();
    let plan = plan(&validate(&world.object).unwrap(), &observed, world.now);
    let told = plan.effects.iter().find_map(|effect| match effect {
        Effect::Tell { pods, .. } => Some(pods.clone()),
        _ => None,
    });
    assert!(told.is_some_and(|told| told.len() == 2 && told.contains(&cut_off)), "{:?}", plan.effects);
}

/// A turn is held, and given again, whatever is to run next: records that were removed by hand, a Secret that a newer version misses.
#[rstest]
#[case::no_release_can_be_chosen(true)]
#[case::nothing_can_be_rendered(false)]
fn a_turn_is_held_and_given_again_without_a_release_to_render(#[case] removed: bool) {
    let mut world = live();
    if removed {
        world.delete_release(1);
        // It is made again, and its commit cannot be had.
        world.left.insert(commit('a'));
        world.restart();
    } else {
        world.secrets = false;
        world.push('b', Definition::Good);
    }
    world.pass(60);
    let now = world.now;
    world.cluster.fall_silent(now);
    for _ in 0..400 {
        world.tick();
        assert_eq!(world.cluster.active_cores(), 2, "{}", world.line());
    }
    assert!(world.cluster.is_held());
    world.cluster.answers();
    world.pass(60);
    assert!(!world.cluster.is_held(), "{}", world.line());
}

/// Where the strategy becomes another one, nothing stays held.
#[test]
fn what_was_held_is_given_again_by_another_strategy() {
    for kind in [StrategyType::HandOver, StrategyType::RollingUpdate] {
        let mut world = live();
        let now = world.now;
        world.cluster.fall_silent(now);
        world.pass(400);
        world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
        world.pass(200);
        assert_eq!(world.cluster.ready_cores(), 2, "{kind:?}: {}", world.line());
        world.cluster.answers();
        world.pass(SETTLED);
        assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2), "{kind:?}");
    }
}
