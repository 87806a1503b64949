//! `strategy.type: ActiveStandby`: stories.

use super::cluster::Broker;
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{StrategyType, Verb};
use crate::domain::{ChildName, Place};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Long enough that those that wait may take over.
pub const SETTLED: u32 = 90;

pub fn spec() -> Value {
    json!({ "strategy": { "type": "ActiveStandby" } })
}

/// Two cores serve, and two wait.
pub fn live() -> World {
    let mut world = World::new(&spec());
    world.pass(SETTLED);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    assert_eq!(
        world.condition("StandbyReady"),
        "True Succeeded: 2 of 2 cores have loaded aaaaaaa and wait to take over"
    );
    (world.fewest_ready, world.most_consuming, world.most_turns) = (usize::MAX, 0, 0);
    world
}

/// For how many of the next seconds nobody consumes events.
fn gap(world: &mut World, seconds: u32) -> u32 {
    (0..seconds)
        .filter(|_| {
            world.tick();
            world.cluster.turns().is_empty()
        })
        .count()
        .try_into()
        .unwrap()
}

pub fn both_die(world: &mut World) {
    for _ in 0..2 {
        let now = world.now;
        world.cluster.tell(now);
    }
}

#[test]
fn a_version_goes_to_those_that_wait_and_then_to_those_that_served() {
    let mut world = live();
    world.push('b', Definition::Good);
    let gap = gap(&mut world, 100);
    assert_eq!((world.line().as_str(), world.most_turns, world.most_consuming), ("True UpToDate main@bbbbbbb", 1, 1));
    assert!(gap > 0 && gap <= 4, "{gap} seconds without a core");
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.cluster.waiting()), (0, 4, 2));
    assert!(world.condition("StandbyReady").starts_with("True Succeeded: 2 of 2 cores have loaded bbbbbbb"));
}

#[test]
fn nobody_is_upgraded_behind_a_version_that_is_not_verified() {
    let mut world = World::new(&json!({
        "strategy": { "type": "ActiveStandby" }, "checks": { "verification": { "minReady": "5m" } },
    }));
    world.pass(60);
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (2, 0), "{}", world.line());
    let told = world.condition("StandbyReady");
    assert_eq!(told, "False Progressing: nobody waits beside aaaaaaa until it serves alone and is verified.");
    world.pass(300);
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (2, 2), "{}", world.line());
}

/// It is said as long as it is so, and whoever serves is served: rolled out to, repaired, taken over from by nobody.
#[test]
fn a_name_that_those_that_wait_cannot_have_is_told_until_it_is_free() {
    let mut world = live();
    let name = ChildName::of_cores("billing", Place::Second);
    world.cluster.take(name.as_ref());
    for _ in 0..3 {
        world.pass(60);
        let told = world.condition("StandbyReady");
        let begins =
            format!("False NameTaken: nobody waits beside aaaaaaa. Deployment {name} belongs to somebody else");
        assert!(told.starts_with(&begins), "{told}");
        assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    }
    world.cluster.by_hand(name.as_ref(), None);
    world.pass(SETTLED);
    assert_eq!(
        world.condition("StandbyReady"),
        "True Succeeded: 2 of 2 cores have loaded aaaaaaa and wait to take over"
    );
}

#[test]
fn those_that_wait_take_over_from_those_that_die_and_the_others_wait_then() {
    let mut world = live();
    let before = world.cluster.turns();
    both_die(&mut world);
    let gap = gap(&mut world, 5);
    assert!(gap <= 4, "{gap} seconds without a core");
    assert!(world.cluster.turns() > before, "{:?}", world.cluster.turns());
    world.pass(SETTLED);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    assert_eq!((world.cluster.waiting(), world.most_turns), (2, 1));
    both_die(&mut world);
    world.pass(SETTLED);
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting(), world.most_turns), (2, 2, 1), "and back");
}

/// What waits seems to have been started in half an hour.
#[test]
fn a_node_whose_clock_is_ahead_keeps_nobody_from_taking_over() {
    let mut world = World::new(&spec());
    world.cluster.environment.ahead = true;
    world.pass(2 * SETTLED);
    both_die(&mut world);
    let gap = gap(&mut world, 5);
    assert!(gap <= 4, "{gap} seconds without a core: {}", world.message());
}

/// What those that serve die of, and the operator after this write.
fn failed_over(killed: Option<usize>) -> (World, BTreeSet<i64>) {
    let mut world = live();
    let (before, mut turns) = (world.written, BTreeSet::new());
    world.killed = killed.map(|killed| before + killed);
    both_die(&mut world);
    for _ in 0..2 * SETTLED {
        world.tick();
        turns.extend(world.cluster.turns());
    }
    world.written -= before;
    (world, turns)
}

