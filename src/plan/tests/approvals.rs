//! Gates that wait for people, as short stories.

use super::world::{Definition, World};
use crate::api::v1alpha1::{GateState, ReleaseState, Verb};
use crate::plan::Effect;
use serde_json::{Value, json};

/// One commit is live, the next waits at the gate `ops`.
fn waiting(approval: &Value) -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.edit(|spec| spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": approval }])).unwrap());
    world.push('b', Definition::Good);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForApproval main@aaaaaaa next main@bbbbbbb");
    world
}

fn says(world: &mut World, verb: Verb, who: &str, number: i64) -> String {
    let action = world.said(verb, who, number, None);
    world.tick();
    world.answer(action)
}

#[test]
fn an_approval_opens_its_gate_within_a_second() {
    let mut world = waiting(&json!({ "required": 1 }));
    assert_eq!(
        world.message(),
        "bbbbbbb waits at gate ops: 0 of 1 approvals. aaaaaaa keeps serving. Approve or Reject by a TengineAction, if you may."
    );
    let name = world.name_of(2);
    assert_eq!(
        says(&mut world, Verb::Approve, "bob", 2),
        format!("Done: gate ops is approved for {name} (main@bbbbbbb)")
    );
    world.tick();
    assert_eq!(world.told(), Some(name), "the next plan, which the answer wakes, begins the roll-out");
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let gate = &world.release(2).gates[0];
    assert_eq!((gate.state, gate.message.as_str()), (GateState::Open, "approved by bob"));
}

