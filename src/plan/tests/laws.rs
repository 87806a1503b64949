//! Laws that hold in every world.

use super::cluster::{Broker, Environment};
use super::jobs::Fate;
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::Verb;
use crate::api::v1alpha1::condition::Reason;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// A law that is held against half as many worlds, always the same ones: what is wrong in one of a million is no affair of whoever changes something
/// else. With `TENGINE_WORLDS` set, against all of them, so many times, and others each time.
pub fn worlds(cases: u32) -> ProptestConfig {
    let (cases, rng_seed) =
        if searches() { (cases * times(), RngSeed::Random) } else { (cases.div_ceil(2), RngSeed::Fixed(1)) };
    ProptestConfig { cases, max_shrink_iters: 64, rng_seed, ..ProptestConfig::default() }
}

fn searches() -> bool {
    std::env::var_os("TENGINE_WORLDS").is_some()
}

/// How many times more than usual is to be tried.
pub fn times() -> u32 {
    std::env::var("TENGINE_WORLDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// No clock of an operator stands at the API server's whole seconds.
pub const BETWEEN: SignedDuration = SignedDuration::from_millis(700);

/// Something that happens to a deployment.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    Push(char, Definition),
    Wait(u8),
    Refuse(bool),
    Recover,
    Broker(bool),
    Secrets(bool),
    Restart,
    Scale(i32),
    Suspend(bool),
    Decide(Verb, Option<i64>),
    Jobs(Fate),
}

pub fn event() -> impl Strategy<Value = Event> {
    let definition = prop_oneof![
        3 => Just(Definition::Good),
        1 => Just(Definition::Wrong),
        1 => Just(Definition::Raises),
        1 => Just(Definition::Hangs),
        1 => Just(Definition::FailsChecks),
    ];
    prop_oneof![
        4 => (prop::char::range('b', 'f'), definition).prop_map(|(digit, definition)| Event::Push(digit, definition)),
        4 => (1..70_u8).prop_map(Event::Wait),
        1 => any::<bool>().prop_map(Event::Refuse),
        2 => Just(Event::Recover),
        1 => any::<bool>().prop_map(Event::Broker),
        1 => any::<bool>().prop_map(Event::Secrets),
        1 => Just(Event::Restart),
        1 => (0..4).prop_map(Event::Scale),
        1 => any::<bool>().prop_map(Event::Suspend),
        1 => prop_oneof![
            Just(Fate::Runs), Just(Fate::Unschedulable), Just(Fate::NoCommand), Just(Fate::Killed), Just(Fate::Refused)
        ].prop_map(Event::Jobs),
        2 => (verb(), prop::option::of(1..4_i64)).prop_map(|(verb, release)| Event::Decide(verb, release)),
    ]
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![Just(Verb::RollBack), Just(Verb::Resume), Just(Verb::Retry), Just(Verb::Abort)]
}

pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Push(digit, definition) => {
            // A commit's content never changes.
            let definition = world.commits.get(&commit(digit)).copied().unwrap_or(definition);
            world.push(digit, definition);
        }
        Event::Wait(seconds) => world.pass(seconds.into()),
        Event::Refuse(true) => world.head = Err((Reason::AccessDenied, true)),
        Event::Refuse(false) => world.head = Err((Reason::Unreachable, false)),
        Event::Recover => {
            let newest = world.commits.keys().next_back().cloned();
            world.head = Ok(newest.unwrap_or_else(|| commit('a')));
        }
        Event::Broker(up) => world.cluster.environment.broker = if up { Broker::Up } else { Broker::Refuses },
        Event::Secrets(there) => world.secrets = there,
        Event::Restart => world.restart(),
        Event::Scale(replicas) => world.edit(|spec| spec.replicas = replicas),
        Event::Jobs(fate) => world.jobs.fate = fate,
        Event::Suspend(suspend) => world.edit(|spec| spec.suspend = Some(suspend)),
        Event::Decide(verb, number) => {
            let release = number.filter(|_| verb != Verb::Resume).map(|number| format!("billing-{number:04}-x"));
            let known = number.and_then(|number| world.find_release(number).map(|_| world.name_of(number)));
            world.decided(verb, known.or(release).filter(|_| verb != Verb::Resume).as_deref());
        }
    }
}

