//! What ends or holds a release on its way, as docs/states.md defines it: abort, supersede, suspend.

use super::jobs::Fate;
use super::scenarios::live;
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{ReleaseState, Verb};
use rstest::rstest;
use serde_json::{Value, json};

fn job() -> Value {
    json!([{ "name": "units", "job": { "command": ["ruby", "test.rb"], "timeout": "20s" } }])
}

/// A second commit, up to where its release is in this state.
fn up_to(state: ReleaseState, definition: Definition) -> World {
    let checks = match state {
        ReleaseState::Testing => json!({ "tests": job() }),
        ReleaseState::Verifying => json!({ "verification": { "minReady": "30s" } }),
        _ => Value::Null,
    };
    // A newer commit is seen before a roll-out is at its deadline.
    let source = json!({
        "interval": "5s", "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } },
    });
    let mut world = World::new(&json!({ "source": source, "checks": checks }));
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world.jobs.fate = Fate::Hangs;
    world.push('b', definition);
    for _ in 0..120 {
        world.tick();
        // That it is built is not written down as long as that takes no two seconds.
        if world.find_release(2).is_some_and(|release| release.state.unwrap_or(ReleaseState::Building) == state) {
            world.fewest_ready = usize::MAX;
            return world;
        }
    }
    panic!("never {state:?}: {}", world.line());
}

#[rstest]
#[case::built(ReleaseState::Building)]
#[case::tested(ReleaseState::Testing)]
#[case::rolled_out(ReleaseState::RollingOut)]
#[case::verified(ReleaseState::Verifying)]
fn abort_ends_a_release_at_every_step(#[case] state: ReleaseState) {
    let mut world = up_to(state, Definition::Good);
    let action = world.decided(Verb::Abort, None);
    world.tick();
    assert!(world.answer(action).starts_with("Done: "), "{}", world.answer(action));
    world.pass(60);
    assert_eq!(world.line(), "False Aborted main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.release(2).state, Some(ReleaseState::Aborted));
    let builds = world.asked["build"];
    world.restart();
    world.pass(70);
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.jobs.running()), (2, 0, 0));
    assert_eq!(world.asked["build"], builds, "it is not tried again");
    world.jobs.fate = Fate::Runs;
    world.decided(Verb::Retry, None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "but when somebody says so");
}

/// The safe point: the newer one has its image, and what is to be proven before a roll-out is.
#[rstest]
#[case::without_tests(false)]
#[case::with_tests(true)]
fn a_roll_out_goes_on_until_the_newer_commit_may_begin_its_own(#[case] tested: bool) {
    let mut world = up_to(ReleaseState::RollingOut, Definition::Hangs);
    if tested {
        world.edit(|spec| {
            spec.checks = serde_json::from_value(json!({ "tests": job() })).unwrap();
        });
    }
    world.jobs.fate = Fate::Runs;
    world.push('c', Definition::Good);
    let second = world.name_of(2);
    let mut waited = false;
    while world.told() == Some(second.clone()) {
        assert_eq!(world.release(2).state, Some(ReleaseState::RollingOut), "{}", world.line());
        waited |= world.find_release(3).is_some();
        world.tick();
    }
    assert!(waited, "it was seen to go on");
    assert!(world.release(3).image.is_some(), "the newer one was built before");
    assert_eq!((world.jobs.starts(), world.jobs.running()), (u32::from(tested), 0), "and tested");
    world.pass(60);
    let second = world.release(2);
    assert_eq!((second.state, second.rejected_at), (Some(ReleaseState::Superseded), None));
    assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@ccccccc", 2));
}

