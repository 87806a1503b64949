//! Several instances that go from version to version together: stories.

use super::cluster::Broker;
use super::fleet_world::{FleetWorld, spec};
use super::world::{Definition, commit};
use crate::api::v1alpha1::Verb;
use crate::domain::Place;
use serde_json::json;
use std::collections::BTreeSet;

/// Longer than four phases take.
pub const ALL: u32 = 400;

fn primaries(world: &FleetWorld) -> usize {
    let first: BTreeSet<_> = [Place::First].into();
    world.instances.values().filter(|instance| instance.cluster.active() == first).count()
}

pub fn is_live(world: &FleetWorld, digit: char) -> bool {
    world.fleet.line() == format!("True UpToDate main@{}", &commit(digit)[..7])
}

#[test]
fn a_version_goes_through_four_phases_in_all_instances() {
    let mut world = FleetWorld::live(&spec());
    assert_eq!((world.phases().1, world.phases().2, primaries(&world)), (4, 4, 3));
    world.push('b', Definition::Good);
    world.until(60, "phase 1 begins", |world| world.phases() == (2, 1, 0));
    world.until(60, "phase 1 ends", |world| world.phases() == (2, 1, 1));
    assert_eq!((world.serving('a'), world.serving('b')), (3, 0), "all standbys have it, nobody took over");
    world.until(60, "phase 2 ends", |world| world.phases() == (2, 2, 2));
    assert_eq!((world.serving('a'), world.serving('b'), primaries(&world)), (0, 3, 0));
    assert!(
        world.instances.values().all(|instance| instance.cluster.waiting() == 0),
        "the primaries are not upgraded yet"
    );
    world.until(60, "phase 3 ends", |world| world.phases() == (2, 3, 3));
    assert!(world.instances.values().all(|instance| instance.cluster.waiting() == 1));
    world.until(60, "phase 4 ends", |world| world.phases() == (2, 4, 4));
    assert_eq!((world.serving('b'), primaries(&world)), (3, 3));
    world.until(60, "it is live", |world| is_live(world, 'b'));
    let words = ["none", "Production_Phase1_OK", "Production_Phase2_OK", "Production_Phase3_OK", "Production_OK"];
    assert_eq!(world.words["bbbbbbb"], words);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
    world.pass(60);
    assert!(world.fleet.undone().is_empty() && world.instances.values().all(|instance| instance.undone().is_empty()));
}

#[test]
fn the_message_says_the_phase_and_how_many_are_through() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(60, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    world.tick();
    assert_eq!(world.fleet.line(), "Unknown RollingOut main@aaaaaaa next main@bbbbbbb", "{}", world.fleet.message());
    let said = world.fleet.message();
    assert!(said.contains("bbbbbbb: phase 2 of 4 (it takes over): 0 of 3 instances"), "{said}");
    let lines = world.fleet.object.status.clone().unwrap().instances;
    let phases: Vec<_> = lines.iter().map(|line| (line.id.as_str(), line.phase, line.failed)).collect();
    assert_eq!(phases, [("001", 1, false), ("002", 1, false), ("003", 1, false)]);
}

