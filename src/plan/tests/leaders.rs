//! Two that lead at once, and caches that lag: what one of them wrote is not taken back by the other.

use super::world::{Definition, World};
use crate::api::v1alpha1::ReleaseState;
use crate::plan::{Effect, Plan};
use serde_json::json;

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
