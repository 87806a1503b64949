//! Versions go through the phases of instances while people decide something else: stories.

use super::fleet_world::{FleetWorld, spec};
use super::world::Definition;
use crate::api::v1alpha1::{ActiveStandby, PhaseName, Standby, SwitchBack, Verb};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};

/// Longer than all phases take.
const ALL: u32 = 600;

/// The first commit went through all phases, the second one as well, and the third one is let to begin its phase of this number.
fn third_in_phase(number: i32, spec: &Value) -> FleetWorld {
    let mut world = FleetWorld::live(spec);
    world.push('b', Definition::Good);
    world.until(ALL, "b is live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb");
    let (passage, ..) = world.phases();
    world.push('c', Definition::Good);
    world.until(ALL, "c is so far", |world| world.phases().0 > passage && world.phases().1 == number);
    world
}

#[rstest]
fn the_version_before_the_one_that_takes_over_is_brought_back(#[values(2, 3, 4)] phase: i32) {
    let mut world = third_in_phase(phase, &spec());
    let action = world.fleet.decided(Verb::RollBack, None);
    world.tick();
    let before = world.fleet.name_of(2);
    assert!(world.fleet.answer(action).starts_with(&format!("Done: {before}")), "{}", world.fleet.answer(action));
    world.until(ALL, "b is back", |world| {
        world.serving('b') == 3 && world.fleet.line().starts_with("True Pinned main@b")
    });
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn a_version_that_never_served_is_not_brought_back_past_a_pause() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchOver]);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.fleet.line().starts_with("True WaitingForStart"));
    let waits = world.fleet.name_of(2);
    world.fleet.decided(Verb::RollBack, Some(&waits));
    world.pass(120);
    assert_eq!((world.serving('a'), world.serving('b'), world.phases().1), (3, 0, 1), "{}", world.fleet.message());
    world.started(PhaseName::SwitchOver, None);
    world.until(ALL, "it takes over", |world| world.serving('b') == 3);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

/// While the version waits for a person, an engine refuses it; then it can be begun no more.
fn one_more_refuses(world: &mut FleetWorld) {
    world.instances.get_mut("002").unwrap().decided(Verb::Abort, None);
    world.pass(20);
    let start = world.started(PhaseName::SwitchOver, None);
    world.pass(100);
    let said = world.fleet.answer(start);
    assert!(said.starts_with("Refused") && said.contains("too many instances failed"), "{said}");
}

#[test]
fn no_phase_begins_where_more_refused_the_version_than_may_while_it_waited() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchOver]);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.fleet.line().starts_with("True WaitingForStart"));
    one_more_refuses(&mut world);
    assert_eq!((world.serving('a'), world.phases().1), (3, 1), "{}", world.lines());
    let told = world.fleet.message();
    assert!(told.contains("1 of 3 instances failed before phase 2") && told.contains("002: Aborted"), "{told}");
    world.instances.get_mut("002").unwrap().decided(Verb::Retry, None);
    world.until(ALL, "it is well again", |world| world.fleet.line().starts_with("True WaitingForStart"));
    world.started(PhaseName::SwitchOver, None);
    world.until(ALL, "it is live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb");
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

/// One whose removal never ends is not there, and was left out.
#[test]
fn one_that_is_not_there_counts_among_those_that_failed_between_two_phases_too() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| (given.pause_before, given.max_failed) = (vec![PhaseName::SwitchOver], Some(1)));
    world.removed.insert("001".to_owned());
    world.push('b', Definition::Good);
    world.until(800, "phase 1 ends without it", |world| world.phases() == (2, 1, 1));
    one_more_refuses(&mut world);
    assert_eq!(world.phases(), (2, 1, 1), "{}", world.lines());
    let told = world.fleet.message();
    assert!(told.contains("2 of 3 instances failed before phase 2"), "{told}");
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn primary_nodes_that_are_not_to_take_over_any_more_do_not() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchBack]);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.phases().2 == 3 && world.fleet.line().contains("WaitingForStart"));
    let active = |world: &FleetWorld| -> Vec<_> { world.instances.values().map(|it| it.cluster.turns()).collect() };
    let before = active(&world);
    world.change(|given| (given.pause_before, given.switch_back) = (Vec::new(), Some(SwitchBack::Never)));
    world.pass(100);
    assert_eq!(
        (world.fleet.line().as_str(), active(&world)),
        ("True UpToDate main@bbbbbbb", before),
        "{}",
        world.lines()
    );
}

