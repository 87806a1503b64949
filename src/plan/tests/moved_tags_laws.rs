//! Tags that are moved, deleted and made again: a law over random histories.

use super::laws::worlds;
use super::moved_tags::accept;
use super::tags::following;
use super::world::{World, commit};
use crate::api::v1alpha1::{Outcome, Verb};
use crate::domain::TagRank;
use crate::plan::desired::Follow;
use crate::plan::validate;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

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
        let told = world.told().and_then(|told| Some(releases.named(&told)?.spec.tag.as_ref()?.name.clone()));
        for release in new {
            let name = &release.spec.tag.as_ref().unwrap().name;
            let rank = choice.judge().rank(name);
            // What a person went back to runs on with other settings.
            let runs = told.as_ref() == Some(name);
            assert!(rank >= self.newest || runs, "{name} is older than what was taken before");
            self.newest = rank.max(self.newest.take());
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
