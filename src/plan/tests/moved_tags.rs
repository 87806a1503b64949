//! Tags that are moved, deleted and made again: what runs stays until a person accepts it, or a newer tag comes.

use super::tags::train;
use super::world::{World, commit};
use crate::api::v1alpha1::Verb;
use serde_json::json;

const FIRST: &str = "release-2026.11.9-7";
const LIVE: &str = "True UpToDate release-2026.11.9-7@aaaaaaa";
const MOVED: &str = "False TagMoved release-2026.11.9-7@aaaaaaa";

/// A train whose only tag was moved.
fn moved() -> World {
    let mut world = train();
    world.tag(FIRST, 'b');
    world.pass(120);
    assert_eq!(world.line(), MOVED);
    world
}

pub fn accept(world: &mut World, tag: &str, digits: &str) -> usize {
    let action = world.decided(Verb::AcceptTag, None);
    let spec = &mut world.actions[action].spec;
    (spec.tag, spec.commit) = (Some(tag.to_owned()), Some(commit(digits.chars().next().unwrap())));
    action
}

#[test]
fn a_tag_that_moved_is_not_followed() {
    let world = moved();
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.releases()), (2, 0, 1));
    let message = world.message();
    assert!(
        message.starts_with(&format!("tag release-2026.11.9-7 was moved from aaaaaaa to {}.", commit('b'))),
        "{message}"
    );
    assert!(message.contains("AcceptTag, or push a newer tag"), "{message}");
    assert!(world.condition("HeldBack").starts_with("True TagMoved"), "{}", world.condition("HeldBack"));
    assert!(world.condition("SourceReady").contains("is at bbbbbbb"), "what the host says is said");
}

#[test]
fn a_restart_does_not_make_a_moved_tag_a_new_one() {
    let mut world = moved();
    world.restart();
    world.tick();
    assert_eq!(world.line(), MOVED);
    world.pass(120);
    assert_eq!((world.line().as_str(), world.releases()), (MOVED, 1));
}

#[test]
fn a_person_accepts_it_for_the_commit_that_they_saw() {
    let mut world = moved();
    let other = accept(&mut world, FIRST, "ccccccc");
    let unknown = accept(&mut world, "release-2026.11.8", "bbbbbbb");
    let done = accept(&mut world, FIRST, "bbbbbbb");
    let again = accept(&mut world, FIRST, "bbbbbbb");
    world.pass(120);
    assert!(world.answer(other).starts_with("Refused: spec.commit: tag release-2026.11.9-7 is on bbbbbbb"));
    assert!(world.answer(unknown).starts_with("Refused: spec.tag: the tag that was moved is release-2026.11.9-7"));
    assert_eq!(world.answer(done), "Done: tag release-2026.11.9-7 is followed from aaaaaaa to bbbbbbb");
    assert!(world.answer(again).starts_with("Refused: that tag"), "{}", world.answer(again));
    assert_eq!(world.line(), "True UpToDate release-2026.11.9-7@bbbbbbb");
    assert_eq!(world.inputs(2).tag.unwrap().accepted, Some(1));
    let late = accept(&mut world, FIRST, "bbbbbbb");
    world.pass(5);
    assert_eq!(world.answer(late), "Refused: no tag was moved: the newest is followed");
}

#[test]
fn what_was_accepted_once_says_nothing_of_the_next_move() {
    let mut world = moved();
    accept(&mut world, FIRST, "bbbbbbb");
    world.pass(120);
    world.tag(FIRST, 'a');
    world.pass(120);
    assert_eq!(world.line(), "False TagMoved release-2026.11.9-7@bbbbbbb", "back is a move, too");
    world.actions.clear();
    world.pass(60);
    assert_eq!(
        world.line(),
        "False TagMoved release-2026.11.9-7@bbbbbbb",
        "what was accepted stays without its action"
    );
    accept(&mut world, FIRST, "aaaaaaa");
    world.pass(120);
    assert_eq!((world.line().as_str(), world.releases()), (LIVE, 3));
    world.tag(FIRST, 'b');
    world.pass(120);
    assert_eq!(world.line(), MOVED);
}

#[test]
fn a_newer_tag_ends_it() {
    let mut world = moved();
    world.tag("release-2026.11.21-1204", 'c');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@ccccccc");
}

#[test]
fn a_tag_that_moved_back_was_not_moved() {
    let mut world = moved();
    world.tag(FIRST, 'a');
    world.pass(120);
    assert_eq!((world.line().as_str(), world.releases()), (LIVE, 1));
}

