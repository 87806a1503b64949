//! What Tengine itself is asked before a pod of a release is started, as short stories.

use super::checks::{live, step};
use super::jobs::Fate;
use super::world::{Definition, World};
use crate::api::v1alpha1::{ReleaseState, StepName, StepState, Verb};
use crate::manifest;
use serde_json::{Value, json};

fn loaded() -> Value {
    json!({ "checks": { "preflight": { "load": true } } })
}

fn loaded_and_tested() -> Value {
    let job = json!({ "command": ["ruby", "test.rb"], "timeout": "20s" });
    json!({ "checks": { "preflight": { "load": true }, "tests": [{ "name": "units", "job": job }] } })
}

/// What was said, each once, from here on.
fn lines(world: &mut World, seconds: u32) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..seconds {
        world.tick();
        if seen.last() != Some(&world.line()) {
            seen.push(world.line());
        }
    }
    seen
}

/// Not without end.
fn until(world: &mut World, truth: &str) {
    let seconds = (0..900).find(|_| {
        world.tick();
        world.line().starts_with(truth)
    });
    assert!(seconds.is_some(), "{}", world.line());
}

#[test]
fn the_definitions_are_loaded_before_the_tests_and_both_before_any_pod_is_touched() {
    let mut world = live(&loaded_and_tested());
    world.push('b', Definition::Good);
    let seen = lines(&mut world, 90);
    assert_eq!(
        seen[2..],
        [
            "Unknown Building main@aaaaaaa next main@bbbbbbb",
            "Unknown Preflight main@aaaaaaa next main@bbbbbbb",
            "Unknown Testing main@aaaaaaa next main@bbbbbbb",
            "Unknown RollingOut main@aaaaaaa next main@bbbbbbb",
            "True UpToDate main@bbbbbbb"
        ]
    );
    assert_eq!(world.jobs.starts(), 4, "one of each for each release");
    let names: Vec<StepName> = world.release(2).steps.iter().map(|step| step.name).collect();
    assert_eq!(names[..3], [StepName::Build, StepName::Preflight, StepName::Tests]);
    assert_eq!(step(&world, 2, StepName::Preflight), StepState::Done);
}

#[test]
fn a_load_that_is_refused_says_where_and_touches_nothing() {
    let mut world = live(&loaded_and_tested());
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False LoadFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.message(),
        "bbbbbbb: a.rb:3 NameError: undefined local variable or method `hoge' for main:Object. aaaaaaa keeps serving. Push a \
         fix; it is tried by itself. Retry loads this one again."
    );
    assert!(world.release(2).evidence.unwrap().contains("definition.rb:30"));
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 0, 2));
    assert_eq!(world.release(2).state, Some(ReleaseState::LoadFailed));
    assert_eq!(step(&world, 2, StepName::Preflight), StepState::Failed);
    assert_eq!(step(&world, 2, StepName::Tests), StepState::Skipped);
    assert_eq!(step(&world, 2, StepName::RollOut), StepState::Skipped);
    let starts = world.jobs.starts();
    world.restart();
    world.pass(90);
    assert_eq!(world.jobs.starts(), starts, "a new process remembers");
    world.decided(Verb::Retry, None);
    world.pass(30);
    assert_eq!(world.jobs.starts(), starts + 1, "until it is told to try again");
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_load_without_end_says_where_it_is() {
    let mut world = live(&loaded());
    world.push('b', Definition::Hangs);
    world.pass(60);
    assert_eq!(world.line(), "False LoadFailed main@aaaaaaa next main@bbbbbbb");
    assert!(world.message().contains("a.rb:9 Timeout::Error: it did not end within 120 s"), "{}", world.message());
}

#[test]
fn what_is_in_the_way_of_a_load_blames_no_commit_and_ends_by_itself() {
    let cases = [
        (Fate::Unschedulable, "Unschedulable", "0/1 nodes are available"),
        (Fate::Unpullable, "PullFailed", "no such host"),
        (Fate::NoCommand, "CheckNotRun", "its command cannot be started"),
        (Fate::Refused, "PodsRefused", "no pod is made for Job"),
        (Fate::Killed, "CheckNotRun", "it was ended from outside (exit code 137)"),
        (Fate::Hangs, "CheckNotRun", "it did not end within its timeout"),
        (Fate::DatabaseAway, "DatabaseUnreachable", "connection refused"),
        (Fate::DatabaseRefused, "ScratchDatabaseRefused", "tengine_preflight_"),
    ];
    for (fate, reason, words) in cases {
        let mut world = live(&loaded());
        world.jobs.fate = fate;
        world.fewest_ready = usize::MAX;
        world.push('b', Definition::Good);
        until(&mut world, "False");
        assert_eq!(world.line(), format!("False {reason} main@aaaaaaa next main@bbbbbbb"), "{fate:?}");
        assert!(world.message().contains(words), "{fate:?}: {}", world.message());
        assert!(world.release(2).rejected_at.is_none());
        assert_eq!((world.pods_of('b'), world.fewest_ready), (0, 2));
        world.restart();
        world.jobs.fate = Fate::Runs;
        until(&mut world, "True");
        assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "{fate:?}");
    }
}

/// It stands in the spec, and a corrected one makes another release.
#[test]
fn a_configuration_that_cannot_be_read_is_no_content() {
    let mut world = live(&loaded());
    world.push('b', Definition::Misreads);
    world.pass(60);
    assert_eq!(world.line(), "False ConfigurationInvalid main@aaaaaaa next main@bbbbbbb");
    assert!(world.release(2).rejected_at.is_none());
}

/// Else the one would file the drivers of the other.
#[test]
fn two_releases_are_never_in_the_scratch_database_at_once() {
    let mut world = live(&loaded_and_tested());
    for digit in "bcdef9".chars() {
        world.push(digit, Definition::Good);
        for _ in 0..9 {
            world.tick();
            let scratch = manifest::scratch("production", "billing");
            let in_it = world.jobs.observed(world.now).into_iter().filter(|job| job.scratch.as_ref() == Some(&scratch));
            assert!(in_it.filter(|job| !job.state.is_over()).count() <= 1);
        }
    }
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@9999999");
}

#[test]
fn a_roll_back_loads_nothing() {
    let mut world = live(&loaded());
    world.push('b', Definition::Good);
    world.pass(90);
    let starts = world.jobs.starts();
    let back = world.decided(Verb::RollBack, None);
    world.pass(30);
    assert!(world.answer(back).starts_with("Done"), "{}", world.answer(back));
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.jobs.starts(), starts);
}
