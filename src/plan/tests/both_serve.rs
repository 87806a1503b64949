//! `strategy.activeStandby.standby: Serves`: stories and laws.

use super::fleet_world::FleetWorld;
use super::hand_over_laws::events;
use super::laws::worlds;
use super::standby::both_die;
use super::standby_laws::{mended, played};
use super::world::{Definition, World};
use crate::api::v1alpha1::{ActiveStandby, Standby, Verb};
use proptest::prelude::*;
use serde_json::{Value, json};

const SETTLED: u32 = 90;

fn spec() -> Value {
    json!({ "strategy": { "type": "ActiveStandby", "activeStandby": { "standby": "Serves" } } })
}

/// Two cores serve in each place.
fn live() -> World {
    let mut world = World::new(&spec());
    world.pass(SETTLED);
    both_serve(&world, "aaaaaaa");
    (world.fewest_ready, world.most_consuming, world.most_turns) = (usize::MAX, 0, 0);
    world
}

fn both_serve(world: &World, commit: &str) {
    assert_eq!(world.line(), format!("True UpToDate main@{commit}"), "{}", world.message());
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting(), world.cluster.turns().len()), (4, 0, 2));
    let told = format!("True Succeeded: 2 of 2 cores serve beside the others with {commit}");
    assert_eq!(world.condition("StandbyReady"), told);
}

/// For how many of the next seconds nobody consumes events.
fn gap(world: &mut World, seconds: u32) -> usize {
    let silent = |_: &u32| {
        world.tick();
        world.cluster.turns().is_empty()
    };
    (0..seconds).filter(silent).count()
}

fn standby(world: &mut World, standby: Standby) {
    world.edit(|spec| {
        let given = ActiveStandby { standby: Some(standby), ..ActiveStandby::default() };
        spec.strategy.as_mut().unwrap().active_standby = Some(given);
    });
}

#[test]
fn a_version_is_loaded_where_nobody_serves_and_both_serve_again_in_the_end() {
    let mut world = live();
    world.push('b', Definition::Good);
    let gap = gap(&mut world, 120);
    assert!(gap > 0 && gap <= 4, "{gap} seconds without a core");
    both_serve(&world, "bbbbbbb");
    assert_eq!((world.pods_of('a'), world.most_consuming, world.undone().len()), (0, 1, 0));
}

#[test]
fn where_a_version_cannot_load_who_was_drained_for_it_serves_again() {
    let mut world = live();
    world.push('b', Definition::Raises);
    assert_eq!(gap(&mut world, 300), 0);
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.cluster.ready_cores()), (4, 0, 4), "{}", world.line());
    assert_eq!((world.cluster.turns().len(), world.most_consuming), (2, 1), "{}", world.line());
}

#[test]
fn a_budget_is_for_both_places() {
    let world = live();
    let budget = world.cluster.budgets.values().next().unwrap();
    assert!(budget["spec"]["selector"]["matchLabels"].get(crate::manifest::TURN_LABEL).is_none(), "{budget}");
}

/// Who waits for days at a gate keeps no node from being drained.
#[test]
fn a_budget_is_for_those_that_serve_alone_while_a_version_waits_in_the_other_place() {
    let mut world = live();
    let gates = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    world.edit(|spec| spec.gates = serde_json::from_value(gates).unwrap());
    world.push('b', Definition::Good);
    world.pass(SETTLED);
    assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (2, 2), "{}", world.message());
    let serves = world.cluster.turns().first().copied().unwrap();
    let budget = world.cluster.budgets.values().next().unwrap();
    let turn = budget["spec"]["selector"]["matchLabels"].get(crate::manifest::TURN_LABEL);
    assert_eq!(turn, Some(&json!(serves.to_string())), "{budget}");
}

#[test]
fn where_one_core_serves_in_each_place_no_two_are_evicted_at_once() {
    let mut given = spec();
    given["replicas"] = json!(1);
    let mut world = World::new(&given);
    world.pass(SETTLED);
    assert_eq!((world.cluster.turns().len(), world.cluster.budgets.len()), (2, 1), "{}", world.message());
    // Nor the one that is left while the other starts anew.
    let now = world.now;
    world.cluster.tell(now);
    for _ in 0..SETTLED {
        world.tick();
        let budget = world.cluster.budgets.values().next().unwrap();
        assert!(budget["spec"]["selector"]["matchLabels"].get(crate::manifest::TURN_LABEL).is_none(), "{budget}");
    }
    assert_eq!(world.cluster.turns().len(), 2, "{}", world.message());
}

