//! What production takes over never leads to what is older, or was not proven itself.

use super::promoted::both_live;
use super::stages::{Stages, staging};
use super::world::Definition;
use crate::api::v1alpha1::Verb;
use crate::plan::observed::Upstream;
use rstest::rstest;
use serde_json::json;

/// Staging with tests of its own: another release of an image that was proven once is on its way there.
fn tested() -> Stages {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    let test = json!({ "tests": [{ "name": "smoke", "job": { "command": ["smoke"] } }] });
    stages.staging.edit(|spec| spec.checks = serde_json::from_value(test).unwrap());
    stages
}

#[test]
fn an_image_that_was_proven_once_is_not_taken_again_before_it_is_proven_again() {
    let mut stages = tested();
    let second = stages.production.current_image();
    // Its tests refuse what the first commit was: the database is another one by now.
    stages.staging.same_tree = true;
    stages.push('c', Definition::FailsChecks);
    for _ in 0..120 {
        stages.second();
        assert_eq!(stages.production.current_image(), second, "{:?}", stages.staging.line());
    }
    assert_eq!(stages.staging.line(), "False TestFailed main@bbbbbbb next main@ccccccc");
    assert_eq!(stages.production.line(), "True UpToDate main@bbbbbbb");
    stages.staging.same_tree = false;
    stages.push('d', Definition::Good);
    stages.lines_until("True UpToDate main@ddddddd");
}

/// A window that is shut, and then open.
fn window(stages: &mut Stages, shut: bool) {
    let (from, to) = if shut {
        ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
    } else {
        ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z")
    };
    let gate = json!([{ "name": "hours", "window": { "closed": [{ "from": from, "to": to }] } }]);
    stages.production.edit(|spec| spec.gates = serde_json::from_value(gate).unwrap());
}

#[test]
fn what_waits_at_a_gate_and_loses_its_word_is_never_rolled_out() {
    let mut stages = both_live();
    window(&mut stages, true);
    stages.push('b', Definition::Good);
    stages.pass(60);
    assert_eq!(stages.production.line(), "True WaitingForWindow main@aaaaaaa next main@bbbbbbb");
    stages.staging_rejects(2);
    stages.push('c', Definition::Good);
    window(&mut stages, false);
    for _ in 0..120 {
        stages.second();
        assert_eq!(stages.production.pods_of('b'), 0);
    }
    assert_eq!(stages.production.line(), "True UpToDate main@ccccccc");
}

#[test]
fn what_staging_took_back_never_comes_live_again_before_the_next_version() {
    let mut stages = both_live();
    window(&mut stages, false);
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    let first = stages.production.release(1).image;
    stages.staging.same_tree = true;
    stages.push('c', Definition::Good);
    stages.pass(90);
    assert_eq!((stages.production.current_image(), stages.production.releases()), (first, 3), "a release of its own");
    stages.staging.same_tree = false;
    stages.push('d', Definition::Good);
    for _ in 0..120 {
        stages.second();
        assert_eq!(stages.production.pods_of('b'), 0, "b was taken back");
    }
    assert_eq!(stages.production.line(), "True UpToDate main@ddddddd");
}

#[test]
fn what_was_taken_comes_back_after_a_pin_though_staging_is_gone() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    let first = stages.production.name_of(1);
    stages.production.decided(Verb::RollBack, Some(&first));
    stages.pass(60);
    assert_eq!(stages.production.pods_of('a'), 2);
    stages.production.upstreams.insert(staging(), Upstream::NotGranted);
    stages.production.decided(Verb::Resume, None);
    stages.production.pass(60);
    assert_eq!(stages.production.pods_of('b'), 2, "{}", stages.production.message());
}

#[rstest]
#[case::revoked(None)]
#[case::shut(Some(Upstream::NotGranted))]
#[case::unread(Some(Upstream::NotRead))]
fn where_the_record_of_what_runs_is_removed_it_runs_on(#[case] seen: Option<Upstream>) {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.pass(5);
    stages.staging_rejects(2);
    stages.production.delete_release(2);
    for _ in 0..60 {
        stages.staging.tick();
        stages.production.upstreams.insert(staging(), seen.clone().unwrap_or_else(|| stages.staging.seen()));
        stages.production.tick();
        assert_eq!(stages.production.pods_of('a'), 0, "never back");
    }
}

#[test]
fn from_a_git_that_was_ahead_nothing_goes_back() {
    let mut stages = Stages::with_soak("0s");
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.staging_rejects(2);
    stages.production_takes_over();
    for _ in 0..90 {
        stages.second();
        assert_eq!(stages.production.pods_of('a'), 0, "{}", stages.production.line());
    }
    stages.push('c', Definition::Good);
    stages.lines_until("True UpToDate main@ccccccc");
}