#[test]
fn an_operator_that_is_killed_after_any_write_of_a_fail_over_ends_where_it_would_have() {
    let (undisturbed, expected) = failed_over(None);
    assert!(undisturbed.written > 3 && expected.len() == 1, "{expected:?}");
    for killed in 1..=undisturbed.written {
        let (world, turns) = failed_over(Some(killed));
        assert_eq!((&turns, world.most_turns), (&expected, 1), "killed after write {killed}");
        assert_eq!((world.line(), world.cluster.waiting()), (undisturbed.line(), 2), "killed after write {killed}");
    }
}

#[test]
fn as_long_as_one_of_them_is_up_nobody_takes_over() {
    let mut world = live();
    let before = world.cluster.turns();
    for _ in 0..5 {
        let now = world.now;
        world.cluster.tell(now);
        world.pass(10);
        world.cluster.evict();
        world.pass(10);
    }
    assert_eq!((world.cluster.turns(), world.cluster.ready_cores()), (before, 2));
}

#[test]
fn what_kills_one_after_the_other_does_not_make_them_take_turns() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Poisoned;
    let mut turns = BTreeSet::new();
    for _ in 0..600 {
        world.tick();
        turns.extend(world.cluster.turns());
    }
    assert!(turns.len() <= 11, "{turns:?} in ten minutes");
    assert_eq!(world.most_turns, 1);
    assert!(world.find_release(1).unwrap().rejected_at.is_none(), "{}", world.line());
    world.cluster.environment.broker = Broker::Up;
    world.pass(150);
    assert_eq!((world.line().as_str(), world.cluster.waiting()), ("True UpToDate main@aaaaaaa", 2));
}

#[test]
fn nobody_takes_over_before_the_others_are_known_to_be_gone() {
    let mut world = live();
    let before = world.cluster.turns();
    world.cluster.environment.node_lost = true;
    both_die(&mut world);
    world.pass(200);
    assert!(world.cluster.turns().is_empty() && world.cluster.waiting() == 2, "{:?}", world.cluster.turns());
    assert!(world.message().contains("does not say that it is gone"), "{}", world.message());
    world.cluster.environment.node_lost = false;
    world.pass(SETTLED);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    assert!(world.cluster.turns() > before && world.most_turns == 1);
}

/// They may have an event in hand for long: those that are made in their place serve beside them, as with every Deployment.
#[test]
fn those_that_are_told_to_end_and_linger_keep_the_turn() {
    let mut world = live();
    let before = world.cluster.turns();
    world.cluster.environment.node_lost = true;
    let now = world.now;
    world.cluster.drain(now);
    world.pass(200);
    assert_eq!((world.cluster.turns(), world.cluster.ready_cores(), world.cluster.waiting()), (before, 2, 2));
    world.cluster.environment.node_lost = false;
    world.pass(30);
    assert_eq!((world.line().as_str(), world.most_turns), ("True UpToDate main@aaaaaaa", 1));
}

#[test]
fn those_that_are_drained_are_taken_over_from() {
    let mut world = live();
    let now = world.now;
    world.cluster.drain(now);
    assert!(gap(&mut world, 30) <= 5);
    world.pass(SETTLED);
    assert_eq!(
        (world.line().as_str(), world.cluster.ready_cores(), world.cluster.waiting()),
        ("True UpToDate main@aaaaaaa", 2, 2)
    );
    assert_eq!(world.most_turns, 1);
}

/// Those that wait would not reach it either.
#[test]
fn nobody_takes_over_for_want_of_a_broker() {
    for broker in [Broker::Refuses, Broker::Silent, Broker::Closes] {
        let mut world = live();
        let before = world.cluster.turns();
        world.cluster.environment.broker = broker;
        if broker != Broker::Closes {
            both_die(&mut world);
        }
        let mut turns = BTreeSet::new();
        for _ in 0..400 {
            world.tick();
            turns.extend(world.cluster.turns());
        }
        assert!(turns.len() <= 2, "{broker:?}: {turns:?}");
        world.cluster.environment.broker = Broker::Up;
        world.pass(150);
        assert_eq!((world.line().as_str(), world.cluster.waiting()), ("True UpToDate main@aaaaaaa", 2), "{broker:?}");
        assert!(world.cluster.turns() >= before && world.most_turns <= 1, "{broker:?}");
    }
}

#[test]
fn a_commit_that_changes_no_content_leaves_those_that_wait_alone() {
    let mut world = World::new(&json!({
        "strategy": { "type": "ActiveStandby" }, "checks": { "verification": { "minReady": "2m" } },
    }));
    world.pass(300);
    assert_eq!(world.cluster.waiting(), 2, "{}", world.line());
    world.same_tree = true;
    world.push('b', Definition::Good);
    for _ in 0..200 {
        world.tick();
        assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (2, 2), "{}", world.line());
    }
}