#[test]
fn what_is_decided_in_the_moment_in_which_a_phase_would_begin_comes_before_it() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    let (passage, ..) = world.phases();
    world.until(ALL, "phase 1 is over", |world| world.phases().0 > passage && world.phases().2 == 1);
    assert_eq!(world.phases().1, 1, "the next tick would begin phase 2");
    let abort = world.fleet.decided(Verb::Abort, None);
    world.tick();
    assert!(world.fleet.answer(abort).starts_with("Done"), "{}", world.fleet.answer(abort));
    world.pass(200);
    assert_eq!((world.serving('a'), world.words["bbbbbbb"].iter().any(|word| word.contains("Phase2"))), (3, false));
    assert_eq!(world.crimes, Vec::<String>::new());
}

/// The phases cannot go on: then it is a way back, and says how that goes.
#[test]
fn a_version_that_too_many_refuse_once_they_changed_over_is_given_up_phase_by_phase() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SecondUpgrade]);
    world
        .fleet
        .edit(|spec| spec.rollback = serde_json::from_value(json!({ "mode": "Automatic", "watch": "1h" })).unwrap());
    world.oddly("002", 'b', Definition::Breaks);
    world.push('b', Definition::Good);
    world.until(ALL, "it is stuck", |world| world.fleet.line().starts_with("False InstancesFailed"));
    assert_eq!((world.phases().1, world.phases().2), (2, 2), "{}", world.lines());
    let abort = world.fleet.decided(Verb::Abort, None);
    world.tick();
    let told = world.fleet.answer(abort);
    assert!(told.starts_with("Done: ") && told.ends_with("comes back to all instances, phase by phase"), "{told}");
    world.until(ALL, "it is back", |world| world.serving('a') == 3 && world.phases() == (3, 4, 4));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

/// One that was through the last phase, and falls back, does not count there.
#[test]
fn a_version_that_an_instance_refuses_after_its_last_phase_is_not_proven_by_the_others() {
    let mut world = FleetWorld::live(&spec());
    let watch = json!({ "mode": "Automatic", "watch": "1h" });
    world.fleet.edit(|spec| spec.rollback = serde_json::from_value(watch).unwrap());
    world.oddly("002", 'b', Definition::Breaks);
    world.push('b', Definition::Good);
    world.until(ALL, "phase 4 begins", |world| world.phases() == (2, 4, 3));
    // Its node, which is lost, keeps the last one from changing over again.
    world.instances.get_mut("003").unwrap().cluster.environment.node_lost = true;
    world.until(ALL, "one fell back", |world| world.instances["002"].line().contains("Unhealthy"));
    world.instances.get_mut("003").unwrap().cluster.environment.node_lost = false;
    world.pass(ALL);
    assert_eq!((world.phases(), world.crimes.clone()), ((2, 4, 3), Vec::new()), "{}", world.lines());
    assert!(!world.words["bbbbbbb"].contains(&"Production_OK".to_owned()), "{:?}", world.words);
}

#[test]
fn a_start_that_is_said_after_an_abort_is_refused() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchOver]);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.fleet.line().starts_with("True WaitingForStart"));
    world.fleet.decided(Verb::Abort, None);
    let start = world.started(PhaseName::SwitchOver, None);
    world.tick();
    let name = world.fleet.name_of(2);
    assert_eq!(world.fleet.answer(start), format!("Refused: {name} was rejected"));
}

#[test]
fn a_word_on_one_passage_is_about_no_other_one_though_instances_were_taken_away_meanwhile() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchOver]);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.fleet.line().starts_with("True WaitingForStart"));
    world.fleet.object.spec.suspend = Some(true);
    world.started(PhaseName::SwitchOver, None);
    world.pass(5);
    // All that is left of the passage is the word.
    world.fleet.record(2, |status| status.phases = None);
    world.fleet.cluster.instances.clear();
    world.instances.clear();
    world.fleet.object.spec.suspend = None;
    world.until(ALL, "it waits again", |world| world.phases() == (3, 1, 1));
    world.pass(100);
    assert_eq!((world.phases(), world.serving('b')), ((3, 1, 1), 0), "{}", world.lines());
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

