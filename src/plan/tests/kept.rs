//! What is kept of releases, and what it says of their version.

use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use crate::plan::Effect;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn quick() -> Value {
    json!({ "interval": "5s", "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } } })
}

/// A staging that asks Prometheus, and whose commits all pack to the same image.
fn staging() -> World {
    let query = json!({ "url": "http://prometheus:9090", "expression": "errors", "atMost": "0.5" });
    let mut world = World::new(&json!({
        "source": quick(), "environment": { "name": "Staging" }, "checks": { "verification": { "checks": [{ "name": "errors", "query": query }] } },
    }));
    world.same_tree = true;
    world.settle();
    world
}

fn has_word(world: &World) -> bool {
    let image = world.release(1).image.unwrap();
    let digest = image.rsplit_once('@').unwrap().1;
    world.releases_as_seen().word_since(digest, "Staging_OK").is_some()
}

/// Other settings, with which the same image does not hold what is asked of it.
fn mistake(world: &mut World) {
    world.prometheus = Ok(0.9);
    world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = "other".into());
    world.pass(90);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@aaaaaaa");
    assert!(!has_word(world));
    world.prometheus = Ok(0.0);
}

#[test]
fn a_mistake_in_settings_takes_the_word_of_a_version_until_it_is_put_right() {
    let mut world = staging();
    assert!(has_word(&world));
    mistake(&mut world);
    world.pass(120);
    assert!(!has_word(&world), "nothing was decided");
    world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = "mq".into());
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert!(has_word(&world), "it serves, as it was verified");
    let before = world.release(1);
    world.restart();
    world.pass(60);
    assert_eq!(world.release(1), before, "and at rest nothing is written");
}

/// Who leads by then has another clock than who rejected it.
#[test]
fn a_word_comes_back_once_under_a_clock_that_is_behind() {
    let mut world = staging();
    mistake(&mut world);
    world.restart();
    world.now -= SignedDuration::from_mins(5);
    world.edit(|spec| spec.tengine.event_queue.as_mut().unwrap().host = "mq".into());
    world.pass(60);
    let rejected = world.release(2).rejected_at.unwrap();
    assert!(world.now < rejected.0, "it is still behind");
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert!(has_word(&world), "it counts");
    let before = world.release(1);
    for _ in 0..30 {
        let plan = world.tick();
        let writes = plan.effects.iter().any(|effect| matches!(effect, Effect::RecordRelease { .. }));
        assert!(!writes && world.release(1) == before, "and is not given again and again");
    }
}

#[test]
fn a_rejection_is_kept_as_long_as_its_version() {
    let mut world = staging();
    mistake(&mut world);
    world.edit(|spec| spec.release_history_limit = Some(1));
    for digit in ['b', 'c', 'd', 'e'] {
        world.push(digit, Definition::Wrong);
        world.pass(12);
    }
    assert!(world.find_release(3).is_none(), "others go");
    assert!(!has_word(&world), "no word comes back by itself");
}

#[test]
fn what_somebody_approved_in_part_is_kept_until_it_is_decided() {
    let mut world = World::new(&json!({ "source": quick() }));
    world.settle();
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 2 } }])).unwrap();
        spec.release_history_limit = Some(2);
    });
    world.push('b', Definition::Good);
    world.pass(12);
    let action = world.said(Verb::Approve, "bob", 2, None);
    world.tick();
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    for digit in ['c', 'd', 'e', 'f', '1', '2', '3'] {
        world.push(digit, Definition::Good);
        world.pass(12);
    }
    assert!(world.find_release(3).is_none(), "of which nobody spoke");
    let action = world.said(Verb::Approve, "carol", 2, None);
    world.pass(60);
    assert!(world.answer(action).starts_with("Done"), "{}", world.answer(action));
    assert_eq!(world.pods_of('b'), 2);
}

#[test]
fn what_nobody_can_open_any_more_goes() {
    let mut world = World::new(&json!({ "source": quick() }));
    world.settle();
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 2 } }])).unwrap();
        spec.release_history_limit = Some(1);
    });
    for number in 2..40 {
        let id = format!("{number:040}");
        world.commits.insert(id.clone(), Definition::Good);
        world.head = Ok(id);
        world.pass(9);
        world.said(Verb::Approve, "bob", number, None);
        world.tick();
    }
    assert!(world.find_release(38).is_some());
    assert!(world.releases() <= 20, "bounded, too: {}", world.releases());
}

/// `completeGeneration` tells pods that are missing from pods that were asked for just now.
#[test]
fn the_generation_at_which_all_was_there_tells_missing_pods_from_those_on_their_way() {
    let mut world = World::new(&Value::Null);
    world.settle();
    let complete = |world: &World| world.object.status.clone().unwrap().complete_generation;
    let before = complete(&world);
    assert!(before.is_some());
    world.cluster.evict();
    world.tick();
    world.tick();
    assert_eq!(world.line(), "False Unavailable main@aaaaaaa");
    assert_eq!(complete(&world), before, "nothing was asked of the Deployment");
    world.settle();
    world.edit(|spec| spec.replicas = 3);
    let mut seen = Vec::new();
    for _ in 0..60 {
        world.tick();
        let ready = world.object.status.clone().unwrap().ready_replicas.unwrap();
        assert_eq!(complete(&world) == before, ready < 3, "{} at {ready}", world.line());
        seen.push(world.line());
    }
    assert!(!seen.iter().any(|line| line.starts_with("False")), "{seen:?}");
    assert_eq!((world.line().as_str(), complete(&world) > before), ("True UpToDate main@aaaaaaa", true));
}