#[test]
fn a_version_that_breaks_while_it_is_watched_is_given_up_though_others_take_over() {
    let mut world = World::new(&json!({
        "strategy": { "type": "ActiveStandby" }, "rollback": { "mode": "Automatic", "watch": "1h" },
    }));
    world.pass(SETTLED);
    world.push('b', Definition::Breaks);
    world.pass(300);
    assert!(world.find_release(2).unwrap().rejected_at.is_some(), "{}", world.line());
    assert_eq!((world.pods_of('b'), world.cluster.ready_cores(), world.most_turns), (0, 2, 1), "{}", world.line());
}

#[test]
fn a_version_that_fails_before_its_turn_leaves_who_serves_alone_and_somebody_waits_again() {
    for definition in [Definition::Raises, Definition::Wrong] {
        let mut world = live();
        world.push('b', definition);
        world.pass(150);
        assert_eq!((world.fewest_ready, world.cluster.ready_cores()), (2, 2), "{definition:?}");
        assert_eq!((world.pods_of('a'), world.pods_of('b'), world.cluster.waiting()), (4, 0, 2), "{definition:?}");
        assert!(world.condition("StandbyReady").starts_with("True"), "{}", world.condition("StandbyReady"));
    }
}

#[test]
fn a_roll_back_goes_the_same_way() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(SETTLED);
    let action = world.decided(Verb::RollBack, None);
    world.pass(60);
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
    assert_eq!((world.pods_of('a'), world.cluster.waiting(), world.most_turns), (4, 2, 1));
}

#[test]
fn it_comes_from_any_strategy_and_goes_to_any() {
    for kind in [StrategyType::RollingUpdate, StrategyType::Recreate, StrategyType::HandOver] {
        let mut world = World::new(&Value::Null);
        let strategy =
            |world: &mut World, kind| world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
        strategy(&mut world, kind);
        world.settle();
        for (step, digit) in ['b', 'c'].into_iter().enumerate() {
            strategy(&mut world, StrategyType::ActiveStandby);
            world.pass(SETTLED);
            assert_eq!(
                (world.cluster.ready_cores(), world.cluster.waiting()),
                (2, 2),
                "{kind:?} {step}: {}",
                world.line()
            );
            world.push(digit, Definition::Good);
            world.pass(SETTLED);
            strategy(&mut world, kind);
            world.settle();
            let line = format!("True UpToDate main@{}", &commit(digit)[..7]);
            assert_eq!(
                (world.line(), world.cluster.ready_cores(), world.cluster.waiting()),
                (line, 2, 0),
                "{kind:?} {step}"
            );
            assert_eq!(world.condition("StandbyReady"), "", "{kind:?}");
        }
    }
}

#[test]
fn a_budget_is_for_those_that_serve() {
    let mut world = live();
    let guarded = |world: &World| {
        let budget = world.cluster.budgets.values().next().unwrap();
        budget["spec"]["selector"]["matchLabels"][crate::manifest::TURN_LABEL].as_str().unwrap().parse::<i64>().unwrap()
    };
    assert_eq!(BTreeSet::from([guarded(&world)]), world.cluster.turns());
    both_die(&mut world);
    world.pass(10);
    assert_eq!(BTreeSet::from([guarded(&world)]), world.cluster.turns());
}

#[test]
fn a_secret_that_changes_reaches_those_that_wait_too() {
    let mut world = live();
    world.content = "another";
    world.pass(SETTLED);
    assert_eq!((world.cluster.contents().len(), world.fewest_ready), (1, 2), "{:?}", world.cluster.contents());
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting(), world.most_turns), (2, 2, 1));
}

/// Who waits with the old content is not let to take over, and is not said to be there for it.
#[test]
fn those_that_wait_and_do_not_take_the_template_up_are_not_said_to_be_there() {
    let mut world = live();
    world.cluster.environment.paused = true;
    world.content = "another";
    world.pass(SETTLED);
    let said = world.condition("StandbyReady");
    assert!(said.starts_with("False DeploymentPaused: ") && said.contains(" is paused"), "{said}");
    both_die(&mut world);
    world.cluster.environment.paused = false;
    world.pass(SETTLED);
    assert!(world.condition("StandbyReady").starts_with("True "), "{}", world.condition("StandbyReady"));
}

#[test]
fn no_cores_wanted_means_that_nobody_waits() {
    let mut world = live();
    world.edit(|spec| spec.replicas = 0);
    world.pass(30);
    assert_eq!((world.pods_of('a'), world.condition("StandbyReady").as_str()), (0, "False Stopped: replicas is 0"));
    world.edit(|spec| spec.replicas = 3);
    world.pass(SETTLED);
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (3, 3));
}