#[test]
fn what_is_superseded_is_tried_again_once_it_is_wanted_again() {
    let mut world = up_to(ReleaseState::RollingOut, Definition::Hangs);
    world.push('c', Definition::Hangs);
    while world.pods_of('c') == 0 {
        world.tick();
    }
    world.head = Ok(commit('b'));
    while world.find_release(3).is_none_or(|release| release.state != Some(ReleaseState::Superseded)) {
        world.tick();
    }
    world.commits.insert(commit('b'), Definition::Good);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    assert_eq!(world.release(3).state, Some(ReleaseState::Superseded));
    assert_eq!(world.releases(), 3);
}

/// A person's pin gives a roll-out up without a word against it.
#[test]
fn a_roll_out_that_is_given_up_is_not_said_to_be_under_way() {
    let mut world = up_to(ReleaseState::RollingOut, Definition::Good);
    let first = world.name_of(1);
    world.decided(Verb::RollBack, Some(&first));
    world.pass(30);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
    assert_eq!((world.release(2).state, world.pods_of('b')), (Some(ReleaseState::Built), 0));
    world.decided(Verb::Resume, None);
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn suspended_a_release_that_is_not_built_yet_stays_where_it_is() {
    let mut world = up_to(ReleaseState::Building, Definition::Good);
    let asked = world.asked.clone();
    world.edit(|spec| spec.suspend = Some(true));
    world.push('c', Definition::Good);
    world.pass(620);
    assert_eq!(world.line(), "True Suspended main@aaaaaaa");
    assert_eq!((&world.asked, world.releases()), (&asked, 2), "nobody outside is asked, and nothing is made");
    world.edit(|spec| spec.suspend = None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
    assert_eq!(world.release(2).state, Some(ReleaseState::Superseded));
}

#[rstest]
#[case::to_its_end(Definition::Good, "True Suspended main@bbbbbbb", (0, 2))]
#[case::or_back(Definition::Raises, "True Suspended main@aaaaaaa", (2, 0))]
fn suspended_a_roll_out_under_way_goes_to_its_end(
    #[case] definition: Definition,
    #[case] line: &str,
    #[case] pods: (usize, usize),
) {
    let mut world = up_to(ReleaseState::RollingOut, definition);
    world.edit(|spec| spec.suspend = Some(true));
    world.tick();
    assert!(world.line().starts_with("False Suspended main@aaaaaaa"), "Unknown is False: {}", world.line());
    world.pass(90);
    assert_eq!(world.line(), line);
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (pods.0, pods.1, 2));
}

#[test]
fn suspended_a_hand_over_under_way_goes_to_its_end() {
    let mut world = World::new(&super::hand_over::spec());
    world.settle();
    world.push('b', Definition::Good);
    while world.pods_of('b') == 0 {
        world.tick();
    }
    world.edit(|spec| spec.suspend = Some(true));
    world.pass(120);
    assert_eq!((world.line().as_str(), world.pods_of('a')), ("True Suspended main@bbbbbbb", 0));
    assert_eq!(world.most_consuming, 1);
}

#[test]
fn suspended_what_runs_is_kept_and_people_are_heard() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(90);
    world.edit(|spec| spec.suspend = Some(true));
    world.cluster.evict();
    world.edit(|spec| spec.replicas = 3);
    world.pass(60);
    assert_eq!((world.line().as_str(), world.cluster.ready_cores()), ("True Suspended main@bbbbbbb", 3));
    let action = world.decided(Verb::RollBack, None);
    world.pass(60);
    assert!(world.answer(action).starts_with("Done: "), "{}", world.answer(action));
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (3, 0));
    assert!(world.line().starts_with("True Suspended main@aaaaaaa"), "{}", world.line());
    let held = world.condition("HeldBack");
    assert!(held.starts_with("True Pinned: "), "nothing fell back: {held}");
    assert!(world.message().contains("alice pinned aaaaaaa"), "{}", world.message());
}

#[test]
fn suspended_nothing_is_ready_that_never_ran() {
    let mut world = World::new(&json!({ "suspend": true }));
    world.pass(30);
    assert_eq!((world.line().as_str(), world.releases()), ("False Suspended -", 0));
}
