//! Releases on the Git host that come, go and change their stage: a law over random histories.

use super::laws::worlds;
use super::tags::following;
use super::world::World;
use crate::domain::{HostRelease, ReleaseStage, TagRank};
use crate::plan::desired::Follow;
use crate::plan::validate;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

/// Something that happens on the host, or to the operator.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A tag is pushed with a release, where it is not there yet; each on a commit of its own.
    Publish(u8, HostRelease),
    /// A release changes its stage.
    Change(u8, HostRelease),
    /// A release goes; its tag stays.
    Withdraw(u8),
    /// The tag goes with its release.
    Delete(u8),
    Wait(u8),
    Restart,
    /// Another stage is followed.
    Follow(ReleaseStage),
}

fn event() -> impl Strategy<Value = Event> {
    let release = || prop_oneof![Just(HostRelease::Draft), Just(HostRelease::PreRelease), Just(HostRelease::Full)];
    prop_oneof![
        5 => (1..6_u8, release()).prop_map(|(tag, release)| Event::Publish(tag, release)),
        5 => (1..6_u8, release()).prop_map(|(tag, release)| Event::Change(tag, release)),
        2 => (1..6_u8).prop_map(Event::Withdraw),
        1 => (1..6_u8).prop_map(Event::Delete),
        5 => (1..40_u8).prop_map(Event::Wait),
        2 => Just(Event::Restart),
        1 => prop_oneof![Just(ReleaseStage::PreRelease), Just(ReleaseStage::Full)].prop_map(Event::Follow),
    ]
}

fn tag(number: u8) -> String {
    format!("v{number}")
}

/// What was let to run so far.
#[derive(Default)]
struct Watch {
    seen: BTreeSet<i64>,
    newest: Option<TagRank>,
    /// For each tag, the stages that it counted for at any time.
    counted: BTreeSet<(String, ReleaseStage)>,
}

impl Watch {
    /// Holds what was made since against what the host had.
    fn look(&mut self, world: &World) {
        let desired = validate(&world.object).unwrap();
        let Follow::Newest(choice) = &desired.git().unwrap().source.follow else { unreachable!() };
        for (tag, release) in world.host_releases.iter().filter(|(tag, _)| world.tags.contains_key(*tag)) {
            // Said here once more, and not asked of the code that is tried.
            let stages: &[_] = match release {
                HostRelease::Draft => &[],
                HostRelease::PreRelease => &[ReleaseStage::PreRelease],
                HostRelease::Full => &[ReleaseStage::PreRelease, ReleaseStage::Full],
            };
            self.counted.extend(stages.iter().map(|stage| (tag.clone(), *stage)));
        }
        let releases = world.releases_as_seen();
        let mut new: Vec<_> = releases.iter().filter(|release| self.seen.insert(release.spec.number)).collect();
        new.sort_by_key(|release| release.spec.number);
        for release in new {
            let name = &release.spec.tag.as_ref().unwrap().name;
            let stage = choice.stage().unwrap();
            assert!(self.counted.contains(&(name.clone(), stage)), "{name} was never a release of {stage:?}");
            let rank = choice.judge().rank(name);
            assert!(rank >= self.newest, "{name} is older than what was taken before");
            self.newest = rank;
        }
        let is_up =
            self.newest.is_some() && world.object.status.as_ref().is_some_and(|status| status.current.is_some());
        assert!(!is_up || world.current_image().is_some(), "what ran is still there");
    }
}

fn pass(world: &mut World, watch: &mut Watch, seconds: u32) {
    for _ in 0..seconds {
        watch.look(world);
        world.tick();
        watch.look(world);
    }
}

fn happen(world: &mut World, watch: &mut Watch, event: Event) {
    match event {
        Event::Publish(number, release) => {
            world.tag(&tag(number), char::from(b'a' + number));
            world.host_releases.insert(tag(number), release);
        }
        Event::Change(number, release) => {
            world.host_releases.entry(tag(number)).and_modify(|known| *known = release);
        }
        Event::Withdraw(number) => drop(world.host_releases.remove(&tag(number))),
        Event::Delete(number) => {
            world.tags.remove(&tag(number));
            world.host_releases.remove(&tag(number));
        }
        Event::Wait(seconds) => pass(world, watch, seconds.into()),
        Event::Restart => world.restart(),
        Event::Follow(stage) => world.edit(|spec| {
            let reference = spec.source.git.as_mut().unwrap().reference.as_mut().unwrap();
            reference.releases.as_mut().unwrap().stage = match stage {
                ReleaseStage::PreRelease => crate::api::v1alpha1::Stage::PreRelease,
                ReleaseStage::Full => crate::api::v1alpha1::Stage::Full,
            };
        }),
    }
}

proptest! {
    #![proptest_config(worlds(12))]

    #[test]
    fn only_what_is_a_release_of_the_stage_goes_live_and_never_an_older_one(
        events in proptest::collection::vec(event(), 1..30),
        stage in prop_oneof![Just("PreRelease"), Just("Full")],
    ) {
        let mut world = following(&json!({ "releases": { "pattern": "v*", "stage": stage, "provider": "Gitea" } }));
        world.edit(|spec| spec.source.interval = Some("5s".into()));
        let mut watch = Watch::default();
        for event in events {
            happen(&mut world, &mut watch, event);
        }
        // In the end a newer full release is followed, whatever came before.
        world.tag("v9", '9');
        world.host_releases.insert("v9".into(), HostRelease::Full);
        pass(&mut world, &mut watch, 120);
        prop_assert!(world.line().ends_with("v9@9999999"), "{}", world.line());
    }
}
