//! Laws: where only the environment misbehaves, nobody is condemned; wrong content is, wherever it runs. Alone, and beside another
//! tenant whom one's gate asks, both with checks of their own.

use super::cluster::{Broker, Environment};
use super::jobs::Fate;
use super::laws::worlds;
use super::stages::Stages;
use super::verdicts::refused;
use super::world::{Definition, World};
use crate::api::v1alpha1::ReleaseState;
use proptest::prelude::*;
use serde_json::{Value, json};

/// All that can be wrong with an environment and be seen.
fn environment() -> impl Strategy<Value = Environment> {
    let broker = prop_oneof![
        3 => Just(Broker::Up), 2 => Just(Broker::Refuses), 1 => Just(Broker::Poisoned),
        1 => Just(Broker::PoisonedAtOnce), 1 => Just(Broker::Closes),
        // What a core waits for without a word is seen from rendering 2 on.
        1 => Just(if crate::manifest::RENDERING > 1 { Broker::Silent } else { Broker::Refuses }),
    ];
    (broker, prop::array::uniform18(prop::bool::weighted(0.2))).prop_map(|(broker, wrong)| Environment {
        broker,
        unschedulable: wrong[0],
        unpullable: wrong[1],
        init_fails: wrong[2],
        sidecar_fails: wrong[3],
        quota: wrong[4],
        rewrites: wrong[5],
        races: wrong[6],
        stale_progress: wrong[7],
        node_lost: wrong[8],
        in_hand: 0,
        lags: wrong[9],
        meddled: wrong[10],
        hungry: false,
        mute: false,
        mixed: false,
        unstarted: wrong[11].then_some(("CreateContainerError", "failed to reserve container name")),
        foreign: wrong[12],
        slow: wrong[13],
        stranger: wrong[14],
        unreadable: wrong[15],
        paused: wrong[16],
        ahead: wrong[17],
    })
}

/// Environments for so many seconds each, and whether the operator restarts, a pod is evicted, a good commit is pushed.
fn story() -> impl Strategy<Value = Vec<(Environment, u32, [bool; 3])>> {
    let flags = prop::array::uniform3(prop::bool::weighted(0.3));
    prop::collection::vec((environment(), 1..60_u32, flags), 0..6)
}

/// A letter for the commit that is pushed in this chapter of a story.
fn letter(chapter: usize) -> char {
    char::from(b'b' + u8::try_from(chapter).unwrap())
}

fn play(world: &mut World, story: &[(Environment, u32, [bool; 3])], definition: Definition) {
    for (number, (environment, seconds, [restarts, evicted, pushed])) in story.iter().enumerate() {
        world.cluster.environment = *environment;
        if *restarts {
            world.restart();
        }
        if *evicted {
            world.cluster.evict();
        }
        if *pushed {
            world.push(letter(number), definition);
        }
        world.pass(*seconds);
    }
}

proptest! {
    #![proptest_config(worlds(12))]

    /// Where only the environment misbehaves, for any length of time and in any order, no release is ever refused, and once it
    /// behaves, the newest commit goes live.
    #[test]
    fn an_environment_condemns_nothing(story in story()) {
        let mut world = World::new(&Value::Null);
        play(&mut world, &story, Definition::Good);
        prop_assert_eq!(refused(&world), []);
        world.cluster.environment = Environment::default();
        world.pass(100);
        prop_assert_eq!(refused(&world), []);
        prop_assert_eq!(world.line(), newest(&world));
    }

    /// A commit whose own content is wrong is refused in every environment that lets its container run.
    #[test]
    fn wrong_content_is_refused_wherever_it_runs(story in story(), last in environment()) {
        let mut world = World::new(&Value::Null);
        play(&mut world, &story, Definition::Good);
        world.cluster.environment = Environment {
            unschedulable: false,
            unpullable: false,
            unstarted: None,
            foreign: false,
            init_fails: false,
            quota: false,
            paused: false,
            node_lost: false,
            unreadable: false,
            ..last
        };
        world.push('9', Definition::Raises);
        world.pass(150);
        prop_assert_eq!(refused(&world), [ReleaseState::CoreFailed], "{}", world.line());
    }
}

/// What the environment does to the Jobs of checks.
fn fate() -> impl Strategy<Value = Fate> {
    let wrong = [
        Fate::Unschedulable,
        Fate::Unpullable,
        Fate::NoCommand,
        Fate::Refused,
        Fate::Killed,
        Fate::SlowPull,
        Fate::DatabaseAway,
        Fate::DatabaseRefused,
    ];
    prop_oneof![2 => Just(Fate::Runs), 1 => prop::sample::select(wrong.to_vec())]
}

