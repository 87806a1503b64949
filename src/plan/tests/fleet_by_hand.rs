//! What people change in the middle of things, and take back, where there are instances: stories.

use super::cluster::Broker;
use super::fleet_world::{FleetWorld, spec};
use super::world::Definition;
use crate::api::v1alpha1::{PhaseName, StrategyType, Verb};
use crate::domain::{ChildName, Place};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longer than all phases take.
const ALL: u32 = 600;
/// Longer than any one of them takes.
const LONG: u32 = 100;

/// Another database for the second engine.
fn database(world: &mut FleetWorld, name: &str) {
    let own = json!({ "eventQueue": { "vhost": "002" }, "database": { "name": name } });
    world.change(|given| given.instances[1].tengine = serde_json::from_value(own).unwrap());
}

fn is_live(world: &FleetWorld, digit: char) -> bool {
    world.fleet.line() == format!("True UpToDate main@{}", digit.to_string().repeat(7))
}

/// The second version has loaded in all instances, and waits for a person to begin phase 2.
fn waiting() -> FleetWorld {
    let mut given = spec();
    given["strategy"]["activeStandby"]["pauseBefore"] = json!([PhaseName::SwitchOver]);
    let mut world = FleetWorld::new(&given);
    world.until(ALL, "it waits", |world| world.phases() == (1, 1, 1));
    world.started(PhaseName::SwitchOver, None);
    world.until(ALL, "it is live", |world| is_live(world, 'a'));
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.phases() == (2, 1, 1));
    world
}

/// What was made of a setting that was taken back is the last release of the instance, and not what it is told.
#[rstest]
#[case::before_it_was_noticed(1)]
#[case::while_it_was_under_way(8)]
#[case::once_it_was_live(200)]
fn a_setting_that_is_taken_back_is_as_if_it_had_never_been(#[case] seconds: u32) {
    let mut world = FleetWorld::live(&spec());
    database(&mut world, "other");
    world.pass(seconds);
    database(&mut world, "002");
    world.pass(2);
    world.until(ALL, "all are well", |world| is_live(world, 'a'));
    world.pass(LONG);
    assert!(is_live(&world, 'a'), "{} {}", world.fleet.line(), world.fleet.message());
    world.push('b', Definition::Good);
    world.until(ALL, "the next version goes through", |world| is_live(world, 'b'));
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// Somebody's own deployment has the name that an engine is to have: it is left alone, and holds up nobody else.
#[test]
fn what_has_the_name_of_an_instance_and_is_somebody_elses_is_left_alone_and_named() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::new(&given);
    let name = ChildName::of_instance("fleet", "002").to_string();
    let metadata = json!({ "name": name, "namespace": "production", "uid": "theirs", "resourceVersion": "1" });
    let theirs = Arc::new(json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment", "metadata": metadata, "spec": world.fleet.object.spec,
    }));
    world.fleet.cluster.instances.insert(name.clone(), theirs.clone());
    world.until(ALL, "it is said", |world| {
        world.fleet.line() == "False InstancesFailed - next main@aaaaaaa" || world.serving('a') == 2
    });
    let lines = world.fleet.object.status.as_ref().unwrap().instances.clone();
    let said: Vec<_> =
        lines.iter().filter(|line| line.id == "002").map(|line| (line.failed, line.message.clone())).collect();
    let why = format!("TengineDeployment {name} belongs to somebody else: remove it, or give this instance another id");
    assert_eq!(said, [(true, Some(why))]);
    assert_eq!(world.instances.keys().collect::<Vec<_>>(), ["001", "003"], "the others are made");
    world.until(100, "the others serve: nobody waits for it", |world| world.serving('a') == 2);
    world.until(100, "they are through", |world| world.phases() == (1, 4, 4));
    assert_eq!(world.fleet.line(), "False InstancesFailed main@aaaaaaa", "{}", world.fleet.message());
    assert!(
        world.fleet.message().contains(&format!("002: TengineDeployment {name} belongs to")),
        "{}",
        world.fleet.message()
    );
    assert_eq!(world.fleet.cluster.instances[&name], theirs);
    world.fleet.cluster.instances.remove(&name);
    world.until(ALL, "all serve", |world| world.serving('a') == 3);
    world.until(ALL, "all are well", |world| is_live(world, 'a'));
    assert_eq!(world.crimes, Vec::<String>::new());
}

