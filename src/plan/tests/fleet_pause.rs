//! Phases that a person begins: stories.

use super::fleet_world::{FleetWorld, spec};
use super::world::{Definition, commit};
use crate::api::v1alpha1::{PhaseName, Verb};
use rstest::rstest;
use serde_json::{Value, json};

/// Longer than four phases take.
const ALL: u32 = 400;
/// Longer than any one of them takes.
const LONG: u32 = 60;

fn pausing(before: &[PhaseName]) -> Value {
    let mut given = spec();
    given["strategy"]["activeStandby"]["pauseBefore"] = json!(before);
    given
}

/// The first version is live, whose phases were begun by hand as well.
fn live(before: &[PhaseName]) -> FleetWorld {
    let mut world = FleetWorld::new(&pausing(before));
    for phase in before {
        world.until(ALL, "it waits", |world| waits(world, *phase));
        if *phase == PhaseName::SwitchOver {
            assert_eq!(world.fleet.line(), "False WaitingForStart - next main@aaaaaaa", "{}", world.fleet.message());
        }
        world.started(*phase, None);
    }
    world.until(ALL, "it is live", |world| is_live(world, 'a'));
    world
}

/// And the next one waits to take over.
fn waiting(before: &[PhaseName]) -> FleetWorld {
    let mut world = live(before);
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| waits(world, PhaseName::SwitchOver));
    world
}

fn waits(world: &FleetWorld, phase: PhaseName) -> bool {
    let (_, begun, done) = world.phases();
    begun == done && begun + 1 == phase.number() && world.fleet.line().contains(" WaitingForStart ")
}

fn is_live(world: &FleetWorld, digit: char) -> bool {
    world.fleet.line() == format!("True UpToDate main@{}", &commit(digit)[..7])
}

