//! `tengine.dev/reconcile-at`: everything outside is asked at once, and once.

use super::stages::Stages;
use super::world::World;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::desired::RECONCILE_AT;
use crate::plan::{Effect, plan, validate};
use kube::ResourceExt as _;
use rstest::rstest;
use serde_json::json;

/// In so many seconds nothing is due by itself.
const QUIET: u32 = 120;

/// One that looks once an hour.
fn live() -> World {
    let git = json!({ "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } });
    let base = json!({ "reference": "r.example.com/core:1", "interval": "1h" });
    let mut world = World::new(&json!({
        "source": { "interval": "1h", "git": git },
        "image": { "base": base, "repository": "r.example.com/ops/billing" },
    }));
    world.settle();
    world
}

fn annotate(world: &mut World, value: &str) {
    world.object.annotations_mut().insert(RECONCILE_AT.into(), value.into());
}

/// How often Git host and registry were asked: where the ref is, what the base is, whether pushing is allowed.
fn asked(world: &World) -> [u32; 3] {
    ["git", "base", "push"].map(|who| world.asked.get(who).copied().unwrap_or_default())
}

/// How often they were asked since.
fn since(world: &World, before: [u32; 3]) -> [u32; 3] {
    let now = asked(world);
    [0, 1, 2].map(|who| now[who] - before[who])
}

fn handled(world: &World) -> Option<&str> {
    world.object.status.as_ref()?.last_handled_reconcile_at.as_deref()
}

#[test]
fn who_asks_has_everything_looked_at_at_once_and_once() {
    let mut world = live();
    let before = asked(&world);
    world.pass(QUIET);
    assert_eq!(since(&world, before), [0; 3], "nothing is due by itself");
    for (times, value) in [(1, "2026-01-01T00:00:00Z"), (2, "any other text")] {
        annotate(&mut world, value);
        world.tick();
        assert_eq!(since(&world, before), [times; 3], "at once");
        world.tick();
        assert_eq!(handled(&world), Some(value));
        world.pass(QUIET);
        assert_eq!(since(&world, before), [times; 3], "once it is answered, never again");
    }
}

#[test]
fn who_asks_does_not_wait_for_the_next_try_of_a_host_in_trouble() {
    let mut world = live();
    world.head = Err((Reason::AuthenticationFailed, true));
    annotate(&mut world, "first");
    world.tick();
    let before = asked(&world);
    world.tick();
    assert_eq!((since(&world, before), handled(&world)), ([0; 3], Some("first")), "a no is an answer");
    annotate(&mut world, "second");
    world.tick();
    assert_eq!(since(&world, before), [1; 3]);
}

#[test]
fn a_new_operator_serves_what_none_has_served_and_nothing_else() {
    let mut world = live();
    annotate(&mut world, "now");
    world.restart();
    let before = asked(&world);
    world.pass(2);
    assert_eq!((since(&world, before), handled(&world)), ([1; 3], Some("now")));
    world.restart();
    let before = asked(&world);
    world.pass(QUIET);
    // The base was answered before, and is asked again in its time.
    assert_eq!(since(&world, before), [1, 0, 1]);
}

#[test]
fn who_is_suspended_is_served_when_it_goes_on() {
    let mut world = live();
    let before = asked(&world);
    world.edit(|spec| spec.suspend = Some(true));
    annotate(&mut world, "now");
    world.pass(QUIET);
    assert_eq!((since(&world, before), handled(&world)), ([0; 3], None));
    world.edit(|spec| spec.suspend = None);
    world.pass(2);
    assert_eq!((since(&world, before), handled(&world)), ([1; 3], Some("now")));
}

#[rstest]
fn it_is_handled_once_all_have_answered(#[values(0, 1, 2)] open: usize) {
    let mut world = live();
    annotate(&mut world, "now");
    let desired = validate(&world.object).unwrap();
    let mut observed = world.observed();
    let served = |who: usize| (who != open).then(|| "now".to_owned());
    (observed.source.served, observed.base.served, observed.push.served) = (served(0), served(1), served(2));
    let asks = |effects: &[Effect]| {
        [
            effects.iter().any(|effect| matches!(effect, Effect::LookAtSource)),
            effects.iter().any(|effect| matches!(effect, Effect::LookAtBase)),
            effects.iter().any(|effect| matches!(effect, Effect::CheckPush)),
        ]
    };
    let planned = plan(&desired, &observed, world.now);
    assert_eq!(asks(&planned.effects), [0, 1, 2].map(|who| who == open));
    assert_eq!(planned.status.last_handled_reconcile_at, None);
    for look in [&mut observed.source.running, &mut observed.base.running, &mut observed.push.running] {
        *look = true;
    }
    let planned = plan(&desired, &observed, world.now);
    assert_eq!(asks(&planned.effects), [0, 1, 2].map(|who| who == open), "what is being asked began before");
    for look in [&mut observed.source.serving, &mut observed.base.serving, &mut observed.push.serving] {
        *look = Some("now".to_owned());
    }
    let planned = plan(&desired, &observed, world.now);
    assert_eq!(asks(&planned.effects), [false; 3], "it is being asked");
    assert_eq!(planned.status.last_handled_reconcile_at, None);
    let all = Some("now".to_owned());
    (observed.source.served, observed.base.served, observed.push.served) = (all.clone(), all.clone(), all.clone());
    assert_eq!(plan(&desired, &observed, world.now).status.last_handled_reconcile_at, all);
}

#[test]
fn where_nobody_outside_is_asked_it_is_handled_at_once() {
    let mut world = Stages::promoting().production;
    annotate(&mut world, "now");
    world.tick();
    assert_eq!((asked(&world), handled(&world)), ([0; 3], Some("now")));
}
