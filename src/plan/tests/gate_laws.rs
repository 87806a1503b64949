//! Laws of gates, in every world.

use super::laws::worlds;
use super::stages::{Stages, staging};
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{Outcome, Verb};
use crate::plan::observed::Upstream;
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const SOAK: SignedDuration = SignedDuration::from_secs(15);

/// Something that happens to two stages.
#[derive(Debug, Clone, Copy)]
enum Event {
    Push(char, Definition),
    Wait(u8),
    /// Staging rejects what it had verified.
    Revoke(i64),
    /// Staging cannot be seen for a while.
    Lose(u8),
    RestartProduction,
    /// Production gets other settings, and so another release.
    Settings(u8),
    Decide(Verb, Option<i64>),
    ClockBack(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let definition =
        prop_oneof![3 => Just(Definition::Good), 1 => Just(Definition::Wrong), 1 => Just(Definition::Raises)];
    let verb = prop_oneof![Just(Verb::RollBack), Just(Verb::Resume), Just(Verb::Retry), Just(Verb::Abort)];
    prop_oneof![
        4 => (prop::char::range('b', 'f'), definition).prop_map(|(digit, definition)| Event::Push(digit, definition)),
        4 => (1..50_u8).prop_map(Event::Wait),
        1 => (1..4_i64).prop_map(Event::Revoke),
        1 => (1..30_u8).prop_map(Event::Lose),
        1 => Just(Event::RestartProduction),
        1 => (0..3_u8).prop_map(Event::Settings),
        2 => (verb, prop::option::of(1..4_i64)).prop_map(|(verb, release)| Event::Decide(verb, release)),
        1 => (1..100_u8).prop_map(Event::ClockBack),
    ]
}

/// What production's plan is held against.
struct Watch {
    /// For how long staging must have said so; nobody counts where versions are taken over.
    soak: Option<SignedDuration>,
    told: Option<String>,
    /// The versions that went live.
    ran: BTreeSet<String>,
}

impl Watch {
    fn new(soak: Option<SignedDuration>) -> Self {
        Self { soak, told: None, ran: BTreeSet::new() }
    }
}

impl Watch {
    /// A second passes. What begins to go live then has the word in staging for as long as is asked, or has been live before.
    fn second(&mut self, stages: &mut Stages, seen: Option<Upstream>) {
        stages.staging.tick();
        let seen = seen.unwrap_or_else(|| stages.staging.seen());
        stages.production.upstreams.insert(staging(), seen.clone());
        let before = stages.production.releases_as_seen();
        let now = stages.production.now;
        stages.production.tick();
        let told = stages.production.told();
        if told != self.told
            && let Some(name) = &told
        {
            // The image of one that was built this second is in its record now.
            let after = stages.production.releases_as_seen();
            let release = after.named(name).unwrap();
            let was_proven = before.named(name).is_some_and(|release| release.verified_at().is_some());
            let proven = match &seen {
                Upstream::Seen(seen) => seen.releases.word_since(release.digest().unwrap(), "Staging_OK"),
                _ => None,
            };
            let open = proven.is_some_and(|since| self.soak.is_none_or(|soak| since + soak <= now));
            // What was taken over stays with other settings, whatever became of it elsewhere.
            let kept = self.soak.is_none() && self.ran.contains(release.digest().unwrap());
            self.ran.insert(release.digest().unwrap().to_owned());
            assert!(open || kept || was_proven, "{name} goes live, and staging says {proven:?} at {now}");
        }
        self.told = told;
    }
}

fn happen(stages: &mut Stages, watch: &mut Watch, event: Event) {
    match event {
        Event::Push(digit, definition) => {
            let definition = stages.staging.commits.get(&commit(digit)).copied().unwrap_or(definition);
            stages.push(digit, definition);
        }
        Event::Wait(seconds) => (0..seconds).for_each(|_| watch.second(stages, None)),
        Event::Revoke(number) => {
            if stages.staging.find_release(number).is_some_and(|release| release.verified_at.is_some()) {
                stages.staging_rejects(number);
            }
        }
        Event::Lose(seconds) => (0..seconds).for_each(|_| watch.second(stages, Some(Upstream::NotRead))),
        Event::RestartProduction => stages.production.restart(),
        Event::Settings(number) => {
            stages.production.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = format!("mq-{number}"));
        }
        Event::Decide(verb, number) => decide(&mut stages.production, verb, number),
        Event::ClockBack(seconds) => stages.production.now -= SignedDuration::from_secs(seconds.into()),
    }
}

fn decide(world: &mut World, verb: Verb, number: Option<i64>) {
    let known = number.and_then(|number| world.find_release(number).map(|_| world.name_of(number)));
    world.decided(verb, known.filter(|_| verb != Verb::Resume).as_deref());
}

