//! `strategy.type: HandOver`: stories.

use super::cluster::{Broker, Environment};
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{StrategyType, Verb};
use serde_json::{Value, json};

pub fn spec() -> Value {
    json!({ "strategy": { "type": "HandOver" } })
}

fn live() -> World {
    let mut world = World::new(&spec());
    world.settle();
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    (world.fewest_ready, world.most_consuming) = (usize::MAX, 0);
    world
}

fn strategy(world: &mut World, kind: StrategyType) {
    world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
}

#[test]
fn the_new_cores_load_while_the_old_ones_serve_and_begin_when_those_have_ended() {
    let mut world = live();
    world.push('b', Definition::Good);
    let (mut seen, mut gap) = (Vec::new(), 0);
    for _ in 0..100 {
        world.tick();
        gap += u32::from(world.cluster.consuming() == 0);
        if seen.last() != Some(&world.message()) {
            seen.push(world.message());
        }
    }
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    assert_eq!((world.most_consuming, world.most_versions), (1, 2));
    assert!(gap > 0 && gap <= 4, "{gap} seconds without a core");
    assert!(
        seen.iter().any(|words| words
            .starts_with("bbbbbbb: 0 of 2 cores have loaded the definitions and wait. aaaaaaa keeps serving.")),
        "{seen:#?}"
    );
    assert!(
        seen.iter().any(|words| words.contains("2 cores wait until the others have ended the event in hand")),
        "{seen:#?}"
    );
}

/// What was started a moment ago is told late, and nobody serves until it is.
#[test]
fn what_serves_is_told_to_end_once_the_others_have_waited_a_moment() {
    let mut world = live();
    world.push('b', Definition::Good);
    let is_told = |world: &World| world.message().contains("wait until the others have ended");
    let (mut waited, mut most) = (0, 0);
    while !is_told(&world) {
        let before = world.cluster.waiting();
        world.tick();
        assert!(world.cluster.ready_cores() >= 2 || is_told(&world), "{}", world.message());
        waited = if before == 2 { waited + 1 } else { 0 };
        most = most.max(waited);
        assert!(most < 20, "{}", world.message());
    }
    // At once would be the first second after they came to it.
    assert_eq!(most, 2, "seconds");
}

#[test]
fn a_version_that_fails_before_its_turn_never_touches_the_old_one() {
    for definition in [Definition::Raises, Definition::Hangs, Definition::Wrong] {
        let mut world = live();
        world.push('b', definition);
        world.pass(90);
        assert_eq!((world.fewest_ready, world.cluster.ready_cores()), (2, 2), "{definition:?}");
        assert!(world.line().starts_with("False "), "{}", world.line());
        assert_eq!(world.pods_of('b'), 0, "it makes room");
    }
}

/// The controller of Deployments is late, so that each change is planned with before it is seen.
#[test]
fn what_serves_is_never_made_fewer_because_it_is_new() {
    let mut world = World::new(&json!({ "replicas": 3, "strategy": { "type": "HandOver" } }));
    world.settle();
    world.cluster.environment.slow = true;
    world.push('b', Definition::Good);
    let mut most = 0;
    for _ in 0..100 {
        world.tick();
        let wanted = world.wanted_of('b');
        assert!(wanted >= most, "{wanted} of {most} cores are wanted: {}", world.line());
        most = wanted;
    }
    assert_eq!((world.line().as_str(), most), ("True UpToDate main@bbbbbbb", 3));
}

#[test]
fn a_secret_that_changes_while_the_next_version_is_verified_takes_no_core_away() {
    let mut world = World::new(&json!({
        "replicas": 3, "strategy": { "type": "HandOver" },
        "checks": { "verification": { "minReady": "10m" } },
    }));
    world.pass(700);
    world.push('b', Definition::Good);
    world.pass(60);
    assert_eq!((world.pods_of('b'), world.cluster.ready_cores()), (3, 3), "{}", world.line());
    world.content = "another";
    world.fewest_ready = usize::MAX;
    world.pass(60);
    assert_eq!((world.pods_of('b'), world.fewest_ready), (3, 3), "{}", world.line());
}

