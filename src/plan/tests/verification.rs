//! Verification, the watch after it, and what comes of a failure, as short stories.

use super::checks::{live, step, verified};
use super::jobs::Fate;
use super::world::{Definition, World};
use crate::api::v1alpha1::{ReleaseState, StepName, StepState, Verb};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn asked() -> Value {
    let query = json!({ "url": "http://prometheus:9090", "expression": "errors", "atMost": "0.5" });
    json!({ "checks": { "verification": { "checks": [{ "name": "errors", "query": query }] } } })
}

/// Alice goes back while the verification is under way, and forth again: what was looked at between is not this roll-out.
#[test]
fn a_verification_speaks_of_the_pods_that_were_there_before_it_began() {
    let mut world = live(&verified());
    world.push('b', Definition::Good);
    while world.jobs.running() == 0 {
        world.pass(1);
    }
    world.jobs.fate = Fate::Hangs;
    let first = world.name_of(1);
    world.decided(Verb::RollBack, Some(&first));
    world.pass(60);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
    world.pass(400);
    world.jobs.fate = Fate::Runs;
    world.decided(Verb::Resume, None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_release_counts_as_verified_only_once_its_verification_passed() {
    let mut world = live(&verified());
    world.push('b', Definition::Good);
    let mut seen = Vec::new();
    for _ in 0..90 {
        world.tick();
        let status = world.find_release(2).unwrap_or_default();
        assert_eq!(status.verified_at.is_some(), status.state == Some(ReleaseState::Verified));
        if seen.last() != Some(&world.line()) {
            seen.push(world.line());
        }
    }
    assert_eq!(seen[seen.len() - 2..], ["Unknown Verifying main@bbbbbbb", "True UpToDate main@bbbbbbb"]);
    assert_eq!(step(&world, 2, StepName::Verification), StepState::Done);
    let times: Vec<_> = world.release(2).steps.iter().filter_map(|step| Some(step.until.as_ref()?.0)).collect();
    assert!(times.len() >= 3 && times.is_sorted(), "{times:?}");
}

#[test]
fn a_failed_verification_brings_the_release_before_back_and_sticks() {
    let mut world = live(&verified());
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::FailsChecks);
    world.pass(120);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.condition("HeldBack"),
        "True FellBack: bbbbbbb: check smoke failed: exit code 1: expected 2, got 3. aaaaaaa serves again. Push a fix; it is tried \
         by itself. Retry verifies this one again."
    );
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 0, 2));
    assert_eq!(world.release(2).state, Some(ReleaseState::VerificationFailed));
    let starts = world.jobs.starts();
    world.restart();
    world.pass(120);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.jobs.starts(), starts, "never a loop");
    world.push('c', Definition::Good);
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_first_release_that_fails_its_verification_stays_for_want_of_another() {
    let mut world = World::new(&verified());
    world.commits.insert(super::world::commit('a'), Definition::FailsChecks);
    world.pass(120);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa");
    let starts = world.jobs.starts();
    world.pass(120);
    assert_eq!((world.line(), world.jobs.starts()), ("False VerificationFailed main@aaaaaaa".into(), starts));
}

#[test]
fn where_a_person_decides_a_failed_release_stays_until_somebody_does() {
    let mut spec = verified();
    spec["rollback"] = json!({ "mode": "Manual" });
    let mut world = live(&spec);
    world.push('b', Definition::FailsChecks);
    world.pass(120);
    assert_eq!(world.line(), "False VerificationFailed main@bbbbbbb");
    assert!(world.message().contains("It serves on, as rollback.mode says"), "{}", world.message());
    assert_eq!(world.pods_of('b'), 2);
    let before = world.name_of(1);
    world.decided(Verb::RollBack, Some(&before));
    world.pass(60);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
}