proptest! {
    #![proptest_config(worlds(12))]

    /// Safety: no release goes live with a closed gate, and no version is taken over without its words.
    #[test]
    fn no_release_goes_live_with_a_closed_gate(
        events in prop::collection::vec(event(), 0..14),
        promotes in any::<bool>(),
    ) {
        let mut stages = if promotes { Stages::promoting() } else { Stages::with_soak("15s") };
        let mut watch = Watch::new((!promotes).then_some(SOAK));
        for event in events {
            happen(&mut stages, &mut watch, event);
        }
        (0..60).for_each(|_| watch.second(&mut stages, None));
    }

    /// Words are a function of the history: whatever happened, each release has exactly the word that follows from the rest of
    /// its record, and a new process changes nothing.
    #[test]
    fn words_are_a_function_of_the_history(events in prop::collection::vec(event(), 0..10)) {
        let mut stages = Stages::with_soak("15s");
        let mut watch = Watch::new(Some(SOAK));
        for event in events {
            happen(&mut stages, &mut watch, event);
        }
        stages.pass(100);
        for release in stages.staging.releases_as_seen().iter() {
            let words: Vec<&str> = release.status.statuses.iter().map(|status| status.name.as_str()).collect();
            let verified = release.verified_at().is_some() && release.rejection().is_none();
            prop_assert_eq!(words, if verified { vec!["Staging_OK"] } else { Vec::new() });
        }
        let before = format!("{:?}", stages.staging.releases_as_seen());
        stages.staging.restart();
        stages.pass(20);
        prop_assert_eq!(before, format!("{:?}", stages.staging.releases_as_seen()));
    }
}

/// What is said at gates, and what happens meanwhile.
#[derive(Debug, Clone, Copy)]
enum Talk {
    Push(char),
    Wait(u8),
    Say(Verb, &'static str, i64),
    Restart,
    ClockBack(u8),
}

fn talk() -> impl Strategy<Value = Talk> {
    let verb = prop_oneof![4 => Just(Verb::Approve), 2 => Just(Verb::Reject), 1 => Just(Verb::Override)];
    let who = prop_oneof![Just("bob"), Just("carol"), Just("dave"), Just("mallory")];
    prop_oneof![
        2 => prop::char::range('b', 'e').prop_map(Talk::Push),
        3 => (1..40_u8).prop_map(Talk::Wait),
        6 => (verb, who, 1..5_i64).prop_map(|(verb, who, number)| Talk::Say(verb, who, number)),
        1 => Just(Talk::Restart),
        1 => (1..100_u8).prop_map(Talk::ClockBack),
    ]
}

/// Whether the answers so far let a version pass: so many people for it, none against it, each by their last word; or one
/// who overrode it.
pub fn may_pass(world: &World, digest: &str, required: usize) -> bool {
    let mut said: Vec<_> = world
        .actions
        .iter()
        .filter_map(|action| {
            let status = action.status.as_ref()?;
            let holds = status.outcome == Some(Outcome::Done) && status.digest.as_deref() == Some(digest);
            holds.then(|| (status.at.clone().unwrap().0, action.spec.action, action.spec.by.user.clone()))
        })
        .collect();
    said.sort_by_key(|(at, _, _)| *at);
    let overridden = said.iter().any(|(_, verb, _)| *verb == Verb::Override);
    let last: BTreeMap<_, _> =
        said.into_iter().filter(|(_, verb, _)| *verb != Verb::Override).map(|(_, verb, user)| (user, verb)).collect();
    let fits = last.values().filter(|verb| **verb == Verb::Approve).count() >= required;
    overridden || fits && last.values().all(|verb| *verb == Verb::Approve) && !last.contains_key("mallory")
}

proptest! {
    #![proptest_config(worlds(12))]

    /// Safety: no release goes live without the approvals that its gate asks for, whoever says what and when.
    #[test]
    fn no_release_goes_live_without_its_approvals(talks in prop::collection::vec(talk(), 0..24)) {
        let mut world = World::new(&serde_json::Value::Null);
        world.settle();
        let from = serde_json::json!({ "users": ["bob", "carol", "dave"] });
        let gates = serde_json::json!([{ "name": "ops", "approval": { "required": 2, "from": from } }]);
        world.edit(|spec| spec.gates = serde_json::from_value(gates).unwrap());
        let mut told = world.told();
        for talk in talks.into_iter().chain([Talk::Wait(30)]) {
            let mut seconds = 1;
            match talk {
                Talk::Push(digit) => world.push(digit, Definition::Good),
                Talk::Wait(wait) => seconds = wait,
                Talk::Say(verb, who, number) if world.find_release(number).is_some() => {
                    world.said(verb, who, number, Some("ops"));
                }
                Talk::Say(..) => {}
                Talk::Restart => world.restart(),
                Talk::ClockBack(seconds) => world.now -= SignedDuration::from_secs(seconds.into()),
            }
            for _ in 0..seconds {
                let (before, releases) = (world.actions.clone(), world.releases_as_seen());
                world.tick();
                let now = world.told();
                if now != told {
                    let release = releases.named(now.as_deref().unwrap()).unwrap();
                    let after = std::mem::replace(&mut world.actions, before);
                    let passes = may_pass(&world, release.digest().unwrap(), 2) || release.verified_at().is_some();
                    world.actions = after;
                    prop_assert!(passes, "{} goes live: {:?}", release.name, world.actions);
                }
                told = now;
            }
        }
    }
}
