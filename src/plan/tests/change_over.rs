//! Gates before the change-over, as short stories.

use super::world::{Definition, World};
use crate::api::v1alpha1::{GateBefore, GateState, ReleaseState, StrategyType, Verb};
use crate::plan::{Effect, validate};
use rstest::rstest;
use serde_json::{Value, json};

const BOTH: [&str; 2] = ["HandOver", "ActiveStandby"];
/// Long enough that somebody waits.
const LONG: u32 = 90;

pub fn spec(strategy: &str) -> Value {
    let gates = json!([{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }]);
    json!({ "strategy": { "type": strategy }, "gates": gates })
}

/// The first commit is live; it was approved.
pub fn live(strategy: &str) -> World {
    let mut world = World::new(&spec(strategy));
    world.pass(LONG);
    approve(&mut world, 1);
    world.pass(LONG);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2), "{strategy}");
    (world.fewest_ready, world.most_consuming, world.most_turns) = (usize::MAX, 0, 0);
    world
}

/// The second one has loaded, and waits.
fn waiting(strategy: &str) -> World {
    let mut world = live(strategy);
    world.push('b', Definition::Good);
    world.pass(LONG);
    assert_eq!(world.line(), "True WaitingForApproval main@aaaaaaa next main@bbbbbbb", "{}", world.message());
    world
}

fn approve(world: &mut World, number: i64) {
    let action = world.said(Verb::Approve, "bob", number, None);
    world.tick();
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
}

fn passes_to_its_stop(world: &mut World) {
    let stops = |world: &World| world.decide().effects.iter().any(|effect| matches!(effect, Effect::Stop { .. }));
    for _ in 0..100 {
        if stops(world) {
            break;
        }
        world.tick();
    }
    assert!(stops(world), "{}", world.line());
    world.tick();
}

#[rstest]
fn a_version_loads_and_waits_and_takes_over_once_the_gate_is_open(
    #[values("HandOver", "ActiveStandby")] strategy: &str,
) {
    let mut world = waiting(strategy);
    assert_eq!(
        world.message(),
        "bbbbbbb has loaded, and waits to take over at gate ops: 0 of 1 approvals. aaaaaaa keeps serving. Approve or Reject by a \
         TengineAction, if you may."
    );
    assert!(world.condition("GatesOpen").starts_with("False WaitingForApproval: bbbbbbb waits at gate ops"));
    assert!(world.condition("HeldBack").starts_with("True WaitingForApproval"), "{}", world.condition("HeldBack"));
    let gate = world.release(2).gates[0].clone();
    assert_eq!((gate.state, gate.before), (GateState::Waiting, Some(GateBefore::SwitchOver)));
    assert!(gate.arrived_at.is_some() && world.undone().is_empty(), "{:?}", world.undone());
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 2, 2));
    let lines = world.object.status.clone().unwrap().progress.unwrap().steps;
    let line = |begins: &str| lines.iter().position(|line| line.starts_with(begins)).unwrap();
    assert!(line("RollOut: Running") < line("Gate ops: Waiting since") && line("Gate ops") < line("Verification"));
    approve(&mut world, 2);
    let gap = (0..60).filter(|_| {
        world.tick();
        world.cluster.consuming() == 0
    });
    let gap = gap.count();
    assert!((1..=4).contains(&gap), "{gap} seconds without a core");
    world.pass(LONG);
    assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1));
    let (took, gate) = (world.release(2).took.unwrap(), world.release(2).gates[0].clone());
    assert_eq!((gate.state, gate.message.as_str()), (GateState::Open, "approved by bob"));
    assert!(took.people.is_some(), "{took:?}");
}

#[test]
fn the_first_version_waits_too() {
    for strategy in BOTH {
        let mut world = World::new(&spec(strategy));
        world.pass(LONG);
        assert_eq!(world.line(), "False WaitingForApproval - next main@aaaaaaa", "{strategy}");
        assert_eq!((world.cluster.waiting(), world.most_consuming), (2, 0));
        approve(&mut world, 1);
        world.pass(LONG);
        assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True UpToDate main@aaaaaaa", 2));
    }
}