/// What happens to one of two tenants for a while.
#[derive(Debug, Clone)]
struct Chapter {
    /// Whether it happens to the one that the other's gate asks.
    upstream: bool,
    environment: Environment,
    fate: Fate,
    seconds: u32,
    restarts: bool,
    pushed: bool,
}

fn chapters() -> impl Strategy<Value = Vec<Chapter>> {
    let chapter = (any::<bool>(), environment(), fate(), 1..60_u32, prop::array::uniform2(prop::bool::weighted(0.3)));
    let chapter = chapter.prop_map(|(upstream, environment, fate, seconds, [restarts, pushed])| Chapter {
        upstream,
        environment,
        fate,
        seconds,
        restarts,
        pushed,
    });
    prop::collection::vec(chapter, 0..5)
}

/// Both have a preflight, tests and a verification of their own; the gate of one asks for the word of the other.
fn tenants() -> Stages {
    let job = json!({ "command": ["ruby", "test.rb"], "timeout": "20s" });
    let checks = json!({
        "preflight": { "load": true },
        "tests": [{ "name": "units", "job": job }], "verification": { "checks": [{ "name": "smoke", "job": job }] },
    });
    let mut stages = Stages::with_soak("0s");
    for world in [&mut stages.staging, &mut stages.production] {
        world.edit(|spec| spec.checks = serde_json::from_value(checks.clone()).unwrap());
    }
    stages
}

fn live_out(stages: &mut Stages, chapters: &[Chapter]) {
    for (number, chapter) in chapters.iter().enumerate() {
        let world = if chapter.upstream { &mut stages.staging } else { &mut stages.production };
        (world.cluster.environment, world.jobs.fate) = (chapter.environment, chapter.fate);
        if chapter.restarts {
            world.restart();
        }
        if chapter.pushed {
            stages.push(letter(number), Definition::Good);
        }
        stages.pass(chapter.seconds);
    }
}

/// Time passes, with nothing wrong any more, until both serve the newest commit; not without end.
fn behave(stages: &mut Stages) {
    for world in [&mut stages.staging, &mut stages.production] {
        (world.cluster.environment, world.jobs.fate) = (Environment::default(), Fate::Runs);
    }
    let serves = |world: &World| world.line() == newest(world);
    for _ in 0..40 {
        stages.pass(10);
        if serves(&stages.staging) && serves(&stages.production) {
            return;
        }
    }
}

/// What a world says that serves what was pushed last.
fn newest(world: &World) -> String {
    format!("True UpToDate main@{}", &world.head.clone().unwrap()[..7])
}

proptest! {
    #![proptest_config(worlds(4))]

    /// What the environment of either does condemns nothing of either; once both behave, both serve the newest commit.
    ///
    /// What holds of one tenant, of checks and of gates has laws and stories of its own, which find what is wrong with each. This
    /// one holds them together: nothing of one tenant's trouble comes through the gate, and none of the three waits for another
    /// for ever.
    #[test]
    fn an_environment_condemns_nothing_of_two_tenants(chapters in chapters()) {
        let mut stages = tenants();
        live_out(&mut stages, &chapters);
        behave(&mut stages);
        for world in [&stages.staging, &stages.production] {
            prop_assert_eq!(refused(world), []);
            prop_assert_eq!(world.line(), newest(world));
        }
    }

    /// The first that runs wrong content refuses it, whatever the other one's environment does; whose gate asks the first never
    /// runs it, and blames it for nothing but what its own core does not load.
    ///
    /// Which ends condemn is held by `wrong_content_is_refused_wherever_it_runs`; this one says that whoever comes first pays for
    /// it alone.
    #[test]
    fn wrong_content_is_refused_by_the_first_tenant_that_runs_it(chapters in chapters(), beside in environment()) {
        let mut stages = tenants();
        live_out(&mut stages, &chapters);
        behave(&mut stages);
        stages.production.cluster.environment = beside;
        stages.push('9', Definition::Raises);
        stages.pass(90);
        prop_assert_eq!(refused(&stages.staging), [ReleaseState::LoadFailed], "{}", stages.staging.line());
        // Its own core may have been asked before the gate was.
        prop_assert!(refused(&stages.production).iter().all(|state| *state == ReleaseState::LoadFailed));
        prop_assert_eq!(stages.production.pods_of('9'), 0);
    }
}