#[test]
fn a_secret_that_changes_while_all_wait_is_taken_up_before_what_serves_is_told_to_end() {
    let mut world = live();
    world.push('b', Definition::Good);
    while !world.decide().effects.iter().any(|effect| matches!(effect, crate::plan::Effect::Stop { .. })) {
        world.tick();
    }
    world.content = "another";
    let mut gap = 0;
    for _ in 0..100 {
        world.tick();
        gap += u32::from(world.cluster.consuming() == 0);
    }
    assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1));
    assert!(gap <= 4, "{gap} seconds without a core");
}

#[test]
fn what_was_told_to_end_does_not_come_back_when_the_number_of_cores_changes() {
    let mut world = live();
    world.cluster.environment.slow = true;
    world.push('b', Definition::Good);
    while !world.decide().effects.iter().any(|effect| matches!(effect, crate::plan::Effect::Stop { .. })) {
        world.tick();
    }
    world.tick();
    world.edit(|spec| spec.replicas = 4);
    for _ in 0..100 {
        world.tick();
        assert_eq!(world.wanted_of('a'), 0, "{}", world.line());
    }
    assert_eq!((world.line().as_str(), world.pods_of('b')), ("True UpToDate main@bbbbbbb", 4));
}

#[test]
fn a_roll_back_is_a_hand_over_too() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(90);
    let action = world.decided(Verb::RollBack, None);
    until_taken_over(&mut world);
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    assert_eq!((world.line().as_str(), world.most_consuming), ("True Pinned main@aaaaaaa next main@bbbbbbb", 1));
    world.decided(Verb::Resume, None);
    until_taken_over(&mut world);
    assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1));
}

/// Time for a release that was proven before to take over. Nobody is missing meanwhile.
pub fn until_taken_over(world: &mut World) {
    for _ in 0..40 {
        world.tick();
        assert!(!world.line().contains("Unavailable"), "{} {}", world.line(), world.message());
    }
}

#[test]
fn once_the_old_ones_are_told_to_end_the_new_ones_begin_whatever_is_decided() {
    let mut world = live();
    world.push('b', Definition::Good);
    while !world.decide().effects.iter().any(|effect| matches!(effect, crate::plan::Effect::Stop { .. })) {
        world.tick();
    }
    world.cluster.environment.node_lost = true;
    world.tick();
    world.tick();
    let abort = world.decided(Verb::Abort, None);
    world.tick();
    assert!(world.answer(abort).contains("takes over: RollBack once it serves"), "{}", world.answer(abort));
    world.push('c', Definition::Good);
    world.pass(100);
    assert_eq!((world.pods_of('b'), world.pods_of('c'), world.most_consuming), (2, 0, 1), "b waits for a lost node");
    assert!(world.message().contains("does not say that it is gone"), "{}", world.message());
    world.cluster.environment.node_lost = false;
    world.pass(120);
    assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@ccccccc", 1));
}

#[test]
fn a_pod_that_is_made_anew_serves_without_the_operator() {
    let mut world = live();
    world.cluster.evict();
    world.effects = 0;
    world.pass(5);
    assert_eq!(world.cluster.ready_cores(), 2);
}

#[test]
fn a_release_that_is_made_again_restarts_nothing() {
    let mut world = live();
    world.delete_release(1);
    world.settle();
    assert_eq!(
        (world.line().as_str(), world.fewest_ready, world.cluster.deaths()),
        ("True UpToDate main@aaaaaaa", 2, 0)
    );
}

#[test]
fn an_operator_that_ends_after_each_write_goes_on() {
    for effects in 1..4 {
        let mut world = live();
        world.push('b', Definition::Good);
        // A build is written down before it begins: an operator that always ends between the two never builds.
        while world.find_release(2).is_none_or(|release| release.image.is_none()) {
            world.tick();
        }
        (world.effects, world.dies_while_it_tells) = (effects, true);
        world.pass(80);
        assert_eq!(
            (world.line().as_str(), world.most_consuming),
            ("True UpToDate main@bbbbbbb", 1),
            "{effects} effects"
        );
    }
}