/// A deployment that asks for tests and for verification.
fn checked() -> serde_json::Value {
    let job = json!({ "command": ["ruby", "test.rb"] });
    json!({ "checks": {
        "tests": [{ "name": "units", "job": job }], "verification": { "minReady": "5s", "checks": [{ "name": "smoke", "job": job }] },
    } })
}

/// Everything outside works again.
pub fn mend(world: &mut World) {
    mend_watched(world, &mut |world| drop(world.tick()));
}

/// The same, where each second is to be seen.
pub fn mend_watched(world: &mut World, second: &mut dyn FnMut(&mut World)) {
    world.cluster.environment = Environment::default();
    world.cluster.answers();
    world.jobs.fate = Fate::Runs;
    world.secrets = true;
    happen(world, Event::Recover);
    second(world);
    // Nothing is pinned, and what was aborted is tried again.
    world.decided(Verb::Resume, None);
    for _ in 0..6 {
        second(world);
        world.decided(Verb::Retry, None);
    }
    if world.object.spec.suspend == Some(true) || world.object.spec.replicas == 0 {
        world.edit(|spec| {
            spec.suspend = None;
            spec.replicas = 2;
        });
    }
}

proptest! {
    #![proptest_config(worlds(10))]

    /// Progress: once everything outside works, a deployment always comes to rest, and it rests at the newest commit if that
    /// is good.
    #[test]
    fn a_fair_world_comes_to_rest(events in prop::collection::vec(event(), 0..8)) {
        let mut world = World::new(&checked());
        world.between = BETWEEN;
        for event in events {
            happen(&mut world, event);
        }
        mend(&mut world);
        world.pass(160);
        let newest = world.head.clone().unwrap();
        let line = world.line();
        if world.commits[&newest] == Definition::Good {
            prop_assert_eq!(line, format!("True UpToDate main@{}", &newest[..7]));
        } else {
            prop_assert!(line.starts_with("False "), "{}", line);
            prop_assert!(world.decide().status.conditions.iter().any(|condition| condition.type_ == "Stalled"), "{}", line);
        }
    }

    /// Idempotence and determinism: planning again on the same sight gives the same, and at rest nothing.
    #[test]
    fn planning_twice_is_planning_once(events in prop::collection::vec(event(), 0..8)) {
        let mut world = World::new(&checked());
        world.between = BETWEEN;
        for event in events {
            happen(&mut world, event);
            let (one, other) = (world.decide(), world.decide());
            prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        mend(&mut world);
        world.pass(160);
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }

    /// Never both: a status says either that work goes on or that somebody must act.
    #[test]
    fn reconciling_and_stalled_exclude_each_other(events in prop::collection::vec(event(), 0..12)) {
        let mut world = World::new(&checked());
        world.between = BETWEEN;
        for event in events {
            happen(&mut world, event);
            let status = world.decide().status;
            let has = |kind: &str| status.conditions.iter().any(|condition| condition.type_ == kind);
            prop_assert!(!(has("Reconciling") && has("Stalled")));
            prop_assert!(status.conditions.iter().all(|condition| !condition.message.is_empty() || condition.type_ == "Available"));
        }
    }

    /// Safety: with rolling updates, what serves is never taken away before its successor is proven, whatever is pushed.
    #[test]
    fn a_push_never_takes_away_what_serves(events in prop::collection::vec(event(), 0..8)) {
        let mut world = World::new(&json!({}));
        world.settle();
        world.fewest_ready = usize::MAX;
        for event in events {
            if !matches!(event, Event::Scale(_)) {
                happen(&mut world, event);
                world.tick();
            }
        }
        prop_assert!(world.fewest_ready >= 2, "only {} ready", world.fewest_ready);
    }

    /// Safety: `Recreate` never runs two versions.
    #[test]
    fn recreate_never_runs_two_versions(events in prop::collection::vec(event(), 0..8)) {
        let mut world = World::new(&json!({ "strategy": { "type": "Recreate" } }));
        for event in events {
            happen(&mut world, event);
            world.tick();
        }
        prop_assert!(world.most_versions <= 1);
    }
}