#[test]
fn one_that_refuses_the_version_keeps_what_serves_and_holds_up_nobody_if_it_may_fail() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.oddly("002", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    world.until(ALL, "all phases end", |world| world.phases() == (2, 4, 4));
    assert_eq!((world.serving('a'), world.serving('b'), primaries(&world)), (1, 2, 3));
    world.pass(5);
    assert_eq!(world.fleet.line(), "False InstancesFailed main@bbbbbbb", "{}", world.fleet.message());
    let said = world.fleet.message();
    assert!(said.contains("2 of 3 instances are well with it; 002: CoreFailed"), "{said}");
    // What was wrong with that instance alone is put right.
    world.odd.clear();
    world.instances.get_mut("002").unwrap().decided(Verb::Retry, None);
    world.until(ALL, "it follows", |world| world.serving('b') == 3 && is_live(world, 'b'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn with_more_failures_than_may_be_nobody_changes_over_until_somebody_decides() {
    let mut world = FleetWorld::live(&spec());
    world.oddly("002", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    world.until(ALL, "it is told", |world| world.fleet.line().starts_with("False InstancesFailed main@aaaaaaa"));
    world.pass(100);
    assert_eq!((world.phases(), world.serving('a')), ((2, 1, 0), 3));
    let said = world.fleet.message();
    assert!(
        said.contains("1 of 3 instances failed in phase 1 (strategy.activeStandby.maxFailed is 0): 002: CoreFailed"),
        "{said}"
    );
    world.push('c', Definition::Good);
    world.until(ALL, "a fix goes its way", |world| is_live(world, 'c'));
    assert_eq!((world.phases(), world.serving('c')), ((3, 4, 4), 3));
    assert_eq!(world.words["bbbbbbb"], ["none"]);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn one_whose_broker_is_down_is_left_out_when_its_time_is_over_and_follows_later() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.instances.get_mut("003").unwrap().cluster.environment.broker = Broker::Silent;
    world.push('b', Definition::Good);
    world.until(3 * ALL, "the others go on", |world| world.phases() == (2, 4, 4));
    assert_eq!(world.serving('b'), 2, "{}", world.lines());
    world.instances.get_mut("003").unwrap().cluster.environment.broker = Broker::default();
    world.until(3 * ALL, "it follows", |world| world.serving('b') == 3 && is_live(world, 'b'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn a_newer_commit_waits_while_instances_have_changed_over() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(60, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    world.push('c', Definition::Good);
    world.until(ALL, "the first is brought to its end", |world| world.phases() == (2, 4, 4));
    assert_eq!(world.serving('b'), 3);
    world.until(ALL, "then the next one goes", |world| is_live(world, 'c'));
    assert_eq!(world.words["bbbbbbb"].last().unwrap(), "Production_OK");
}

#[test]
fn in_phase_1_a_newer_commit_takes_the_place_of_the_one_before() {
    let mut world = FleetWorld::live(&spec());
    world.oddly("002", 'b', Definition::Hangs);
    world.push('b', Definition::Good);
    world.until(60, "phase 1 begins", |world| world.phases() == (2, 1, 0));
    world.push('c', Definition::Good);
    world.until(ALL, "the newer one is live", |world| is_live(world, 'c'));
    assert_eq!(world.phases().0, 3);
    assert_eq!(world.words["bbbbbbb"], ["none"]);
    assert!(world.crimes.is_empty(), "nobody ever changed over to it: {:?}", world.crimes);
}

#[test]
fn a_roll_back_goes_through_the_same_phases_from_each_of_them() {
    for phase in 1..=4 {
        let mut world = FleetWorld::live(&spec());
        world.push('b', Definition::Good);
        world.until(ALL, "the phase begins", |world| world.phases().1 == phase && world.phases().0 == 2);
        let first = world.fleet.name_of(1);
        let action = world.fleet.decided(Verb::RollBack, Some(&first));
        world.until(ALL, "it is back", |world| world.phases() == (3, 4, 4));
        assert!(world.fleet.answer(action).starts_with("Done"), "{}", world.fleet.answer(action));
        world.pass(5);
        assert_eq!(
            (world.fleet.line().as_str(), world.serving('a')),
            ("True Pinned main@aaaaaaa next main@bbbbbbb", 3),
            "{phase}"
        );
        world.fleet.decided(Verb::Resume, None);
        world.until(ALL, "it goes again", |world| is_live(world, 'b') && world.serving('b') == 3);
        assert!(world.crimes.is_empty(), "{phase}: {:?}", world.crimes);
    }
}

#[test]
fn abort_is_for_the_first_phase() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(60, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    let late = world.fleet.decided(Verb::Abort, None);
    world.pass(2);
    assert!(world.fleet.answer(late).starts_with("Refused: instances change over to"), "{}", world.fleet.answer(late));
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    world.push('c', Definition::Good);
    world.until(60, "phase 1 begins", |world| world.phases() == (3, 1, 0));
    let early = world.fleet.decided(Verb::Abort, None);
    world.until(ALL, "it goes back", |world| world.phases() == (4, 4, 4));
    assert!(world.fleet.answer(early).starts_with("Done"), "{}", world.fleet.answer(early));
    assert_eq!(world.serving('b'), 3, "{}", world.lines());
}

#[test]
fn suspended_no_phase_begins_and_the_one_that_did_ends() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(60, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    world.fleet.edit(|spec| spec.suspend = Some(true));
    world.pass(200);
    assert_eq!((world.phases(), world.serving('b')), ((2, 2, 2), 3));
    world.fleet.edit(|spec| spec.suspend = None);
    world.until(ALL, "it goes on", |world| is_live(world, 'b'));
}

#[test]
fn without_a_switch_back_the_next_version_takes_the_other_way() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["switchBack"] = json!("Never");
    let mut world = FleetWorld::live(&given);
    world.push('b', Definition::Good);
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert_eq!((world.phases(), primaries(&world), world.serving('b')), ((2, 3, 3), 0, 3));
    world.push('c', Definition::Good);
    world.until(ALL, "it is live", |world| is_live(world, 'c'));
    assert_eq!((world.phases(), primaries(&world), world.serving('c')), ((3, 3, 3), 3, 3));
}

#[test]
fn an_instance_that_fails_over_stays_where_it_is_until_the_next_version() {
    let mut world = FleetWorld::live(&spec());
    world.pass(90);
    let now = world.fleet.now;
    world.instances.get_mut("001").unwrap().cluster.tell(now);
    world.pass(120);
    assert_eq!((primaries(&world), world.serving('a')), (2, 3), "{}", world.lines());
    world.push('b', Definition::Good);
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert_eq!((primaries(&world), world.serving('b')), (3, 3));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn instances_come_and_go_in_the_middle_of_an_upgrade() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(60, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    let new = json!({ "id": "004", "tengine": { "eventQueue": { "vhost": "004" }, "database": { "name": "004" } } });
    world.fleet.edit(|spec| {
        let instances = &mut spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap().instances;
        instances.remove(0);
        instances.push(serde_json::from_value(new).unwrap());
    });
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert_eq!(world.instances.keys().collect::<Vec<_>>(), ["002", "003", "004"]);
    assert_eq!((world.serving('b'), world.phases()), (3, (2, 4, 4)));
}

#[test]
fn a_record_that_is_removed_by_hand_takes_nobody_back() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    world.fleet.delete_release(2);
    for _ in 0..200 {
        world.tick();
        assert_eq!((world.serving('a'), world.serving('b')), (0, 3), "{}", world.lines());
    }
    assert!(is_live(&world, 'b') && world.phases().0 > 2, "{} {:?}", world.fleet.message(), world.phases());
}

#[test]
fn one_pair_that_gets_instances_ends_its_own_cores_first() {
    let mut world = FleetWorld::new(&json!({ "replicas": 1, "strategy": { "type": "ActiveStandby" } }));
    world.fleet.object.metadata.name = Some("billing".into());
    world.pass(200);
    assert_eq!(world.fleet.cluster.ready_cores(), 1, "{}", world.fleet.message());
    let with_instances = spec();
    world.fleet.edit(|given| given.strategy = serde_json::from_value(with_instances["strategy"].clone()).unwrap());
    for _ in 0..100 {
        world.fleet.tick();
        let both = !world.fleet.cluster.instances.is_empty() && !world.fleet.cluster.turns().is_empty();
        assert!(!both, "instances are made while cores of its own consume events");
    }
    assert_eq!((world.fleet.cluster.instances.len(), world.fleet.cluster.versions()), (3, 0));
}

#[test]
fn a_gate_before_the_change_over_keeps_all_instances_in_phase_1_the_first_time_too() {
    let mut given = spec();
    given["gates"] = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    let mut world = FleetWorld::new(&given);
    world.until(100, "phase 1 ends", |world| world.phases() == (1, 1, 1));
    world.pass(60);
    assert_eq!((world.phases(), world.serving('a')), ((1, 1, 1), 0), "{}", world.lines());
    assert_eq!(world.fleet.line(), "False WaitingForApproval - next main@aaaaaaa", "{}", world.fleet.message());
    world.fleet.said(Verb::Approve, "bob", 1, None);
    world.until(ALL, "it is live", |world| is_live(world, 'a'));
    world.push('b', Definition::Good);
    world.until(100, "phase 1 ends", |world| world.phases() == (2, 1, 1));
    world.pass(60);
    assert_eq!((world.phases(), world.serving('a')), ((2, 1, 1), 3));
    let said = world.fleet.message();
    assert!(said.contains("bbbbbbb has loaded, and waits to take over at gate ops"), "{} {said}", world.fleet.line());
    world.fleet.said(Verb::Approve, "bob", 2, None);
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert_eq!(world.serving('b'), 3);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn a_person_switches_one_instance_over_and_back() {
    let mut world = FleetWorld::live(&spec());
    let refused = world.fleet.decided(Verb::SwitchOver, None);
    world.pass(2);
    assert!(world.fleet.answer(refused).starts_with("Refused: its instances take over each for itself"));
    for primary in [2, 3] {
        let action = world.instances.get_mut("002").unwrap().decided(Verb::SwitchOver, None);
        world.pass(90);
        let answer = world.instances["002"].answer(action);
        assert!(answer.starts_with("Done"), "{answer}");
        assert_eq!((primaries(&world), world.serving('a')), (primary, 3));
    }
    assert!(is_live(&world, 'a') && world.crimes.is_empty(), "{} {:?}", world.fleet.message(), world.crimes);
}

#[test]
fn what_waits_at_a_gate_does_not_take_over_because_something_newer_is_told() {
    let mut given = spec();
    given["gates"] = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    let mut world = FleetWorld::new(&given);
    world.until(100, "phase 1 ends", |world| world.phases() == (1, 1, 1));
    world.fleet.said(Verb::Approve, "bob", 1, None);
    world.until(ALL, "it is live", |world| is_live(world, 'a'));
    for digit in ['b', 'c', 'd'] {
        world.push(digit, Definition::Good);
        let passage = world.phases().0 + 1;
        world.until(100, "phase 1 ends", |world| world.phases() == (passage, 1, 1));
        world.pass(10);
        assert_eq!(world.serving('a'), 3, "{}", world.lines());
    }
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn one_that_was_left_out_is_not_waited_for_in_each_phase() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.instances.get_mut("003").unwrap().cluster.environment.broker = Broker::Silent;
    world.push('b', Definition::Good);
    world.until(100, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    world.until(2 * ALL, "phase 2 ends without it", |world| world.phases() == (2, 2, 2));
    let since = world.fleet.now;
    world.until(ALL, "the others go on", |world| world.phases() == (2, 4, 4));
    let took = world.fleet.now.duration_since(since).as_secs();
    assert!(took < 40, "{took} s for phases 3 and 4: nobody waited for it again");
}

#[test]
fn instances_that_are_wanted_no_more_are_gone_before_cores_of_its_own_begin() {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| spec.strategy.as_mut().unwrap().active_standby = None);
    world.fleet.cluster.held = true;
    for _ in 0..30 {
        world.fleet.tick();
        assert_eq!((world.fleet.cluster.instances.len(), world.fleet.cluster.versions()), (3, 0));
    }
    world.fleet.cluster.let_go();
    world.fleet.pass(100);
    assert!(world.fleet.cluster.instances.is_empty());
}

/// What they were told before is long ago.
#[test]
fn instances_that_are_wanted_again_begin_with_what_ran_last() {
    let mut world = FleetWorld::live(&spec());
    let strategy = world.fleet.object.spec.strategy.clone();
    world.push('b', Definition::Good);
    world.until(ALL, "b is live", |world| is_live(world, 'b'));
    world.fleet.edit(|spec| spec.strategy.as_mut().unwrap().active_standby = None);
    world.until(ALL, "it runs by itself", |world| world.fleet.cluster.ready_cores() > 0);
    world.fleet.edit(|spec| spec.suspend = Some(true));
    world.pass(10);
    world.fleet.edit(|spec| spec.strategy = strategy.clone());
    world.until(ALL, "they are made", |world| world.instances.len() == 3);
    world.pass(60);
    assert_eq!(world.serving('a'), 0, "{}", world.lines());
    world.fleet.edit(|spec| spec.suspend = None);
    world.until(ALL, "all serve", |world| world.serving('b') == 3);
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}

#[test]
fn an_engine_that_gets_another_id_is_not_made_before_the_one_before_is_gone() {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| {
        let instances = &mut spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap().instances;
        instances[0].id = "customer-1".to_owned();
    });
    world.fleet.cluster.held = true;
    world.pass(30);
    assert_eq!(world.instances.keys().collect::<Vec<_>>(), ["001", "002", "003"]);
    world.fleet.cluster.let_go();
    world.until(ALL, "it is live", |world| is_live(world, 'a') && world.instances.contains_key("customer-1"));
    assert_eq!((world.instances.len(), world.serving('a')), (3, 3));
}
