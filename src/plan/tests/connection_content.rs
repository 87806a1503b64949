//! What becomes of a Secret or ConfigMap that changes while the connection is tested, as short stories.

use super::checks::live;
use super::connection::{tested, until};
use super::jobs::Fate;
use super::world::World;
use serde_json::json;
use std::collections::BTreeSet;

/// What serves goes on with the password that it has, until the test has let another one pass.
#[test]
fn a_changed_secret_reaches_what_serves_once_it_was_tested_and_not_before() {
    let mut world = live(&tested());
    let before = world.contents_of_pods();
    world.fewest_ready = usize::MAX;
    (world.jobs.fate, world.content) = (Fate::BrokerRefused, "a wrong password");
    until(&mut world, "False ConnectionTestFailed main@aaaaaaa");
    assert!(world.message().contains("aaaaaaa keeps serving"), "{}", world.message());
    for _ in 0..3 {
        world.restart();
        world.pass(40);
    }
    assert_eq!((world.contents_of_pods(), world.fewest_ready), (before.clone(), 2), "nothing is touched");
    // Taken back before it was in use.
    (world.jobs.fate, world.content) = (Fate::Runs, "h");
    until(&mut world, "True UpToDate main@aaaaaaa");
    world.pass(40);
    assert_eq!((world.contents_of_pods(), world.fewest_ready), (before, 2));
    world.content = "the next password";
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(world.contents_of_pods(), BTreeSet::from(["the next password".to_owned()]));
}

/// Neither while it is tried again, nor after a restart, nor while nothing new is wanted.
#[test]
fn a_test_that_fails_is_said_until_one_passes() {
    for fate in [Fate::BrokerRefused, Fate::Hangs] {
        let mut world = live(&tested());
        (world.jobs.fate, world.content) = (fate, "another password");
        (0..600).find(|_| {
            world.tick();
            world.line().starts_with("False")
        });
        for second in 0..900 {
            if second % 400 == 200 {
                world.restart();
            }
            world.tick();
            assert!(world.line().starts_with("False"), "{second}: {}", world.line());
            assert!(world.condition("TargetReady").starts_with("False"), "{}", world.condition("TargetReady"));
        }
        world.edit(|spec| spec.suspend = Some(true));
        let starts = world.jobs.starts();
        for _ in 0..100 {
            world.tick();
            assert!(world.condition("TargetReady").starts_with("False"), "{}", world.condition("TargetReady"));
        }
        assert_eq!(world.jobs.starts(), starts, "it is suspended");
    }
}

#[test]
fn after_a_restart_a_changed_secret_waits_for_no_interval() {
    let mut world = live(&tested());
    world.restart();
    world.content = "the next password";
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        world.tick();
        seen.insert(world.line());
    }
    assert_eq!(world.contents_of_pods(), BTreeSet::from(["the next password".to_owned()]));
    assert!(seen.contains("Unknown TestingConnection main@aaaaaaa"), "{seen:?}");
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
}

/// What serves has other settings than those that are tested then.
#[test]
fn settings_and_secrets_that_change_together_touch_nothing_before_they_were_tested() {
    let mut world = live(&tested());
    (world.fewest_ready, world.jobs.fate, world.content) = (usize::MAX, Fate::BrokerRefused, "another password");
    world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = "mq-2".into());
    until(&mut world, "False ConnectionTestFailed main@aaaaaaa next main@aaaaaaa");
    world.pass(100);
    assert_eq!((world.contents_of_pods(), world.fewest_ready), (BTreeSet::from(["h".to_owned()]), 2));
    world.jobs.fate = Fate::Runs;
    until(&mut world, "True UpToDate main@aaaaaaa");
    assert_eq!(world.contents_of_pods(), BTreeSet::from(["another password".to_owned()]));
}

/// Of `configRef`: made anew, in the same moment as a Secret.
#[test]
fn a_configuration_that_is_away_for_a_moment_lets_no_untested_secret_pass() {
    let mut spec = tested();
    spec["tengine"] = json!({ "configRef": { "name": "tengined-yml" } });
    let mut world = World::new(&spec);
    world.config = Some("a: 1\n");
    until(&mut world, "True UpToDate main@aaaaaaa");
    (world.config, world.jobs.fate, world.content) = (None, Fate::BrokerRefused, "another password");
    world.pass(10);
    world.config = Some("a: 1\n");
    world.pass(60);
    assert_eq!(world.contents_of_pods(), BTreeSet::from(["h".to_owned()]));
    assert_eq!(world.line(), "False ConnectionTestFailed main@aaaaaaa");
}