#[test]
fn a_broker_that_says_nothing_condemns_nobody() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Silent;
    world.push('b', Definition::Good);
    world.pass(150);
    assert!(world.find_release(2).unwrap().rejected_at.is_none(), "{}", world.line());
    world.cluster.environment = Environment::default();
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_pod_that_nobody_ends_is_named() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.cluster.environment.stranger = true;
    world.pass(150);
    let words = "bbbbbbb: 2 cores wait until pod left-over is gone: it has the labels of a core, and no Deployment of this \
                 TengineDeployment has it. Remove it, or what makes it. aaaaaaa keeps serving.";
    assert_eq!(
        (world.line().as_str(), world.message().as_str()),
        ("Unknown RollingOut main@aaaaaaa next main@bbbbbbb", words)
    );
    assert_eq!((world.pods_of('a'), world.cluster.ready_cores()), (2, 2), "nobody is told to end for it");
    world.cluster.environment.stranger = false;
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn what_takes_over_is_named_once_it_serves_alone() {
    for strategy in ["HandOver", "Recreate"] {
        let mut world = World::new(&json!({ "strategy": { "type": strategy } }));
        world.settle();
        world.push('b', Definition::Good);
        while world.pods_of('a') > 0 || world.cluster.ready_cores() == 0 {
            world.tick();
        }
        world.cluster.environment.unschedulable = true;
        if world.cluster.ready_cores() == 2 {
            world.cluster.evict();
        }
        world.pass(20);
        let (line, message) = (world.line(), world.message());
        assert_eq!(line, "False Unschedulable main@aaaaaaa next main@bbbbbbb", "{strategy}");
        assert!(message.contains("bbbbbbb serves, with 1 of 2 cores."), "{strategy}: {message}");
    }
}

#[test]
fn other_strategies_are_left_for_it_and_come_back_without_a_gap() {
    let mut world = World::new(&Value::Null);
    world.settle();
    strategy(&mut world, StrategyType::HandOver);
    world.settle();
    world.most_consuming = 0;
    for digit in ['b', 'c'] {
        world.push(digit, Definition::Good);
        world.pass(90);
        assert_eq!((world.line(), world.most_consuming), (format!("True UpToDate main@{}", &commit(digit)[..7]), 1));
    }
    world.fewest_ready = usize::MAX;
    strategy(&mut world, StrategyType::RollingUpdate);
    world.settle();
    assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@ccccccc", 2));
    strategy(&mut world, StrategyType::HandOver);
    world.push('d', Definition::Good);
    world.pass(90);
    strategy(&mut world, StrategyType::Recreate);
    world.settle();
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@ddddddd", 2));
}

#[test]
fn the_first_core_of_a_new_version_starts_alone_in_a_place_that_is_empty() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.push('c', Definition::Good);
    // It has its image, and nothing of it is rolled out.
    while !world.decide().effects.iter().any(|effect| matches!(effect, crate::plan::Effect::Apply { .. })) {
        world.tick();
    }
    // Those that serve stand in the second place, and go once all of the others are ready.
    strategy(&mut world, StrategyType::RollingUpdate);
    world.cluster.environment.races = true;
    world.fewest_ready = usize::MAX;
    world.settle();
    let line = world.line();
    assert_eq!((line.as_str(), world.cluster.deaths(), world.fewest_ready), ("True UpToDate main@ccccccc", 0, 2));
}

#[test]
fn an_image_that_the_registry_lost_is_made_again_in_either_place() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.asked.clear();
    world.prune();
    world.pass(60);
    assert_eq!((world.line().as_str(), world.asked["build"]), ("True UpToDate main@bbbbbbb", 1));
}