#[test]
fn a_gate_before_the_roll_out_comes_first() {
    let mut world = live("HandOver");
    let gates = json!([
        { "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } },
        { "name": "lead", "before": "RollOut", "approval": { "required": 1 } },
    ]);
    world.edit(|spec| spec.gates = serde_json::from_value(gates).unwrap());
    world.push('b', Definition::Good);
    world.pass(LONG);
    assert!(
        world.message().starts_with("bbbbbbb waits at gate lead: 0 of 1 approvals; gate ops: "),
        "{}",
        world.message()
    );
    assert_eq!(world.pods_of('b'), 0);
    world.said(Verb::Approve, "bob", 2, Some("lead"));
    world.pass(LONG);
    assert!(
        world.message().starts_with("bbbbbbb has loaded, and waits to take over at gate ops: "),
        "{}",
        world.message()
    );
    let again = world.said(Verb::Reject, "bob", 2, Some("lead"));
    world.tick();
    assert!(world.answer(again).contains("has passed gate lead already"), "{}", world.answer(again));
    let states: Vec<_> = world.release(2).gates.iter().map(|gate| (gate.name.clone(), gate.state)).collect();
    assert_eq!(states, [("lead".to_owned(), GateState::Open), ("ops".to_owned(), GateState::Waiting)]);
    world.said(Verb::Approve, "bob", 2, Some("ops"));
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_newer_commit_takes_the_place_and_one_that_is_approved_takes_it_back() {
    for strategy in BOTH {
        let mut world = waiting(strategy);
        world.push('c', Definition::Good);
        world.pass(LONG);
        assert!(world.message().starts_with("ccccccc has loaded, and waits"), "{}", world.message());
        assert_eq!((world.pods_of('b'), world.pods_of('c'), world.release(2).state), (0, 2, Some(ReleaseState::Built)));
        approve(&mut world, 2);
        let mut order = Vec::new();
        for _ in 0..150 {
            world.tick();
            let (_, serves, _) = world.serving().unwrap();
            if order.last() != Some(&serves) {
                order.push(serves);
            }
        }
        assert_eq!(order, [world.name_of(1), world.name_of(2)], "{strategy}");
        assert!(world.message().starts_with("ccccccc has loaded, and waits"), "{}", world.message());
        assert_eq!((world.most_consuming, world.fewest_ready), (1, 0), "b took over, c waits");
    }
}

#[test]
fn what_waits_there_is_no_roll_out_that_a_newer_commit_has_to_wait_for() {
    let mut spec = spec("HandOver");
    spec["strategy"]["progressDeadline"] = json!("1h");
    let mut world = World::new(&spec);
    world.pass(60);
    approve(&mut world, 1);
    world.pass(60);
    for (digit, short) in [('b', "bbbbbbb"), ('c', "ccccccc")] {
        world.push(digit, Definition::Good);
        world.pass(100);
        assert!(world.message().starts_with(&format!("{short} has loaded, and waits")), "{}", world.message());
    }
}

/// Every five seconds, for ten minutes, sooner than any loads.
#[test]
fn a_stream_of_commits_starves_nobody_who_is_approved() {
    let mut world = waiting("HandOver");
    let others = "cdef".chars().cycle();
    for (second, digit) in (0..600).zip(others.flat_map(|digit| std::iter::repeat_n(digit, 5))) {
        world.push(digit, Definition::Good);
        world.tick();
        if second == 300 {
            approve(&mut world, 2);
        }
    }
    let (_, serves, _) = world.serving().unwrap();
    assert_eq!(serves, world.name_of(2), "{}", world.line());
}

#[test]
fn who_brings_a_release_back_need_not_wait_and_nobody_goes_around_the_gate() {
    for strategy in BOTH {
        let mut world = waiting(strategy);
        let second = world.name_of(2);
        let around = world.decided(Verb::RollBack, Some(&second));
        world.tick();
        let refusal = format!("Refused: release {second} has never served, and not all gates let it pass");
        assert_eq!(world.answer(around), refusal);
        approve(&mut world, 2);
        world.pass(LONG);
        assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
        let again = world.said(Verb::Reject, "bob", 1, None);
        world.tick();
        assert!(world.answer(again).starts_with("Refused"), "{}", world.answer(again));
        world.decided(Verb::RollBack, None);
        world.pass(LONG);
        assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb", "{strategy}");
    }
}

#[test]
fn a_version_that_served_before_waits_where_it_is_wanted_again() {
    let mut world = waiting("HandOver");
    approve(&mut world, 2);
    world.pass(LONG);
    world.record(1, |status| status.verified_at.clone_from(&status.served_at));
    world.actions.clear();
    world.push('a', Definition::Good);
    world.pass(LONG);
    assert_eq!(world.line(), "True WaitingForApproval main@bbbbbbb next main@aaaaaaa", "{}", world.message());
    assert!(world.message().starts_with("aaaaaaa has loaded, and waits to take over"), "{}", world.message());
}

#[test]
fn a_version_that_turns_out_bad_falls_back_without_waiting() {
    let mut world = World::new(&json!({
        "strategy": { "type": "HandOver" }, "rollback": { "mode": "Automatic", "watch": "1h" },
        "gates": spec("HandOver")["gates"],
    }));
    world.pass(LONG);
    approve(&mut world, 1);
    world.pass(LONG);
    world.push('b', Definition::Breaks);
    world.pass(LONG);
    approve(&mut world, 2);
    // What was said of the first one holds no more.
    world.actions.retain(|action| action.spec.release.as_deref() != Some("billing-0001-aaaaaaa"));
    world.pass(300);
    assert_eq!(world.pods_of('b'), 0, "{}", world.line());
    assert!(
        world.line().contains(" main@aaaaaaa next main@bbbbbbb") && world.cluster.ready_cores() == 2,
        "{}",
        world.line()
    );
}

#[test]
fn abort_ends_what_waits_there() {
    for strategy in BOTH {
        let mut world = waiting(strategy);
        let abort = world.decided(Verb::Abort, None);
        world.pass(LONG);
        assert!(world.answer(abort).starts_with("Done"), "{}", world.answer(abort));
        assert_eq!((world.pods_of('b'), world.fewest_ready), (0, 2), "{strategy}: {}", world.line());
        assert_eq!(world.cluster.waiting(), if strategy == "HandOver" { 0 } else { 2 });
    }
}

#[test]
fn once_the_others_were_told_to_end_it_is_not_asked_again() {
    for strategy in BOTH {
        let mut world = waiting(strategy);
        approve(&mut world, 2);
        world.cluster.environment.node_lost = true;
        passes_to_its_stop(&mut world);
        let reject = world.said(Verb::Reject, "bob", 2, None);
        world.pass(30);
        let refusal = format!("Refused: release {} does not wait at a gate", world.name_of(2));
        assert_eq!((world.answer(reject), world.wanted_of('a')), (refusal, 0), "{strategy}");
        world.cluster.environment.node_lost = false;
        world.pass(LONG);
        assert_eq!((world.line().as_str(), world.most_consuming), ("True UpToDate main@bbbbbbb", 1), "{strategy}");
    }
}

#[test]
fn who_ends_what_serves_by_hand_opens_no_gate() {
    for (strategy, pods) in
        [("HandOver", Some(0)), ("HandOver", None), ("ActiveStandby", Some(0)), ("ActiveStandby", None)]
    {
        let mut world = waiting(strategy);
        let (name, serves, _) = world.serving().unwrap();
        world.cluster.by_hand(&name, pods);
        world.pass(60);
        let (_, still, wanted) = world.serving().unwrap();
        assert_eq!((still, wanted), (serves, 2), "{strategy} {pods:?}");
        assert_eq!((world.pods_of('a'), world.cluster.ready_cores()), (2, 2), "{strategy} {pods:?}: {}", world.line());
    }
}

#[test]
fn what_serves_and_is_not_all_there_is_said() {
    let mut world = waiting("HandOver");
    world.cluster.environment.unschedulable = true;
    world.cluster.evict();
    world.pass(20);
    assert_eq!(world.line(), "False Unavailable main@aaaaaaa next main@bbbbbbb");
    assert!(
        world.message().starts_with("1 of 2 cores ready. bbbbbbb has loaded, and waits to take over"),
        "{}",
        world.message()
    );
}

#[test]
fn those_that_wait_take_over_from_those_that_die_whatever_the_gate_says() {
    let mut world = live("ActiveStandby");
    world.actions.clear();
    super::standby::both_die(&mut world);
    world.pass(5);
    assert_eq!(world.cluster.ready_cores(), 2, "{}", world.line());
    world.pass(LONG);
    assert_eq!(
        (world.line().as_str(), world.cluster.waiting(), world.most_turns),
        ("True UpToDate main@aaaaaaa", 2, 1)
    );
}

#[test]
fn as_long_as_a_version_waits_there_nobody_stands_by_for_what_serves() {
    let mut world = waiting("ActiveStandby");
    assert_eq!(
        world.condition("StandbyReady"),
        "False Progressing: nobody waits beside aaaaaaa: bbbbbbb has the place, and waits to take over at gate ops: 0 of 1 approvals."
    );
    super::standby::both_die(&mut world);
    world.pass(30);
    let (_, serves, _) = world.serving().unwrap();
    assert_eq!((serves, world.cluster.ready_cores()), (world.name_of(1), 2), "Kubernetes starts them again");
}

#[test]
fn a_new_operator_that_does_not_know_what_is_wanted_lets_nobody_begin() {
    for strategy in BOTH {
        let mut world = waiting(strategy);
        world.head = Err((crate::api::v1alpha1::condition::Reason::Unreachable, false));
        world.restart();
        world.pass(60);
        let (_, serves, _) = world.serving().unwrap();
        assert_eq!((serves, world.fewest_ready), (world.name_of(1), 2), "{strategy}: {}", world.line());
        approve(&mut world, 2);
        world.pass(10);
        assert_eq!(world.serving().unwrap().1, world.name_of(2), "who approves is heard all the same");
    }
}

#[test]
fn a_gate_that_is_taken_out_of_the_spec_holds_nobody_and_one_that_is_put_in_holds_what_has_not_begun() {
    let mut world = waiting("HandOver");
    let gates = std::mem::take(&mut world.object.spec.gates);
    world.edit(|spec| spec.gates.clear());
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.push('c', Definition::Good);
    for _ in 0..LONG {
        if world.pods_of('c') == 0 {
            world.tick();
        }
    }
    world.edit(|spec| spec.gates = gates);
    world.pass(60);
    assert_eq!(world.line(), "True WaitingForApproval main@bbbbbbb next main@ccccccc");
}

#[test]
fn with_a_strategy_that_takes_no_turns_it_is_an_invalid_spec() {
    for strategy in [StrategyType::RollingUpdate, StrategyType::Recreate] {
        let mut world = World::new(&spec("HandOver"));
        world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(strategy));
        let problems = validate(&world.object).unwrap_err();
        let said = &problems[0].message;
        let named = ["spec.gates[ops].before", "SwitchOver", "HandOver or ActiveStandby"]
            .iter()
            .all(|word| said.contains(word));
        assert!(named && problems.len() == 1, "{problems:?}");
    }
}

/// A version goes live, the next one waits, is approved and takes over; the one after it waits and is aborted.
fn life(strategy: &str, killed: Option<usize>) -> World {
    let mut world = World::new(&spec(strategy));
    world.killed = killed;
    world.pass(LONG);
    world.said(Verb::Approve, "bob", 1, None);
    world.pass(LONG);
    world.push('b', Definition::Good);
    world.pass(100);
    let (_, serves, _) = world.serving().unwrap();
    assert_eq!(serves, world.name_of(1), "killed after {killed:?}");
    world.said(Verb::Approve, "bob", 2, None);
    world.pass(LONG);
    world.push('c', Definition::Good);
    world.pass(100);
    world.decided(Verb::Abort, None);
    world.pass(LONG);
    world
}

#[rstest]
fn an_operator_that_is_killed_after_any_write_ends_where_it_would_have(
    #[values("HandOver", "ActiveStandby")] strategy: &str,
) {
    let undisturbed = life(strategy, None);
    assert_eq!(undisturbed.line(), "False Aborted main@bbbbbbb next main@ccccccc");
    let step = if super::laws::times() > 1 { 1 } else { 23 };
    for killed in (1..=undisturbed.written).step_by(step) {
        let world = life(strategy, Some(killed));
        let ends = |world: &World| (world.line(), world.pods_of('b'), world.cluster.waiting(), world.most_consuming);
        assert_eq!(ends(&world), ends(&undisturbed), "killed after write {killed}");
    }
}