fn add_a_fourth(given: &mut ActiveStandby) {
    let mut fourth = given.instances[2].clone();
    let tengine = json!({ "eventQueue": { "vhost": "004" }, "database": { "name": "004" } });
    (fourth.id, fourth.tengine) = ("004".to_owned(), serde_json::from_value(tengine).unwrap());
    given.instances.push(fourth);
}

/// The first phase is past its time for the sake of another one.
#[test]
fn an_instance_that_comes_late_into_the_first_phase_has_a_time_of_its_own() {
    let mut world = FleetWorld::live(&spec());
    world.oddly("003", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    world.until(ALL, "it is refused", |world| world.fleet.line().contains("InstancesFailed"));
    world.jump(SignedDuration::from_hours(10));
    world.pass(10);
    world.change(add_a_fourth);
    world.until(ALL, "it is made", |world| world.instances.contains_key("004"));
    world.tick();
    for _ in 0..60 {
        world.tick();
        let all = &world.fleet.object.status.as_ref().unwrap().instances;
        assert!(all.iter().all(|it| it.id != "004" || !it.failed), "{all:?}");
    }
    let fourth = &world.instances["004"];
    assert!(fourth.cluster.waiting() > 0 && fourth.cluster.active().is_empty(), "{}", world.lines());
}

#[test]
fn an_instance_that_comes_while_others_change_over_is_waited_for_and_no_newer_commit_cuts_in() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    let (passage, ..) = world.phases();
    world.until(ALL, "phase 2 began", |world| world.phases().0 > passage && world.phases().1 == 2);
    let passage = world.phases().0;
    world.change(add_a_fourth);
    world.push('c', Definition::Good);
    while world.phases().0 == passage && world.phases().2 < 4 {
        world.tick();
        assert!(!world.fleet.line().contains("InstancesFailed"), "{}", world.fleet.message());
    }
    assert_eq!(world.phases().0, passage, "c waited until b was through");
    world.until(ALL, "c is live in all", |world| world.serving('c') == 4);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

/// Seconds of phase 2 until the first instance, whose cores do not end on a lost node, is late; a fourth one comes after so many of them.
fn until_late(comes: Option<u32>) -> (u32, FleetWorld) {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.max_failed = Some(1));
    world.push('b', Definition::Good);
    world.until(ALL, "phase 2 begins", |world| world.phases() == (2, 2, 1));
    world.instances.get_mut("001").unwrap().cluster.environment.node_lost = true;
    for second in 0..2_000 {
        if comes == Some(second) {
            world.change(add_a_fourth);
        }
        world.tick();
        if is_late(&world, "001") {
            return (second, world);
        }
    }
    panic!("{}", world.lines());
}

fn is_late(world: &FleetWorld, id: &str) -> bool {
    let lines = &world.fleet.object.status.as_ref().unwrap().instances;
    lines.iter().find(|line| line.id == id).is_some_and(|line| line.failed)
}

/// A phase is under way for long, for another one's sake: who comes late has all its time for it none the less.
#[test]
fn an_instance_that_comes_when_a_phase_is_almost_over_has_its_own_time_for_it() {
    let (second, world) = until_late(None);
    assert!(second > 60, "{second} {}", world.lines());
    let (_, mut world) = until_late(Some(second - 30));
    for _ in 0..60 {
        assert!(!is_late(&world, "004"), "{}", world.lines());
        world.tick();
    }
}