#[test]
fn several_have_to_approve_and_one_person_counts_once() {
    let mut world = waiting(&json!({ "required": 2 }));
    says(&mut world, Verb::Approve, "bob", 2);
    world.tick();
    assert!(world.message().starts_with("bbbbbbb waits at gate ops: 1 of 2 approvals (bob). "), "{}", world.message());
    let name = world.name_of(2);
    assert_eq!(says(&mut world, Verb::Approve, "bob", 2), format!("Refused: bob has approved release {name} already"));
    world.pass(30);
    assert_eq!(world.pods_of('b'), 0);
    says(&mut world, Verb::Approve, "carol", 2);
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn only_those_whose_word_counts_and_not_the_author() {
    let from = json!({ "users": ["bob"], "groups": ["release"] });
    let mut world = waiting(&json!({ "required": 2, "from": from, "notAuthor": true }));
    world.record(2, |status| status.author = Some("Bob".into()));
    assert_eq!(
        says(&mut world, Verb::Approve, "mallory", 2),
        "Refused: mallory is none of those whose word counts there: bob, group release"
    );
    assert_eq!(says(&mut world, Verb::Approve, "bob", 2), "Refused: bob is the author of the commit");
    assert!(says(&mut world, Verb::Approve, "carol/release", 2).starts_with("Done: "));
    assert!(says(&mut world, Verb::Approve, "dave/release", 2).starts_with("Done: "));
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn an_approval_is_for_one_image_and_holds_for_no_other() {
    let mut world = waiting(&json!({ "required": 1 }));
    world.push('c', Definition::Good);
    says(&mut world, Verb::Approve, "bob", 2);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForApproval main@bbbbbbb next main@ccccccc", "the approved one went live");
    assert_eq!((world.pods_of('b'), world.pods_of('c')), (2, 0));
    let name = world.name_of(2);
    assert_eq!(says(&mut world, Verb::Approve, "bob", 2), format!("Refused: release {name} does not wait at a gate"));
}

#[test]
fn one_reject_keeps_the_gate_shut_until_the_same_person_approves() {
    let mut world = waiting(&json!({ "required": 1 }));
    says(&mut world, Verb::Reject, "bob", 2);
    says(&mut world, Verb::Approve, "carol", 2);
    world.pass(30);
    assert!(
        world.message().starts_with("bbbbbbb waits at gate ops: bob rejected it: it has to be. "),
        "{}",
        world.message()
    );
    world.restart();
    world.pass(30);
    assert_eq!(world.pods_of('b'), 0, "a new process remembers");
    says(&mut world, Verb::Approve, "bob", 2);
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn an_approval_that_ran_out_before_it_was_used_counts_no_more() {
    let mut world = waiting(&json!({ "required": 2, "expires": "1m" }));
    says(&mut world, Verb::Approve, "bob", 2);
    world.pass(10);
    assert!(world.message().contains("1 of 2 approvals (bob)"));
    assert!(world.decide().next <= std::time::Duration::from_secs(50), "it is planned again when it runs out");
    world.pass(60);
    assert!(world.message().contains("0 of 2 approvals"), "{}", world.message());
    assert!(says(&mut world, Verb::Approve, "bob", 2).starts_with("Done: "), "and can be given again");
}

#[test]
fn an_override_opens_any_gate_and_its_reason_stays_to_be_seen() {
    let mut world = waiting(&json!({ "required": 3 }));
    let action = world.said(Verb::Override, "root", 2, Some("ops"));
    world.pass(40);
    assert!(world.answer(action).starts_with("Done: gate ops is opened for "), "{}", world.answer(action));
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let gate = &world.release(2).gates[0];
    assert_eq!((gate.state, gate.message.as_str()), (GateState::Overridden, "root overrode it: it has to be"));
    world.push('c', Definition::Good);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForApproval main@bbbbbbb next main@ccccccc", "the next one waits again");
}

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    let mut world = waiting(&json!({ "required": 1 }));
    let refused = |world: &mut World, verb, number, gate: Option<&str>, want: &str| {
        let action = world.said(verb, "bob", number, gate);
        world.tick();
        assert_eq!(world.answer(action), format!("Refused: {want}"));
    };
    let first = world.name_of(1);
    refused(&mut world, Verb::Approve, 2, Some("nobody"), "spec.gate: there is no gate nobody");
    refused(&mut world, Verb::Approve, 1, None, &format!("release {first} does not wait at a gate"));
    let action = world.decided(Verb::Approve, None);
    world.tick();
    assert_eq!(world.answer(action), "Refused: spec.release: name the release that you speak of");
    let second = world.name_of(2);
    let action = world.decided(Verb::RollBack, Some(&second));
    world.tick();
    assert_eq!(
        world.answer(action),
        format!("Refused: release {second} has never served, and not all gates let it pass"),
        "nobody goes around a gate"
    );
}

#[test]
fn what_was_said_of_a_version_that_waits_outlives_the_limit_of_actions() {
    let mut world = waiting(&json!({ "required": 2 }));
    says(&mut world, Verb::Approve, "bob", 2);
    for _ in 0..60 {
        world.decided(Verb::Resume, None);
        world.tick();
    }
    world.pass(20);
    assert_eq!(world.actions.len(), 51);
    assert!(world.message().contains("1 of 2 approvals (bob)"), "{}", world.message());
}

#[test]
fn an_approval_is_for_these_settings_and_holds_for_no_others() {
    let mut world = waiting(&json!({ "required": 1 }));
    says(&mut world, Verb::Approve, "bob", 2);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let told = world.told();
    world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = "other".into());
    world.pass(60);
    assert_eq!(world.line(), "True WaitingForApproval main@bbbbbbb next main@bbbbbbb");
    assert_eq!(world.told(), told);
    says(&mut world, Verb::Approve, "bob", 3);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn what_was_said_of_these_settings_is_not_taken_back_by_a_word_about_others() {
    let mut world = waiting(&json!({ "required": 1 }));
    let queue = |world: &mut World, host: &str| {
        world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = host.into());
        world.pass(60);
    };
    says(&mut world, Verb::Reject, "alice", 2);
    queue(&mut world, "other");
    says(&mut world, Verb::Approve, "alice", 3);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let (told, other) = (world.told(), world.name_of(3));
    assert_eq!(told, Some(other));
    queue(&mut world, "mq");
    assert_eq!(world.told(), told, "nobody took the Reject back");
    assert!(world.message().contains("alice rejected it"), "{}", world.message());
    // One person is one, whatever they said of releases that come out the same.
    says(&mut world, Verb::Approve, "alice", 2);
    world.pass(60);
    assert_eq!((world.told(), world.line()), (Some(world.name_of(2)), "True UpToDate main@bbbbbbb".to_owned()));
}

#[test]
fn what_one_overrode_opens_no_gate_for_a_later_release_of_the_same_image() {
    let mut world = waiting(&json!({ "required": 1 }));
    world.same_tree = true;
    world.push('c', Definition::Good);
    world.pass(70);
    world.said(Verb::Override, "alice", 3, Some("ops"));
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
    world.push('d', Definition::Good);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForApproval main@ccccccc next main@ddddddd");
    assert_eq!(world.release(3).image, world.release(4).image);
}

/// The schema takes 1024 characters, and what it refuses is never answered or written at all.
#[test]
fn texts_of_people_are_cut_to_what_can_be_written() {
    let users: Vec<String> = (0..32).map(|number| format!("{number:060}")).collect();
    let mut world = waiting(&json!({ "required": 2, "from": { "users": users } }));
    let answer = says(&mut world, Verb::Approve, "mallory", 2);
    assert!(answer.starts_with("Refused: mallory is none of those whose word counts there: 000"), "{answer}");
    assert!(answer.ends_with('…'), "{answer}");
    let action = world.said(Verb::Override, "alice", 2, Some("ops"));
    world.actions[action].spec.reason = Some("é".repeat(1024));
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let gate = &world.release(2).gates[0];
    assert!(gate.message.starts_with("alice overrode it: éé") && gate.message.ends_with('…'), "{}", gate.message);
    let plan = world.decide();
    assert!(!plan.effects.iter().any(|effect| matches!(effect, Effect::RecordRelease { .. })), "{:?}", plan.effects);
}

#[test]
fn abort_ends_the_roll_out_and_not_the_newer_commit_that_waits() {
    let mut world = waiting(&json!({ "required": 1 }));
    world.push('c', Definition::Good);
    world.pass(70);
    says(&mut world, Verb::Approve, "bob", 2);
    world.tick();
    let (second, third) = (world.name_of(2), world.name_of(3));
    assert_eq!(world.told(), Some(second.clone()));
    assert!(world.release(2).verified_at.is_none());
    let action = world.decided(Verb::Abort, None);
    world.pass(30);
    assert_eq!(world.answer(action), format!("Done: {second} is rejected; what was verified before it serves"));
    assert_eq!(world.release(2).state, Some(ReleaseState::Aborted));
    assert!(world.release(3).rejected_at.is_none(), "{third} never began");
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.pods_of('c')), (2, 0, 0));
}

#[test]
fn abort_takes_the_roll_out_or_the_newest_commit_by_name() {
    let mut world = waiting(&json!({ "required": 1 }));
    world.push('c', Definition::Good);
    world.pass(70);
    says(&mut world, Verb::Approve, "bob", 2);
    world.tick();
    let (first, second, third) = (world.name_of(1), world.name_of(2), world.name_of(3));
    let serves = world.decided(Verb::Abort, Some(&first));
    let newest = world.decided(Verb::Abort, Some(&third));
    let rolling = world.decided(Verb::Abort, Some(&second));
    world.tick();
    assert_eq!(world.answer(serves), format!("Refused: spec.release: what is under way is {second} and {third}"));
    assert_eq!(world.answer(newest), format!("Done: {third} is rejected; {second} goes on"));
    assert_eq!(world.answer(rolling), format!("Done: {second} is rejected; what was verified before it serves"));
}
