//! Two that lead at once, and caches that lag: what one of them wrote is not taken back by the other.

use super::jobs::Fate;
use super::world::{Definition, World};
use crate::api::v1alpha1::{ReleaseState, Verb};
use crate::plan::observed::LiveKind;
use crate::plan::{Effect, Plan};
use serde_json::{Value, json};

#[test]
fn a_leader_that_was_paused_takes_back_nothing_that_the_next_one_wrote() {
    let verification = json!({ "checks": [{ "name": "smoke", "job": { "command": ["ruby", "test/smoke.rb"] } }] });
    let mut world = World::new(&json!({ "checks": { "verification": verification } }));
    world.settle();
    world.push('b', Definition::FailsChecks);
    let rolls_out = |plan: &Plan| plan.effects.iter().any(|effect| matches!(effect, Effect::Apply { .. }));
    let paused = loop {
        let plan = world.tick();
        if rolls_out(&plan) {
            break plan;
        }
    };
    world.restart();
    world.pass(90);
    let (rejected, line) = (world.release(2), world.line());
    assert_eq!(line, "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0));
    assert!(!world.carry_out(&paused), "it is told that it is too late");
    assert_eq!(world.release(2), rejected);
    for _ in 0..30 {
        world.tick();
        assert_eq!((world.line().as_str(), world.pods_of('b')), (line.as_str(), 0), "nothing is rolled out again");
    }
}

#[test]
fn what_a_cache_does_not_show_yet_is_not_written_over() {
    let mut world = World::new(&json!({ "environment": { "name": "Staging" } }));
    while world.find_release(1).is_none_or(|release| release.verified_at.is_none()) {
        world.tick();
    }
    let before = world.release(1);
    // The cache still has the record of before, and a pod that is not ready.
    let lags = {
        let mut world = World::new(&json!({ "environment": { "name": "Staging" } }));
        while world.find_release(1).is_none_or(|release| release.state != Some(ReleaseState::RollingOut)) {
            world.tick();
        }
        world.tick();
        world.decide()
    };
    world.carry_out(&lags);
    assert_eq!(world.release(1), before);
}

/// The watch of Jobs is late: it still shows the one that did not have its say, though another runs in its place.
#[test]
fn a_check_that_runs_is_not_ended_because_the_one_before_it_is_still_seen() {
    let tests = json!([{ "name": "units", "job": { "command": ["ruby", "test.rb"], "timeout": "20s" } }]);
    let mut world = World::new(&json!({ "checks": { "tests": tests } }));
    world.jobs.fate = Fate::Killed;
    let again = |plan: &Plan| plan.effects.iter().any(|effect| matches!(effect, Effect::DeleteJob { .. }));
    while !again(&world.decide()) {
        world.tick();
    }
    let starts = world.jobs.starts();
    world.jobs.fate = Fate::Hangs;
    world.jobs.keep_showing();
    world.pass(10);
    assert!(again(&world.decide()), "the cache still shows it");
    assert_eq!((world.jobs.starts(), world.jobs.running()), (starts + 1, 1), "it runs once");
    world.jobs.cached = None;
    world.jobs.fate = Fate::Runs;
    world.settle();
    assert_eq!((world.line().as_str(), world.jobs.starts()), ("True UpToDate main@aaaaaaa", starts + 1));
}

/// A plan that takes away what was taken over from; its leader is stopped just before the request.
fn taken_over() -> (World, Vec<Effect>) {
    let mut world = World::new(&json!({ "strategy": { "type": "HandOver" } }));
    world.settle();
    world.push('b', Definition::Good);
    loop {
        let removes = |effect: &Effect| matches!(effect, Effect::Delete { kind: LiveKind::Deployment, .. });
        let removals: Vec<Effect> = world.decide().effects.into_iter().filter(removes).collect();
        if !removals.is_empty() {
            return (world, removals);
        }
        world.tick();
    }
}

#[test]
fn a_leader_that_was_paused_removes_nothing_that_serves_by_now() {
    for waits in [0, 60] {
        let (mut world, paused) = taken_over();
        world.restart();
        world.pass(waits);
        // It takes the place that became free.
        world.push('c', Definition::Good);
        world.pass(90);
        assert_eq!((world.line().as_str(), world.pods_of('c')), ("True UpToDate main@ccccccc", 2));
        (world.fewest_ready, world.most_consuming) = (usize::MAX, 0);
        assert!(paused.iter().all(|effect| !world.act(effect)), "{paused:?}");
        world.pass(30);
        assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@ccccccc", 2));
    }
}

/// The same place is not left, but rolled out to once more: it is the same Deployment, and not what it was.
#[test]
fn what_is_the_same_by_name_and_was_changed_meanwhile_stays_too() {
    let (mut world, paused) = taken_over();
    let Effect::Delete { name, .. } = &paused[0] else { unreachable!() };
    world.cluster.touch(name);
    assert!(!world.act(&paused[0]));
    assert!(world.settle() > 0);
    assert_eq!((world.line().as_str(), world.pods_of('a')), ("True UpToDate main@bbbbbbb", 0), "it is looked at anew");
}

/// A release that the history has no room for is rolled back to by the next leader; the one before it still wants it gone.
#[test]
fn a_leader_that_was_paused_removes_no_release_that_was_brought_back() {
    let mut world = World::new(&json!({ "releaseHistoryLimit": 1 }));
    world.settle();
    for digit in ['b', 'c'] {
        world.push(digit, Definition::Good);
        world.pass(90);
    }
    world.edit(|spec| spec.release_history_limit = Some(0));
    let removes = |effect: &Effect| matches!(effect, Effect::DeleteRelease { .. });
    let paused: Vec<Effect> = world.decide().effects.into_iter().filter(removes).collect();
    let names: Vec<Value> = paused
        .iter()
        .map(|effect| if let Effect::DeleteRelease { release, .. } = effect { json!(release) } else { Value::Null })
        .collect();
    assert_eq!(names, [world.name_of(2)]);
    world.decided(Verb::RollBack, Some(&world.name_of(2)));
    world.settle();
    assert_eq!(world.line(), "True Pinned main@bbbbbbb next main@ccccccc");
    assert!(!world.act(&paused[0]));
    world.settle();
    assert_eq!(world.line(), "True Pinned main@bbbbbbb next main@ccccccc");
}