#[test]
fn each_phase_waits_for_its_start() {
    use PhaseName::{SecondUpgrade, SwitchBack, SwitchOver};
    let mut world = live(&[SwitchOver, SecondUpgrade, SwitchBack]);
    world.push('b', Definition::Good);
    for (phase, other) in [(SwitchOver, SecondUpgrade), (SecondUpgrade, SwitchOver), (SwitchBack, SecondUpgrade)] {
        let number = phase.number();
        world.until(ALL, "it waits", |world| waits(world, phase));
        world.fleet.restart();
        world.pass(LONG);
        assert_eq!(world.phases(), (2, number - 1, number - 1), "{}", world.lines());
        assert_eq!(world.fleet.line(), "True WaitingForStart main@aaaaaaa next main@bbbbbbb");
        let said = world.fleet.message();
        assert!(said.contains(&format!("3 of 3 instances; phase {number} waits for StartPhase")), "{said}");
        let wrong = world.started(other, None);
        let (right, again) = (world.started(phase, None), world.started(phase, None));
        world.tick();
        let name = world.fleet.name_of(2);
        let waits = format!("Refused: {name} waits for phase {number} ({})", phase.word());
        assert_eq!(world.fleet.answer(wrong), waits);
        assert_eq!(world.fleet.answer(right), format!("Done: {name}: phase {number} ({}) begins", phase.word()));
        assert!(world.fleet.answer(again).ends_with("was started already"), "{}", world.fleet.answer(again));
        world.until(LONG, "it begins", |world| world.phases().1 == number);
        let late = world.started(phase, None);
        world.tick();
        assert!(world.fleet.answer(late).starts_with("Refused: "), "{}", world.fleet.answer(late));
    }
    world.until(ALL, "it is live", |world| is_live(world, 'b'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn what_was_started_is_that_passage_and_no_other() {
    let mut world = waiting(&[PhaseName::SwitchOver]);
    // It is started, but does not come to it.
    world.fleet.edit(|spec| spec.suspend = Some(true));
    let started = world.started(PhaseName::SwitchOver, None);
    world.pass(3);
    assert!(world.fleet.answer(started).starts_with("Done"), "{}", world.fleet.answer(started));
    let first = world.fleet.name_of(1);
    world.fleet.decided(Verb::RollBack, Some(&first));
    world.fleet.edit(|spec| spec.suspend = None);
    world.until(ALL, "the version before goes through its phases", |world| world.phases() == (3, 4, 4));
    world.fleet.decided(Verb::Resume, None);
    world.until(ALL, "it comes again", |world| world.phases() == (4, 1, 1));
    world.pass(LONG);
    assert_eq!((world.phases(), world.serving('a')), ((4, 1, 1), 3), "it waits again");
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn a_newer_commit_takes_the_place_of_one_that_waits_to_take_over_and_waits_itself() {
    let mut world = waiting(&[PhaseName::SwitchOver]);
    world.push('c', Definition::Good);
    world.until(ALL, "the newer one waits", |world| world.phases() == (3, 1, 1));
    let second = world.fleet.name_of(2);
    let of_the_one_before = world.started(PhaseName::SwitchOver, Some(&second));
    world.pass(LONG);
    let answer = world.fleet.answer(of_the_one_before);
    let third = world.fleet.name_of(3);
    assert_eq!(answer, format!("Refused: spec.release: what goes through the phases is {third}"));
    assert_eq!((world.phases(), world.serving('a')), ((3, 1, 1), 3));
    world.started(PhaseName::SwitchOver, Some(&third));
    world.until(ALL, "it is live", |world| is_live(world, 'c'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn who_brings_a_version_back_waits_for_nobody() {
    use PhaseName::{SecondUpgrade, SwitchOver};
    let mut world = waiting(&[SwitchOver, SecondUpgrade]);
    world.started(SwitchOver, None);
    world.until(ALL, "it serves, and waits", |world| waits(world, SecondUpgrade));
    assert_eq!(world.serving('b'), 3);
    let first = world.fleet.name_of(1);
    world.fleet.decided(Verb::RollBack, Some(&first));
    world.until(ALL, "it is back", |world| world.phases() == (3, 4, 4));
    assert_eq!(world.serving('a'), 3);
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}

#[test]
fn an_instance_that_is_in_trouble_meanwhile_is_told() {
    let mut world = waiting(&[PhaseName::SwitchOver]);
    world.instances.get_mut("002").unwrap().secrets = false;
    let told = "False InstancesFailed main@aaaaaaa next main@bbbbbbb";
    world.until(LONG, "it is told", |world| world.fleet.line() == told);
    let said = world.fleet.message();
    assert!(said.contains("002: SecretMissing") && said.contains("phase 2 waits for StartPhase SwitchOver"), "{said}");
    world.instances.get_mut("002").unwrap().secrets = true;
    world.until(LONG, "it is well", |world| waits(world, PhaseName::SwitchOver));
}

#[test]
fn nor_is_that_hidden_by_a_gate() {
    let mut given = spec();
    given["gates"] = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    let mut world = FleetWorld::new(&given);
    world.until(ALL, "phase 1 ends", |world| world.phases() == (1, 1, 1));
    world.fleet.said(Verb::Approve, "bob", 1, None);
    world.until(ALL, "it is live", |world| is_live(world, 'a'));
    world.push('b', Definition::Good);
    world.until(ALL, "it waits", |world| world.fleet.line().starts_with("True WaitingForApproval"));
    world.instances.get_mut("002").unwrap().secrets = false;
    let told = "False InstancesFailed main@aaaaaaa next main@bbbbbbb";
    world.until(LONG, "it is told", |world| world.fleet.line() == told);
    let said = world.fleet.message();
    assert!(said.contains("002: SecretMissing") && said.contains("waits to take over at gate ops"), "{said}");
    assert_eq!(world.fleet.condition("HeldBack"), "", "nothing was refused");
}

/// What a person begins begins once nothing else keeps it.
#[rstest]
#[case::it_is_suspended(json!({ "suspend": true }), "begins once spec.suspend is false")]
#[case::no_cores_are_wanted(json!({ "replicas": 0 }), "begins once spec.replicas is more than 0")]
#[case::a_gate_is_shut(
    json!({ "gates": [{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }] }),
    "begins once the gates before it are open"
)]
fn it_is_said_when_what_was_started_begins(#[case] edit: Value, #[case] when: &str) {
    let mut world = waiting(&[PhaseName::SwitchOver]);
    world.fleet.edit(|spec| {
        let mut given = serde_json::to_value(&*spec).unwrap();
        given.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
        *spec = serde_json::from_value(given).unwrap();
    });
    world.pass(60);
    let action = world.started(PhaseName::SwitchOver, None);
    world.tick();
    let answer = world.fleet.answer(action);
    assert!(answer.starts_with("Done: ") && answer.ends_with(when), "{answer}");
    world.pass(LONG);
    assert_eq!(world.phases(), (2, 1, 1), "nor does it begin before");
}

#[test]
fn where_nothing_waits_there_is_nothing_to_start() {
    let mut world = FleetWorld::live(&spec());
    let nothing = world.started(PhaseName::SwitchOver, None);
    world.tick();
    let name = world.fleet.name_of(1);
    let refused = format!("Refused: {name} does not wait for a person: phase 4 of 4 is over");
    assert_eq!(world.fleet.answer(nothing), refused);
    let of_one = world.instances.get_mut("002").unwrap();
    let action = of_one.decided(Verb::StartPhase, None);
    of_one.actions[action].spec.phase = Some(PhaseName::SwitchOver);
    of_one.tick();
    let refused = "Refused: only with strategy.activeStandby.instances there are phases";
    assert_eq!(of_one.answer(action), refused);
}
