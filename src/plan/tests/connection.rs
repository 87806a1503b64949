//! The connection test of a deployment, as short stories.

use super::checks::live;
use super::jobs::Fate;
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use crate::domain::Digest;
use crate::plan::Effect;
use serde_json::{Value, json};

pub fn tested() -> Value {
    json!({ "checks": { "preflight": { "connection": true, "timeout": "5s" } } })
}

fn tested_and_loaded() -> Value {
    json!({ "checks": { "preflight": { "connection": true, "load": true } } })
}

pub fn until(world: &mut World, line: &str) {
    let seconds = (0..2000).find(|_| {
        world.tick();
        world.line() == line
    });
    assert!(seconds.is_some(), "{line} never comes: {}: {}", world.line(), world.message());
}

/// The Job of the connection test that there is, if there is one.
fn test(world: &World) -> Option<Value> {
    let mut all =
        world.jobs.objects().filter(|job| job["metadata"]["ownerReferences"][0]["kind"] == "TengineDeployment");
    let first = all.next().cloned();
    assert!(all.next().is_none(), "one at a time");
    first
}

pub fn name(world: &World) -> String {
    test(world).unwrap()["metadata"]["name"].as_str().unwrap().to_owned()
}

#[test]
fn it_runs_once_in_the_base_image_before_the_first_pod_and_says_so() {
    let mut world = World::new(&tested());
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..60 {
        world.tick();
        assert!(world.jobs.running() == 0 || world.pods_of('a') == 0, "a pod was started before it passed");
        if seen.last() != Some(&world.line()) {
            seen.push(world.line());
        }
    }
    assert_eq!(
        seen,
        [
            "Unknown Progressing -",
            "Unknown Building - next main@aaaaaaa",
            "Unknown TestingConnection - next main@aaaaaaa",
            "Unknown RollingOut - next main@aaaaaaa",
            "True UpToDate main@aaaaaaa"
        ]
    );
    assert!(world.condition("TargetReady").starts_with("True Succeeded"));
    let job = test(&world).unwrap();
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["image"], format!("r.example.com/core@{}", Digest::of(b"base")));
    assert_eq!(job["metadata"]["ownerReferences"][0]["uid"], "u-1");
    world.restart();
    world.pass(60);
    world.push('b', Definition::Good);
    world.pass(60);
    assert_eq!((world.line().as_str(), world.jobs.starts()), ("True UpToDate main@bbbbbbb", 1), "it is remembered");
}

#[test]
fn what_is_in_its_way_is_said_and_tried_again_and_blames_no_commit() {
    let cases = [
        (
            Fate::BrokerRefused,
            "ConnectionTestFailed",
            "[Broker::Refused] 403 ACCESS_REFUSED - Login was refused (broker mq:5672, virtual host /)",
        ),
        (
            Fate::DatabaseAway,
            "ConnectionTestFailed",
            "[Moped::Errors::ConnectionFailure] Could not connect (database at db:1)",
        ),
        (Fate::DatabaseRefused, "ScratchDatabaseRefused", "database tengine_preflight_"),
        (Fate::Unschedulable, "Unschedulable", "0/1 nodes are available"),
        (Fate::Unpullable, "PullFailed", "no such host"),
        (Fate::NoCommand, "CheckNotRun", "its command cannot be started"),
        (Fate::Refused, "PodsRefused", "no pod is made for Job"),
        (Fate::Killed, "CheckNotRun", "it was ended from outside (exit code 137)"),
        (Fate::Hangs, "CheckNotRun", "it did not end within its timeout"),
    ];
    for (fate, reason, words) in cases {
        let mut world = live(&tested());
        world.jobs.fate = fate;
        world.fewest_ready = usize::MAX;
        world.content = "another password";
        world.push('b', Definition::Good);
        until(&mut world, &format!("False {reason} main@aaaaaaa next main@bbbbbbb"));
        let target = world.condition("TargetReady");
        assert!(
            target.starts_with(&format!("False {reason}: connection test: ")) && target.contains(words),
            "{target}"
        );
        assert!(world.message().contains("aaaaaaa keeps serving"), "{}", world.message());
        world.restart();
        world.pass(20);
        assert_eq!((world.pods_of('b'), world.fewest_ready), (0, 2), "{fate:?}: nothing is touched");
        assert!(world.release(2).rejected_at.is_none());
        world.jobs.fate = Fate::Runs;
        until(&mut world, "True UpToDate main@bbbbbbb");
        assert!(world.condition("TargetReady").starts_with("True"));
    }
}

