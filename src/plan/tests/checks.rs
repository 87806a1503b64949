//! Tests and what comes of a failure, as short stories.

use super::jobs::Fate;
use super::world::{Definition, World};
use crate::api::v1alpha1::{ReleaseState, StepName, StepState, Verb};
use serde_json::{Value, json};

fn job() -> Value {
    json!({ "command": ["ruby", "test.rb"], "timeout": "20s" })
}

fn tested() -> Value {
    json!({ "checks": { "tests": [{ "name": "units", "job": job() }] } })
}

pub(super) fn verified() -> Value {
    json!({ "checks": { "verification": { "checks": [{ "name": "smoke", "job": job() }] } } })
}

pub(super) fn live(spec: &Value) -> World {
    let mut world = World::new(spec);
    world.jobs.log = "1 example\nexpected 2, got 3\n";
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world
}

pub(super) fn step(world: &World, number: i64, name: StepName) -> StepState {
    world.release(number).steps.iter().find(|step| step.name == name).unwrap().state
}

#[test]
fn a_test_runs_once_in_the_new_image_before_any_pod_is_touched() {
    let mut world = live(&tested());
    world.push('b', Definition::Good);
    let mut seen = Vec::new();
    for _ in 0..90 {
        world.tick();
        if world.jobs.running() > 0 {
            assert_eq!(world.pods_of('b'), 0);
        }
        if seen.last() != Some(&world.line()) {
            seen.push(world.line());
        }
    }
    assert_eq!(
        seen[2..],
        [
            "Unknown Building main@aaaaaaa next main@bbbbbbb",
            "Unknown Testing main@aaaaaaa next main@bbbbbbb",
            "Unknown RollingOut main@aaaaaaa next main@bbbbbbb",
            "True UpToDate main@bbbbbbb"
        ]
    );
    assert_eq!(world.jobs.starts(), 2, "one for each release");
    let job = world.jobs.objects().last().unwrap();
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"].as_str(), world.release(2).image.as_deref());
    let names: Vec<&str> = container["env"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert!(
        ["TENGINE_COMMIT", "TENGINE_IMAGE", "TENGINE_VERSION"].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    assert_eq!(job["metadata"]["ownerReferences"][0]["kind"], "TengineRelease");
    let nodes = &job["spec"]["template"]["spec"]["nodeSelector"];
    assert_eq!(nodes, &json!({ "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" }), "as for the cores");
    assert_eq!(step(&world, 2, StepName::Tests), StepState::Done);
}

#[test]
fn a_test_that_fails_refuses_the_release_and_the_fix_goes_live_by_itself() {
    let mut world = live(&tested());
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::FailsChecks);
    world.pass(90);
    assert_eq!(world.line(), "False TestFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.message(),
        "bbbbbbb: check units failed: exit code 1: expected 2, got 3. aaaaaaa keeps serving. Push a fix; it is tried by itself. \
         Retry runs the tests again."
    );
    assert_eq!(world.release(2).evidence.as_deref(), Some("1 example\nexpected 2, got 3"));
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 0, 2));
    assert_eq!(step(&world, 2, StepName::Tests), StepState::Failed);
    assert_eq!(step(&world, 2, StepName::RollOut), StepState::Skipped);
    let starts = world.jobs.starts();
    world.restart();
    world.pass(90);
    assert_eq!(world.jobs.starts(), starts, "a new process remembers");
    world.decided(Verb::Retry, None);
    world.pass(30);
    assert_eq!(world.jobs.starts(), starts + 1, "until it is told to try again");
    assert_eq!(world.line(), "False TestFailed main@aaaaaaa next main@bbbbbbb");
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_test_that_hangs_has_failed() {
    let mut world = live(&tested());
    world.jobs.fate = Fate::Hangs;
    world.push('b', Definition::Good);
    world.pass(240);
    assert_eq!(world.line(), "False TestFailed main@aaaaaaa next main@bbbbbbb");
    assert!(world.message().contains("check units failed: it did not end within its timeout"), "{}", world.message());
}

/// It got as far as running, and not for the whole of its time: the image came late.
#[test]
fn what_a_slow_pull_takes_of_its_time_is_no_fault_of_the_commit() {
    let mut world = live(&tested());
    world.jobs.fate = Fate::SlowPull;
    world.push('b', Definition::Good);
    world.pass(90);
    assert!(world.line().starts_with("False CheckNotRun"), "{}", world.line());
    assert!(world.release(2).rejected_at.is_none());
    world.jobs.fate = Fate::Runs;
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_job_that_cannot_run_blames_no_commit_and_runs_once_it_can() {
    let cases = [
        (Fate::Unschedulable, "Unschedulable", "0/1 nodes are available"),
        (Fate::Unpullable, "PullFailed", "no such host"),
        (Fate::NoCommand, "CheckNotRun", "its command cannot be started"),
        (Fate::Refused, "PodsRefused", "no pod is made for Job"),
        (Fate::Killed, "CheckNotRun", "it was ended from outside (exit code 137)"),
    ];
    for spec in [tested(), verified()] {
        for (fate, reason, words) in cases {
            let mut world = live(&spec);
            world.jobs.fate = fate;
            world.push('b', Definition::Good);
            world.pass(100);
            let running = if spec == tested() { "main@aaaaaaa next main@bbbbbbb" } else { "main@bbbbbbb" };
            assert_eq!(world.line(), format!("False {reason} {running}"), "{fate:?}");
            assert!(world.message().contains(words), "{fate:?}: {}", world.message());
            assert!(world.release(2).rejected_at.is_none());
            world.restart();
            world.jobs.fate = Fate::Runs;
            world.pass(90);
            assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "{fate:?}");
        }
    }
}

/// Else Ready and its alerts would begin anew with every try.
#[test]
fn a_check_that_can_never_run_is_tried_ever_more_seldom_and_told_all_the_time() {
    for spec in [tested(), verified()] {
        for fate in [Fate::NoCommand, Fate::Unpullable] {
            let mut world = live(&spec);
            world.jobs.fate = fate;
            world.push('b', Definition::Good);
            while !world.line().starts_with("False") {
                world.tick();
            }
            let (line, starts) = (world.line(), world.jobs.starts());
            for _ in 0..900 {
                world.tick();
                assert!(world.line().starts_with("False"), "{fate:?}: {} after {line}", world.line());
            }
            assert!(world.jobs.starts() - starts <= 6, "{fate:?}: {}", world.jobs.starts() - starts);
            world.jobs.fate = Fate::Runs;
            world.pass(960);
            assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "{fate:?}");
        }
    }
}

#[test]
fn a_newer_commit_ends_the_tests_of_the_one_before() {
    let mut world = live(&tested());
    world.jobs.fate = Fate::Unschedulable;
    world.push('b', Definition::Good);
    world.pass(70);
    assert_eq!(world.jobs.running(), 1);
    world.push('c', Definition::Good);
    world.pass(70);
    assert_eq!(world.jobs.running(), 1, "only the newest one's");
    assert_eq!(world.release(2).state, Some(ReleaseState::Superseded));
    assert_eq!(step(&world, 2, StepName::Tests), StepState::Skipped);
}