#[test]
fn settings_of_what_runs_still_change() {
    let mut world = moved();
    world.edit(|spec| {
        spec.tengine = serde_json::from_value(json!({
            "eventQueue": { "host": "other" }, "database": { "hosts": ["db:1"], "name": "t" }
        }))
        .unwrap();
    });
    world.pass(120);
    assert_eq!((world.line().as_str(), world.releases()), (MOVED, 2));
    assert_eq!((world.pods_of('a'), world.inputs(2).commit), (2, commit('a')));
}

#[test]
fn a_tag_that_is_gone_leads_to_no_older_one() {
    let mut world = train();
    world.tag("release-2026.11.21-1204", 'b');
    world.pass(120);
    world.tags.remove("release-2026.11.21-1204");
    world.pass(120);
    assert_eq!(world.line(), "False TagGone release-2026.11.21-1204@bbbbbbb");
    let refused = accept(&mut world, "release-2026.11.21-1204", "aaaaaaa");
    world.pass(5);
    assert!(world.answer(refused).starts_with("Refused: refs/tags/release-2026.11.21-1204 is not there any more"));
    // Made again elsewhere, it is one that was moved.
    world.tag("release-2026.11.21-1204", 'c');
    world.pass(120);
    assert_eq!(world.line(), "False TagMoved release-2026.11.21-1204@bbbbbbb");
    world.tag("release-2026.11.21-1204", 'b');
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
}

#[test]
fn another_pattern_has_a_memory_of_its_own() {
    let mut world = train();
    world.tag("v1.0.0", 'b');
    let follow = |world: &mut World, reference: serde_json::Value| {
        world.edit(|spec| {
            spec.source.git.as_mut().unwrap().reference = serde_json::from_value(reference).unwrap();
        });
        world.pass(120);
    };
    follow(&mut world, json!({ "semver": "*" }));
    assert_eq!(world.line(), "True UpToDate v1.0.0@bbbbbbb");
    world.tag(FIRST, 'b');
    follow(&mut world, json!({ "tags": { "pattern": "release-*", "order": "Calendar" } }));
    assert_eq!(world.line(), "False TagMoved v1.0.0@bbbbbbb");
}

#[test]
fn another_address_of_the_repository_forgets_nothing() {
    let mut world = train();
    world.edit(|spec| spec.source.git.as_mut().unwrap().url = "https://git.example.com/ops/jobs".into());
    world.settle();
    world.tag(FIRST, 'b');
    world.pass(120);
    assert_eq!(world.line(), MOVED);
}

fn with_gate() -> World {
    let mut world = train();
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 1 } }])).unwrap();
    });
    world.settle();
    world
}

#[test]
fn a_tag_that_never_ran_does_not_go_live_once_it_is_gone() {
    let mut world = with_gate();
    world.tag("release-2026.11.10", 'b');
    world.pass(120);
    assert_eq!(world.line(), "True WaitingForApproval release-2026.11.9-7@aaaaaaa next release-2026.11.10@bbbbbbb");
    world.tags.remove("release-2026.11.10");
    world.pass(60);
    world.said(Verb::Approve, "alice", 2, Some("ops"));
    world.pass(120);
    assert_eq!((world.line().as_str(), world.pods_of('b')), ("False TagGone release-2026.11.9-7@aaaaaaa", 0));
}

#[test]
fn a_tag_that_somebody_approved_goes_live_though_a_newer_one_came() {
    let mut world = with_gate();
    world.tag("release-2026.11.10", 'b');
    world.pass(120);
    world.tag("release-2026.11.11", 'c');
    world.pass(120);
    world.said(Verb::Approve, "alice", 2, Some("ops"));
    world.pass(120);
    assert_eq!(world.line(), "True WaitingForApproval release-2026.11.10@bbbbbbb next release-2026.11.11@ccccccc");
}

#[test]
fn what_runs_stays_where_its_record_was_removed_while_its_tag_is_gone() {
    let mut world = train();
    world.tag("release-2026.11.10", 'b');
    world.pass(120);
    world.tags.remove("release-2026.11.10");
    world.pass(90);
    assert_eq!(world.line(), "False TagGone release-2026.11.10@bbbbbbb");
    world.delete_release(2);
    world.pass(120);
    let images = world.cluster.versions();
    assert_eq!((world.pods_of('a'), images), (0, 1), "{}: {}", world.line(), world.message());
}