#[test]
fn it_is_tried_ever_more_seldom_and_at_once_where_a_secret_is_another() {
    let mut world = World::new(&tested());
    world.jobs.fate = Fate::BrokerRefused;
    let mut starts = Vec::new();
    for second in 0..3600 {
        let plan = world.tick();
        if plan.effects.iter().any(|effect| matches!(effect, Effect::StartJob { .. })) {
            starts.push(second);
        }
        if second == 1000 {
            world.restart();
        }
    }
    let pauses: Vec<i32> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] >= 30 && pauses[0] < 40 && pauses.len() < 11, "{pauses:?}");
    assert!(pauses.is_sorted() && pauses.iter().all(|pause| *pause < 960), "{pauses:?}");
    let before = name(&world);
    (world.jobs.fate, world.content) = (Fate::Runs, "another password");
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_ne!(name(&world), before);
}

/// The base image is the same, and is looked for elsewhere: what was in the way there says nothing of it.
#[test]
fn another_registry_of_the_same_base_image_is_tried_at_once() {
    let mut world = World::new(&tested());
    world.jobs.fate = Fate::Unpullable;
    until(&mut world, "False PullFailed - next main@aaaaaaa");
    let before = name(&world);
    world.jobs.fate = Fate::Runs;
    world.edit(|spec| spec.image.as_mut().unwrap().base.reference = "elsewhere.example.com/core:1".into());
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_ne!(name(&world), before);
    let image = &test(&world).unwrap()["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(*image, format!("elsewhere.example.com/core@{}", Digest::of(b"base")));
}

#[test]
fn builds_go_on_meanwhile_and_loads_wait() {
    let mut world = World::new(&tested_and_loaded());
    world.jobs.fate = Fate::BrokerRefused;
    world.pass(60);
    assert_eq!(world.line(), "False ConnectionTestFailed - next main@aaaaaaa");
    assert!(world.release(1).image.is_some());
    assert!(world.jobs.observed(world.now).is_empty(), "nothing is loaded");
    world.jobs.fate = Fate::Runs;
    until(&mut world, "True UpToDate main@aaaaaaa");
}

/// Both write into the one scratch database.
#[test]
fn it_and_a_load_are_never_in_the_scratch_database_at_once() {
    let mut world = live(&tested_and_loaded());
    for digit in "bcdef9".chars() {
        world.push(digit, Definition::Good);
        for second in 0..14 {
            if second == 9 {
                world.content = if world.content == "h" { "i" } else { "h" };
            }
            world.tick();
            let all = world.jobs.observed(world.now).into_iter().chain(world.jobs.connections(world.now));
            assert!(all.filter(|job| !job.state.is_over()).count() <= 1);
        }
    }
    until(&mut world, "True UpToDate main@9999999");
}

#[test]
fn a_roll_back_waits_for_nothing() {
    let mut world = live(&tested());
    world.push('b', Definition::Good);
    until(&mut world, "True UpToDate main@bbbbbbb");
    world.jobs.fate = Fate::BrokerRefused;
    world.content = "another password";
    world.push('c', Definition::Good);
    until(&mut world, "False ConnectionTestFailed main@bbbbbbb next main@ccccccc");
    let back = world.decided(Verb::RollBack, None);
    until(&mut world, "True Pinned main@aaaaaaa next main@ccccccc");
    assert!(world.answer(back).starts_with("Done"));
    assert!(world.condition("TargetReady").starts_with("False ConnectionTestFailed"));
}

#[test]
fn one_that_was_removed_by_hand_is_made_again_and_one_that_nobody_asks_for_is_removed() {
    let mut world = live(&tested());
    world.fewest_ready = usize::MAX;
    let job = world.jobs.connections(world.now).remove(0);
    assert!(world.jobs.delete(&job.name, &job.seen));
    world.pass(20);
    assert_eq!((world.line().as_str(), world.jobs.starts()), ("True UpToDate main@aaaaaaa", 2));
    world.edit(|spec| spec.checks.as_mut().unwrap().preflight.as_mut().unwrap().connection = None);
    world.pass(20);
    assert!(test(&world).is_none());
    assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@aaaaaaa", 2));
}

#[test]
fn while_suspended_nothing_is_started() {
    let mut world = live(&tested());
    world.edit(|spec| spec.suspend = Some(true));
    world.content = "another password";
    world.pass(60);
    assert_eq!(world.jobs.starts(), 1);
    world.edit(|spec| spec.suspend = None);
    until(&mut world, "True UpToDate main@aaaaaaa");
    assert_eq!(world.jobs.starts(), 2);
}

/// The base image of a release that never was: after a start of the operator it is not tested once more in the one before it.
#[test]
fn a_base_that_is_newer_than_every_release_is_tested_once() {
    let mut world = live(&tested());
    world.head = Err((crate::api::v1alpha1::condition::Reason::Unreachable, false));
    world.base = Ok(Digest::of(b"another base"));
    world.edit(|spec| spec.image.as_mut().unwrap().base.interval = Some("5s".into()));
    world.pass(60);
    let starts = world.jobs.starts();
    for _ in 0..3 {
        world.restart();
        world.pass(30);
    }
    assert_eq!(world.jobs.starts(), starts);
}