#[test]
fn where_one_node_dies_the_other_goes_on_and_is_not_drained_for_a_version() {
    let mut world = live();
    let other = world.cluster.turns().last().copied().unwrap();
    both_die(&mut world);
    world.push('b', Definition::Good);
    while world.cluster.turns().contains(&other) {
        world.tick();
    }
    assert_eq!(world.cluster.waiting(), 2, "it served until the new one had loaded: {}", world.message());
    world.pass(150);
    both_serve(&world, "bbbbbbb");
    assert_eq!(world.most_consuming, 1);
}

#[test]
fn who_is_left_alone_by_a_silent_node_is_not_drained_unless_a_person_says_so() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(150);
    both_serve(&world, "bbbbbbb");
    world.cluster.environment.node_lost = true;
    both_die(&mut world);
    world.push('c', Definition::Good);
    assert_eq!(gap(&mut world, 300), 0);
    assert_eq!((world.pods_of('c'), world.cluster.turns().len()), (0, 1), "{}", world.message());
    world.cluster.environment.node_lost = false;
    world.pass(200);
    both_serve(&world, "ccccccc");
    assert_eq!(world.most_consuming, 1);
}

#[test]
fn who_served_beside_the_others_waits_once_that_is_asked_and_the_other_way_round() {
    let mut world = live();
    let first = world.cluster.turns().first().copied().unwrap();
    standby(&mut world, Standby::Waits);
    for _ in 0..60 {
        let serve = world.cluster.turns().len();
        world.tick();
        let said = world.condition("StandbyReady");
        assert!(serve > 0, "nobody serves: {}", world.message());
        assert!(serve == 1 || !said.contains("2 of 2 cores have loaded"), "{said}, and {serve} places serve");
    }
    assert_eq!((world.cluster.turns(), world.cluster.waiting()), ([first].into(), 2), "{}", world.message());
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    let begun = world.cluster.begun();
    standby(&mut world, Standby::Serves);
    world.pass(5);
    both_serve(&world, "aaaaaaa");
    assert_eq!(world.cluster.begun(), begun, "nobody was started anew for that");
}

#[test]
fn a_person_changes_over_and_the_place_that_was_left_joins_again() {
    let mut world = live();
    let second = world.cluster.turns().last().copied().unwrap();
    let action = world.decided(Verb::SwitchOver, None);
    assert_eq!(gap(&mut world, 60), 0);
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    both_serve(&world, "aaaaaaa");
    assert_eq!(world.cluster.turns().first(), Some(&second), "the others are of a later turn now");
}

#[test]
fn instances_serve_with_both_nodes_and_go_through_the_phases_of_all() {
    let mut given = super::fleet_world::spec();
    given["strategy"]["activeStandby"]["standby"] = json!("Serves");
    let mut world = FleetWorld::live(&given);
    let both = |world: &FleetWorld| world.instances.values().all(|it| it.cluster.turns().len() == 2);
    assert!(both(&world), "{}", world.lines());
    world.push('b', Definition::Good);
    world.until(400, "phase 3 is over", |world| world.phases().2 == 3);
    assert!(world.instances.values().all(|it| it.cluster.turns().len() == 1), "{}", world.lines());
    world.until(100, "all of it is over", |world| world.phases().2 == 4);
    assert_eq!((world.fleet.line().as_str(), both(&world)), ("True UpToDate main@bbbbbbb", true), "{}", world.lines());
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

proptest! {
    #![proptest_config(worlds(10))]

    /// Safety: whatever happens, never do two versions consume at once; and each place has cores of one turn.
    #[test]
    fn never_two_versions_serve(events in events(), dies in prop::collection::vec(any::<bool>(), 0..8)) {
        let world = played(&spec(), events, dies);
        prop_assert!(world.most_turns <= 2 && world.most_consuming <= 1, "{} versions", world.most_consuming);
    }

    /// Progress: a fair world comes to rest at the newest commit if that is good, both serve, and then nothing is written.
    #[test]
    fn a_fair_world_comes_to_rest_with_both_serving(events in events()) {
        let world = mended(&spec(), events, 250);
        let newest = world.head.clone().unwrap();
        if world.commits[&newest] == Definition::Good {
            prop_assert_eq!(world.line(), format!("True UpToDate main@{}", &newest[..7]));
            prop_assert_eq!((world.cluster.versions(), world.cluster.waiting()), (1, 0));
        }
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }
}
