//! Tags that are moved, deleted and made again: what runs stays until a person accepts it, or a newer tag comes.

use super::laws::worlds;
use super::tags::{following, train};
use super::world::{World, commit};
use crate::api::v1alpha1::{Outcome, Verb};
use crate::domain::TagRank;
use crate::plan::desired::Follow;
use crate::plan::validate;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

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

fn accept(world: &mut World, tag: &str, digits: &str) -> usize {
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

/// Something that happens to a train.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A tag is pushed, by force where it is there.
    Tag(u8, char),
    Delete(u8),
    Wait(u8),
    /// The operator ends and another one begins.
    Restart,
    /// What the host tells is older than what it has, for so long.
    Late(u8),
    /// A person accepts what they last saw, or what they never saw.
    Accept(u8, char),
    /// Other settings.
    Settings(u8),
    Decide(Verb),
}

fn event() -> impl Strategy<Value = Event> {
    let digit = || prop::char::range('a', 'd');
    prop_oneof![
        6 => (1..5_u8, digit()).prop_map(|(tag, digit)| Event::Tag(tag, digit)),
        2 => (1..5_u8).prop_map(Event::Delete),
        4 => (1..20_u8).prop_map(Event::Wait),
        2 => Just(Event::Restart),
        2 => (1..15_u8).prop_map(Event::Late),
        3 => (1..5_u8, digit()).prop_map(|(tag, digit)| Event::Accept(tag, digit)),
        1 => (0..3_u8).prop_map(Event::Settings),
        1 => prop_oneof![Just(Verb::RollBack), Just(Verb::Resume)].prop_map(Event::Decide),
    ]
}

fn tag(number: u8) -> String {
    format!("v{number}.0.0")
}

/// Where each tag was when it was let to run last, by what was rolled out; and which moves were accepted.
#[derive(Default)]
struct Watch {
    seen: BTreeSet<i64>,
    taken: BTreeMap<String, (String, i64)>,
    newest: Option<TagRank>,
    /// What the host had before its last change.
    before: BTreeMap<String, String>,
}

impl Watch {
    /// Holds what was made since against what people said.
    fn look(&mut self, world: &World) {
        let desired = validate(&world.object).unwrap();
        let Follow::Newest(choice) = &desired.git().unwrap().source.follow else { unreachable!() };
        let releases = world.releases_as_seen();
        let mut new: Vec<_> = releases.iter().filter(|release| self.seen.insert(release.spec.number)).collect();
        new.sort_by_key(|release| release.spec.number);
        for release in new {
            let name = &release.spec.tag.as_ref().unwrap().name;
            let rank = choice.judge().rank(name);
            assert!(rank >= self.newest, "{name} is older than what was taken before");
            self.newest = rank;
            let before = self.taken.insert(name.clone(), (release.spec.commit.clone(), release.spec.number));
            let Some((commit, number)) = before.filter(|(commit, _)| *commit != release.spec.commit) else { continue };
            let accepted = world.actions.iter().any(|action| {
                let status = action.status.clone().unwrap_or_default();
                status.outcome == Some(Outcome::Done)
                    && action.spec.tag.as_ref() == Some(name)
                    && status.commit.as_ref() == Some(&release.spec.commit)
                    && status.release.is_some_and(|release| release.contains(&format!("-{number:04}-")))
            });
            let to = &release.spec.commit;
            assert!(accepted, "{name} was moved from {commit} to {to}, and nobody accepted it");
        }
    }
}

fn pass(world: &mut World, watch: &mut Watch, seconds: u32) {
    for _ in 0..seconds {
        world.tick();
        watch.look(world);
    }
}

fn happen(world: &mut World, watch: &mut Watch, event: Event) {
    if matches!(event, Event::Tag(..) | Event::Delete(_)) {
        watch.before = world.tags.clone();
    }
    match event {
        Event::Tag(number, digit) => world.tag(&tag(number), digit),
        Event::Delete(number) => drop(world.tags.remove(&tag(number))),
        Event::Wait(seconds) => pass(world, watch, seconds.into()),
        Event::Restart => world.restart(),
        Event::Late(seconds) => {
            let now = std::mem::replace(&mut world.tags, watch.before.clone());
            pass(world, watch, seconds.into());
            world.tags = now;
        }
        Event::Accept(number, digit) => drop(accept(world, &tag(number), &commit(digit))),
        Event::Settings(number) => world.edit(|spec| {
            let tengine = json!({
                "eventQueue": { "host": format!("mq-{number}") }, "database": { "hosts": ["db:1"], "name": "t" }
            });
            spec.tengine = serde_json::from_value(tengine).unwrap();
        }),
        Event::Decide(verb) => drop(world.decided(verb, None)),
    }
}

proptest! {
    #![proptest_config(worlds(12))]

    #[test]
    fn nothing_that_moved_is_ever_rolled_out_unless_a_person_says_so(
        events in proptest::collection::vec(event(), 1..30),
        limit in 1..4_i32,
    ) {
        let mut world = following(&json!({ "semver": "*" }));
        world.edit(|spec| {
            spec.release_history_limit = Some(limit);
            spec.source.interval = Some("5s".into());
        });
        let mut watch = Watch::default();
        for event in events {
            happen(&mut world, &mut watch, event);
        }
        // In the end a newer tag is followed, whatever came before.
        world.actions.clear();
        world.tag("v9.0.0", 'e');
        pass(&mut world, &mut watch, 120);
        prop_assert!(world.line().ends_with("v9.0.0@eeeeeee"), "{}", world.line());
    }
}