#[test]
fn pods_have_to_be_ready_for_a_while_where_that_is_asked() {
    let mut world = live(&json!({ "checks": { "verification": { "minReady": "40s" } } }));
    world.push('b', Definition::Good);
    while world.line() != "Unknown Verifying main@bbbbbbb" {
        world.tick();
    }
    world.pass(30);
    assert!(world.message().contains("have to be ready for 40 s"), "{}", world.message());
    world.pass(20);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_number_beyond_the_threshold_takes_the_release_back() {
    let mut world = live(&asked());
    world.prometheus = Ok(0.75);
    world.push('b', Definition::Good);
    world.pass(120);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    assert!(world.message().contains("check errors failed: errors is 0.75, at most 0.5 is asked for"));
}

#[test]
fn a_query_without_a_number_waits_and_is_asked_again() {
    let mut world = live(&asked());
    world.prometheus = Err("the query gives 3 series".into());
    world.push('b', Definition::Good);
    world.pass(100);
    assert_eq!(world.line(), "False QueryFailed main@bbbbbbb");
    assert!(world.message().starts_with("bbbbbbb: check errors: the query gives 3 series."), "{}", world.message());
    assert!(world.asked["prometheus"] < 12, "not each second: {}", world.asked["prometheus"]);
    world.prometheus = Ok(0.1);
    world.pass(20);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_release_that_breaks_while_it_is_watched_is_taken_back() {
    let mut world = live(&Value::Null);
    world.push('b', Definition::Breaks);
    world.pass(150);
    assert_eq!(world.line(), "False Unhealthy main@aaaaaaa next main@bbbbbbb");
    assert!(world.message().contains("broken after its verification: a.rb:3 NameError: boom. aaaaaaa serves again"));
    world.restart();
    world.pass(150);
    assert_eq!(world.line(), "False Unhealthy main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.pods_of('b'), 0);
}

#[test]
fn nobody_serves_again_before_it_does() {
    let mut world = live(&Value::Null);
    world.push('b', Definition::Breaks);
    while !world.message().contains("broken after its verification") {
        world.tick();
        assert!(!world.message().contains("serves again"), "{}", world.message());
    }
    // No node takes the cores that come back.
    world.cluster.environment.unschedulable = true;
    world.pass(30);
    let message = world.message();
    assert!(message.contains("aaaaaaa is brought back: pod pod-"), "{message}");
    assert!(message.contains("no node") && !message.contains("serves again"), "{message}");
    world.cluster.environment.unschedulable = false;
    world.pass(60);
    assert!(world.message().contains("aaaaaaa serves again"), "{}", world.message());
}

#[test]
fn a_release_that_broke_begins_anew_when_it_is_retried() {
    let mut spec = verified();
    spec["environment"] = json!({ "name": "Staging" });
    let mut world = live(&spec);
    world.push('b', Definition::Breaks);
    world.pass(180);
    assert_eq!(world.line(), "False Unhealthy main@aaaaaaa next main@bbbbbbb");
    let (starts, rejected) = (world.jobs.starts(), world.release(2).rejected_at.unwrap().0);
    world.now += SignedDuration::from_hours(1);
    world.decided(Verb::Retry, None);
    world.tick();
    world.tick();
    let retried = world.release(2);
    assert!(retried.rejected_at.is_none() && retried.verified_at.is_none() && retried.served_at.is_none());
    assert!(retried.statuses.is_empty(), "its old word opens no gate: {:?}", retried.statuses);
    while world.release(2).verified_at.is_none() {
        world.tick();
        assert!(world.now < rejected + SignedDuration::from_hours(2), "{}", world.line());
    }
    assert_eq!(world.jobs.starts(), starts + 1, "its verification runs again");
    let since = world.release(2).statuses[0].since.0;
    assert!(since > rejected + SignedDuration::from_hours(1), "it soaks from now on");
    world.pass(180);
    assert_eq!(world.line(), "False Unhealthy main@aaaaaaa next main@bbbbbbb", "and is watched again");
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0));
}

#[test]
fn a_release_that_breaks_later_is_not_condemned() {
    let mut world = live(&json!({ "rollback": { "watch": "0s" } }));
    world.push('b', Definition::Breaks);
    world.pass(200);
    assert!(world.release(2).rejected_at.is_none());
    assert_eq!(world.release(2).live.as_deref(), Some("True"));
}