/// A person has one engine run another version: it is left out of each phase at once, once it was in one, and holds up nobody.
#[test]
fn an_instance_that_is_pinned_to_another_version_is_left_out_of_all_phases() {
    let mut world = FleetWorld::live(&spec());
    world.push('b', Definition::Good);
    world.until(ALL, "b is live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb");
    world.change(|given| given.max_failed = Some(1));
    let pinned = world.instances.get_mut("002").unwrap();
    let first = pinned.name_of(1);
    pinned.decided(Verb::RollBack, Some(&first));
    world.pass(100);
    let (passage, ..) = world.phases();
    world.push('c', Definition::Good);
    world.until(100, "phase 1 is over without it", |world| world.phases().0 > passage && world.phases().2 == 1);
    world.until(ALL, "so are the others", |world| world.phases().2 == 4);
    let told = world.fleet.message();
    assert!(told.contains("002: Pinned: alice pinned aaaaaaa. Resume lets it go"), "{told}");
    assert_eq!((world.serving('c'), world.serving('a')), (2, 1), "{}", world.lines());
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn nobody_is_left_out_before_config_maps_have_been_the_same_for_a_minute() {
    let mut world = FleetWorld::live(&spec());
    world.fleet.selected_since = Some(world.fleet.now);
    world.change(|given| given.instances.truncate(1));
    world.pass(55);
    assert_eq!((world.instances.len(), world.serving('a')), (3, 3));
    world.fleet.selected_since = Some(world.fleet.now);
    world.pass(55);
    assert_eq!(world.instances.len(), 3);
    world.until(10, "they are left out", |world| world.instances.len() == 1);
}

/// Its ConfigMap is replaced, and one look falls into that moment: it has not failed, and it was not left out.
#[test]
fn no_phase_goes_on_without_one_that_is_only_replaced() {
    let mut world = FleetWorld::live(&spec());
    let (passage, ..) = world.phases();
    world.oddly("003", 'b', Definition::Hangs);
    world.push('b', Definition::Good);
    world.until(ALL, "phase 1 has begun", |world| world.phases().0 > passage && world.phases().1 == 1);
    world.pass(100);
    let begun = world.phases();
    assert_eq!((begun.1, begun.2), (1, 0), "003 is not through");
    let mut replaced = None;
    world.fleet.selected_since = Some(world.fleet.now);
    world.change(|given| replaced = given.instances.pop());
    world.pass(3);
    assert_eq!(world.phases(), begun, "{}", world.lines());
    world.fleet.selected_since = Some(world.fleet.now);
    world.change(|given| given.instances.extend(replaced.take()));
    world.pass(100);
    assert_eq!((world.phases(), world.serving('a')), (begun, 3), "{}", world.lines());
}

#[test]
fn second_nodes_that_are_to_serve_join_though_the_version_was_through_its_phases() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.switch_back = Some(SwitchBack::Never));
    world.push('b', Definition::Good);
    world.until(ALL, "b is live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb" && world.phases().2 == 3);
    world.change(|given| (given.switch_back, given.standby) = (None, Some(Standby::Serves)));
    let both = |world: &FleetWorld| world.instances.values().all(|it| it.cluster.turns().len() == 2);
    world.until(ALL, "both serve", both);
    world.until(ALL, "it is live", |world| world.fleet.line() == "True UpToDate main@bbbbbbb");
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

/// In an instance that a person suspended, and in one that is being removed and cannot be, nobody takes a version.
#[rstest]
#[case::suspended(|world: &mut FleetWorld| world.instances.get_mut("003").unwrap().edit(|spec| spec.suspend = Some(true)), "")]
#[case::being_removed(|world: &mut FleetWorld| { world.removed.insert("003".to_owned()); }, ": it is being made")]
fn an_instance_that_takes_no_version_is_left_out_when_its_time_is_over(
    #[case] is_kept: fn(&mut FleetWorld),
    #[case] why: &str,
) {
    let mut given = spec();
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    is_kept(&mut world);
    world.push('b', Definition::Good);
    world.until(800, "phase 2 begins without it", |world| world.phases() == (2, 2, 1));
    let since = world.fleet.now;
    let is_left_out = |world: &FleetWorld| {
        let line = &world.fleet.object.status.as_ref().unwrap().instances[2];
        assert_eq!(
            (line.failed, line.message.as_deref()),
            (true, Some(format!("it was left out in phase 1{why}").as_str()))
        );
    };
    world.pass(2);
    is_left_out(&world);
    world.until(400, "the others go on", |world| world.phases() == (2, 4, 4));
    let took = world.fleet.now.duration_since(since).as_secs();
    assert!(took < 60, "{took} s for the other phases: nobody waited for it again");
    world.pass(5);
    is_left_out(&world);
    assert_eq!(world.crimes, Vec::<String>::new());
}
