//! A release train: the newest tag of a pattern is followed.

use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{ReleaseReason, condition::Reason};
use serde_json::{Value, json};

/// A deployment that follows tags by their dates, with one that is live.
pub fn train() -> World {
    let mut world = following(&json!({ "tags": { "pattern": "release-*", "order": "Calendar" } }));
    world.tag("release-2026.11.9-7", 'a');
    world.settle();
    assert_eq!(world.line(), "True UpToDate release-2026.11.9-7@aaaaaaa");
    world
}

pub fn following(reference: &Value) -> World {
    World::new(&json!({ "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "ref": reference } } }))
}

fn tag_of(world: &World, number: i64) -> Option<String> {
    world.inputs(number).tag.map(|tag| tag.name)
}

#[test]
fn the_newest_tag_goes_live_and_is_written_down() {
    let mut world = train();
    world.tag("release-2026.11.21-1204", 'b');
    world.tag("release-2026.11.10", 'c');
    world.tag("release-next", 'c');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
    assert_eq!((world.releases(), tag_of(&world, 2).as_deref()), (2, Some("release-2026.11.21-1204")));
    assert_eq!(world.inputs(2).reference, "refs/tags/release-2026.11.21-1204");
    assert!(world.condition("SourceReady").contains("refs/tags/release-2026.11.21-1204 is at bbbbbbb"));
}

#[test]
fn a_newer_tag_of_the_same_commit_is_a_release_and_restarts_nothing() {
    let mut world = train();
    let before = world.cluster.begun();
    world.tag("release-2026.11.21-1204", 'a');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@aaaaaaa");
    assert_eq!((world.releases(), world.inputs(2).reason), (2, ReleaseReason::Commit));
    assert_eq!(world.release(1).image, world.release(2).image);
    assert_eq!(world.cluster.begun(), before, "no pod was restarted");
}

#[test]
fn without_a_tag_nothing_is_rolled_out_and_what_runs_stays() {
    let mut world = train();
    world.tags.clear();
    world.tag("release-latest", 'b');
    world.pass(120);
    assert_eq!(world.line(), "False NoTagMatches release-2026.11.9-7@aaaaaaa");
    assert!(world.message().contains("Push such a tag, or correct source.git.ref."), "{}", world.message());
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0));
    world.tag("release-2026.11.21", 'b');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21@bbbbbbb");
}

#[test]
fn a_first_tag_is_waited_for() {
    let mut world = following(&json!({ "semver": "^1" }));
    world.tag("v2.0.0", 'b');
    world.pass(60);
    assert_eq!(world.line(), "False NoTagMatches -");
    world.tag("v1.0.0", 'a');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate v1.0.0@aaaaaaa");
}

#[test]
fn from_a_branch_to_tags_nothing_is_restarted_where_the_commit_is_the_same() {
    let mut world = World::new(&Value::Null);
    world.settle();
    let before = world.cluster.begun();
    world.tag("v1.0.0", 'a');
    world.push('b', Definition::Good);
    world.edit(|spec| {
        let reference = json!({ "semver": "*" });
        spec.source.git.as_mut().unwrap().reference = serde_json::from_value(reference).unwrap();
    });
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate v1.0.0@aaaaaaa");
    assert_eq!(world.cluster.begun(), before, "no pod was restarted");
    assert_eq!(world.inputs(2).commit, commit('a'));
}

#[test]
fn a_host_that_cannot_be_reached_takes_nothing_away() {
    let mut world = train();
    world.head = Err((Reason::Unreachable, false));
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate release-2026.11.9-7@aaaaaaa");
}

/// A train whose tags need a tag of the tests beside them.
fn tested() -> World {
    let mut world =
        following(&json!({ "tags": { "pattern": "release-*", "order": "Calendar", "counterpart": "test-*" } }));
    world.tag("test-2026.11.9", 'a');
    world.tag("release-2026.11.9", 'a');
    world.settle();
    assert_eq!(world.line(), "True UpToDate release-2026.11.9@aaaaaaa");
    world
}

#[test]
fn a_tag_without_its_counterpart_waits_for_it() {
    let mut world = tested();
    world.tag("release-2026.11.21", 'b');
    world.pass(120);
    assert_eq!(world.line(), "True TagMismatch release-2026.11.9@aaaaaaa");
    let message = world.message();
    assert!(
        message.starts_with("tag release-2026.11.21 on bbbbbbb does not count: there is no tag test-2026.11.21."),
        "{message}"
    );
    assert!(world.condition("HeldBack").starts_with("True TagMismatch"), "{}", world.condition("HeldBack"));
    world.restart();
    world.tick();
    assert_eq!(world.line(), "True TagMismatch release-2026.11.9@aaaaaaa");
    world.tag("test-2026.11.21", 'b');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21@bbbbbbb");
}

#[test]
fn a_tag_whose_counterpart_is_elsewhere_is_a_fault_and_the_newest_that_fits_goes_live() {
    let mut world = tested();
    world.tag("test-2026.11.20", 'b');
    world.tag("release-2026.11.20", 'b');
    world.tag("test-2026.11.21", 'b');
    world.tag("release-2026.11.21", 'c');
    world.pass(120);
    assert_eq!(world.line(), "False TagMismatch release-2026.11.20@bbbbbbb");
    assert!(world.message().contains("tag test-2026.11.21 is on bbbbbbb"), "{}", world.message());
    assert_eq!(world.pods_of('c'), 0);
}

#[test]
fn a_counterpart_that_goes_takes_nothing_away() {
    let mut world = tested();
    world.tag("test-2026.11.21", 'b');
    world.tag("release-2026.11.21", 'b');
    world.pass(120);
    world.tags.remove("test-2026.11.21");
    world.pass(120);
    assert_eq!(world.line(), "False TagGone release-2026.11.21@bbbbbbb");
    assert_eq!(world.pods_of('b'), 2);
}

#[test]
fn where_no_tag_has_its_counterpart_nothing_is_rolled_out() {
    let mut world = following(&json!({ "tags": { "pattern": "release-*", "counterpart": "test-*" } }));
    world.tag("release-1", 'a');
    world.pass(60);
    assert_eq!(world.line(), "False TagMismatch -");
}
