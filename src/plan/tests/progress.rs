//! What `kubectl describe` shows of a release: step by step, with the machine's time and people's apart.

use super::checks::{live, verified};
use super::stages::Stages;
use super::world::{Definition, World};
use jiff::SignedDuration;

/// The lines of the newest release, and last what it took in all.
fn told(world: &World) -> Vec<String> {
    let progress = world.object.status.clone().unwrap().progress.unwrap();
    assert_eq!(progress.release, world.name_of(2));
    let took =
        progress.took.map(|took| format!("machine {}, people {}", took.machine, took.people.unwrap_or_default()));
    progress.steps.into_iter().chain(took).collect()
}

/// Times are written in whole seconds: what is told of one that is not written yet is what is told of it then.
#[test]
fn a_release_is_written_as_often_at_any_part_of_a_second() {
    let written = |millis: i64| {
        let mut world = live(&verified());
        world.between = SignedDuration::from_millis(millis);
        let before = world.written;
        world.push('b', Definition::Good);
        world.pass(90);
        assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
        world.written - before
    };
    let expected = written(0);
    for millis in [1, 300, 700, 999] {
        assert_eq!(written(millis), expected, "{millis} ms after a whole second");
    }
}

#[test]
fn a_release_is_told_step_by_step() {
    let mut world = live(&verified());
    let first = world.name_of(1);
    world.push('b', Definition::Good);
    let mut seen: Vec<Vec<String>> = vec![];
    for _ in 0..90 {
        world.tick();
        let newest = world.object.status.as_ref().and_then(|status| Some(&status.progress.as_ref()?.release));
        if newest != Some(&first) && seen.last() != Some(&told(&world)) {
            seen.push(told(&world));
        }
    }
    let skipped = ["Preflight: Skipped", "Tests: Skipped"];
    let expected = [
        [&["Build: Running since 2026-01-01T00:01:01Z"], &skipped[..], &["RollOut: Waiting", "Verification: Waiting"]],
        [
            &["Build: Done in 2s"],
            &skipped,
            &["RollOut: Running since 2026-01-01T00:01:03Z", "Verification: Waiting", "machine 2s, people "],
        ],
        [
            &["Build: Done in 2s"],
            &skipped,
            &[
                "RollOut: Done in 10s",
                "Verification: Running since 2026-01-01T00:01:13Z: smoke under way",
                "machine 12s, people ",
            ],
        ],
        [
            &["Build: Done in 2s"],
            &skipped,
            &["RollOut: Done in 10s", "Verification: Done in 4s", "machine 16s, people "],
        ],
    ];
    assert_eq!(seen, expected.map(|lines| lines.concat()));
}

#[test]
fn what_refused_a_release_stands_at_its_step() {
    let mut world = live(&verified());
    world.push('b', Definition::FailsChecks);
    world.pass(120);
    assert_eq!(told(&world)[4], "Verification: Failed after 4s: check smoke failed: exit code 1: expected 2, got 3");
}

#[test]
fn waiting_for_a_gate_is_no_time_of_the_machine() {
    let mut stages = Stages::with_soak("1m");
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages.push('b', Definition::Good);
    stages.lines_until("True Soaking main@aaaaaaa next main@bbbbbbb");
    let soaks = told(&stages.production);
    let gate = "staging/billing gave it Staging_OK at 2026-01-01T00:01:28Z";
    let since =
        format!("Gate staging: Waiting since 2026-01-01T00:01:18Z: {gate}: it soaks until 2026-01-01T00:02:28Z");
    assert_eq!((soaks[3].as_str(), soaks[6].as_str()), (since.as_str(), "machine 2s, people "));
    stages.pass(30);
    assert_eq!(told(&stages.production), soaks, "nothing happened");

    stages.lines_until("True UpToDate main@bbbbbbb");
    let live = told(&stages.production);
    let opened = format!("Gate staging: Open after 1m 10s: {gate}");
    assert_eq!((live[3].as_str(), live[6].as_str()), (opened.as_str(), "machine 12s, people 1m 10s"));
}