#[test]
fn a_setting_that_one_instance_refused_and_that_is_taken_back_keeps_nobody() {
    let mut world = FleetWorld::live(&spec());
    world.oddly("002", 'a', Definition::Raises);
    database(&mut world, "other");
    world.until(ALL, "it is refused", |world| world.fleet.message().contains("002: "));
    world.odd.clear();
    database(&mut world, "002");
    world.until(ALL, "all are well", |world| is_live(world, 'a'));
}

/// It is not told to end in favour of what waits, whatever it looks like.
#[test]
fn who_stops_what_serves_in_one_instance_lets_nobody_take_over_before_its_phase() {
    let mut world = waiting();
    let instance = world.instances.get_mut("002").unwrap();
    instance.cluster.by_hand(ChildName::of_cores("billing", Place::First).as_ref(), Some(0));
    world.pass(LONG);
    assert_eq!((world.phases(), world.serving('a')), ((2, 1, 1), 3), "{}", world.lines());
    world.started(PhaseName::SwitchOver, None);
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// What waited and makes room for another version was not let to either.
#[rstest]
fn nor_a_version_that_another_one_takes_the_place_of(#[values(0, 1, 2)] seconds: u32) {
    let mut world = waiting();
    world.push('c', Definition::Good);
    world.until(LONG, "it is told", |world| world.phases() == (3, 1, 0));
    world.pass(seconds);
    let instance = world.instances.get_mut("002").unwrap();
    instance.cluster.by_hand(ChildName::of_cores("billing", Place::First).as_ref(), Some(0));
    world.until(LONG, "the next one waits", |world| world.phases() == (3, 1, 1));
    world.pass(LONG);
    assert_eq!((world.serving('a'), world.serving('b')), (3, 0), "{}", world.lines());
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// Such as over a week-end.
#[rstest]
#[case::while_it_loads(1)]
#[case::while_they_take_over(2)]
#[case::while_it_follows(3)]
fn the_time_in_which_no_cores_are_wanted_counts_against_no_instance(#[case] phase: i32) {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.push('b', Definition::Good);
    world.until(ALL, "the phase begins", |world| world.phases() == (2, phase, phase - 1));
    // More than once, if need be.
    for _ in 0..2 {
        world.fleet.edit(|spec| spec.replicas = 0);
        world.pass(LONG);
        world.jump(SignedDuration::from_hours(60));
        world.fleet.edit(|spec| spec.replicas = 1);
        world.pass(1);
    }
    for _ in 0..ALL {
        world.tick();
        let line = world.fleet.line();
        assert!(!line.contains("InstancesFailed"), "{line} {}", world.fleet.message());
        let failed = world.fleet.object.status.as_ref().unwrap().instances.iter().find(|it| it.failed);
        assert!(failed.is_none(), "{failed:?}");
    }
    assert!(is_live(&world, 'b'), "{} {}", world.fleet.line(), world.fleet.message());
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// All of no cores wait, and nobody has loaded anything.
#[test]
fn a_version_that_no_core_loads_is_through_no_phase() {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| spec.replicas = 0);
    world.pass(10);
    world.oddly("002", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    for _ in 0..LONG {
        world.tick();
        assert!(world.phases().0 < 2 || world.phases() == (2, 1, 0), "{}", world.lines());
    }
    assert_eq!(world.words["bbbbbbb"], ["none"], "{}", world.lines());
    world.fleet.edit(|spec| spec.replicas = 1);
    for _ in 0..ALL {
        world.tick();
        assert_eq!(world.serving('b'), 0, "one of them does not load it: {}", world.lines());
    }
    assert_eq!((world.serving('a'), world.crimes.clone()), (3, Vec::new()), "{}", world.lines());
}

/// It was late before that.
#[test]
fn nor_does_it_bring_back_who_was_left_out() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    world.change(|given| given.pause_before = vec![PhaseName::SecondUpgrade]);
    world.instances.get_mut("003").unwrap().cluster.environment.broker = Broker::Silent;
    world.push('b', Definition::Good);
    world.until(3 * ALL, "phase 2 ends without it", |world| world.phases() == (2, 2, 2));
    world.fleet.edit(|spec| spec.replicas = 0);
    world.pass(LONG);
    world.fleet.edit(|spec| spec.replicas = 1);
    for _ in 0..LONG {
        world.tick();
        let failed: Vec<bool> =
            world.fleet.object.status.as_ref().unwrap().instances.iter().map(|it| it.failed).collect();
        assert_eq!(failed, [false, false, true], "{}", world.lines());
    }
}

/// Who serves what it is told, and did before, has nothing to wait for.
#[test]
fn after_an_abort_somebody_waits_again_in_each_instance_though_no_further_phase_begins() {
    let mut world = waiting();
    let abort = world.fleet.decided(Verb::Abort, None);
    world.until(LONG, "it is answered", |world| world.fleet.actions[abort].status.is_some());
    world.fleet.edit(|spec| spec.suspend = Some(true));
    world.until(LONG, "the first phase is over", |world| world.phases() == (3, 1, 1));
    world.pass(LONG);
    assert_eq!(world.phases(), (3, 1, 1), "{}", world.fleet.message());
    for instance in world.instances.values() {
        assert_eq!((instance.cluster.ready_cores(), instance.cluster.waiting()), (1, 1), "{}", world.lines());
    }
    world.fleet.edit(|spec| spec.suspend = None);
    world.until(ALL, "the other phases follow", |world| world.phases() == (3, 4, 4));
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// And what was proven in this passage waits for the second upgrade, and says so.
#[test]
fn between_two_phases_it_is_said_what_those_that_are_to_wait_wait_for() {
    let mut given = spec();
    given["strategy"]["activeStandby"]["pauseBefore"] = json!([PhaseName::SecondUpgrade]);
    let mut world = FleetWorld::new(&given);
    world.until(ALL, "it waits", |world| world.phases() == (1, 2, 2));
    world.pass(LONG);
    for instance in world.instances.values() {
        let said = instance.condition("StandbyReady");
        assert!(said.contains("until fleet begins phase 3 with its instances"), "{said}");
    }
}

/// It is changed back, but not at once: whatever it says meanwhile, an instance waits for its phases.
#[test]
fn another_strategy_that_is_written_to_an_instance_lets_nobody_serve_before_his_phase() {
    for kind in [StrategyType::RollingUpdate, StrategyType::Recreate, StrategyType::HandOver] {
        let mut world = waiting();
        for _ in 0..20 {
            let instance = world.instances.get_mut("002").unwrap();
            instance.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
            instance.tick();
            world.tick();
        }
        world.pass(LONG);
        assert_eq!((world.phases(), world.serving('a')), ((2, 1, 1), 3), "{kind:?}: {}", world.lines());
        assert_eq!(world.crimes, Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn it_is_said_where_nobody_serves_while_a_version_waits_for_its_start() {
    let mut world = waiting();
    world.fleet.edit(|spec| spec.replicas = 0);
    let mut words = BTreeSet::new();
    for _ in 0..LONG {
        let had = world.instances.values().any(|it| it.object.status.as_ref().unwrap().replicas != Some(0));
        world.tick();
        let line = world.fleet.line();
        assert!(!had || !line.contains("Stopped"), "{} {}", line, world.fleet.message());
        words.insert(world.fleet.message());
    }
    assert!(words.iter().any(|words| words.contains("replicas is 0: the cores of 3 of 3 instances end")), "{words:?}");
    assert!(world.fleet.line().starts_with("True Stopped "), "{}", world.fleet.line());
    world.fleet.edit(|spec| spec.replicas = 1);
    world.pass(LONG);
    assert!(world.fleet.line().starts_with("True WaitingForStart "), "{}", world.fleet.line());
    // Somebody removes one; it is made anew.
    world.fleet.cluster.instances.retain(|_, object| object["metadata"]["labels"]["tengine.dev/instance"] != "002");
    world.instances.remove("002");
    world.pass(LONG);
    let line = world.fleet.line();
    assert!(line.starts_with("False InstancesFailed "), "{line} {}", world.fleet.message());
    assert!(world.fleet.message().contains("nobody serves in 002 before phase 2"), "{}", world.fleet.message());
}
