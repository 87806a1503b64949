//! What a registry's retention took is made again.

use super::world::{Definition, World};
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{Build, Look, Step, Trouble};
use crate::plan::{Effect, plan, validate};
use serde_json::{Value, json};

/// The registry lost its images, and a pod has to be pulled anew.
fn pruned() -> World {
    let mut world = World::new(
        &json!({ "source": { "git": { "url": "https://git.example.com/ops/jobs.git" }, "interval": "10s" } }),
    );
    world.settle();
    world.asked.clear();
    world.prune();
    world
}

fn looks(world: &World) -> u32 {
    world.asked.get("image").copied().unwrap_or_default()
}

#[test]
fn an_image_that_is_gone_is_made_again() {
    let mut world = pruned();
    let image = world.release(1).image;
    while !world.line().contains("ImageGone") {
        world.tick();
    }
    let said = "aaaaaaa: the image was removed from the registry and is made again";
    assert!(world.message().contains(said), "{}", world.message());
    assert!(world.condition("ImageReady").starts_with("False ImageGone"), "{}", world.condition("ImageReady"));
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(world.asked["build"], 1);
    assert_eq!(world.release(1).image, image, "by the digest that the pods wait for");
    assert!(world.release(1).image_made_at.is_some());
}

#[test]
fn it_is_asked_once_in_an_interval_and_built_once_for_each_loss() {
    let mut world = pruned();
    world.nodes_wait = true;
    world.pass(30);
    let said = "was made again: nodes pull it at their next try";
    assert!(world.message().contains(said), "{}", world.message());
    assert_eq!(world.asked["build"], 1);
    assert!((3..=5).contains(&looks(&world)), "{}", looks(&world));
}

#[test]
fn a_restart_in_between_makes_it_again_once_more_at_most() {
    let mut world = pruned();
    world.nodes_wait = true;
    world.pass(5);
    world.restart();
    world.pass(30);
    assert_eq!(world.asked["build"], 1, "the registry has it, and is asked");
}

#[test]
fn nodes_that_cannot_pull_what_is_there_are_told_so() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.asked.clear();
    world.cluster.environment.unpullable = true;
    world.cluster.evict();
    world.pass(20);
    assert!(world.line().starts_with("False PullFailed"), "{}", world.line());
    assert_eq!((looks(&world), world.asked.get("build")), (1, None));
}

#[test]
fn a_registry_is_not_asked_where_nothing_is_wrong() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(looks(&world), 0);
}

#[test]
fn what_keeps_it_from_being_made_again_is_said_and_waited_for() {
    let mut world = pruned();
    while !world.decide().effects.iter().any(|effect| matches!(effect, Effect::Build { .. })) {
        world.tick();
    }
    let mut observed = world.observed();
    let release = world.name_of(1);
    let retry_at = world.now + jiff::SignedDuration::from_secs(7);
    let (message, since) = ("the base image is not there".to_owned(), world.now);
    let trouble = Trouble { reason: Reason::BaseImageNotFound, message, definite: true, since, at: since, retry_at };
    observed.builds = [(release, Build::Trouble(Step::Image, trouble))].into();
    let decided = plan(&validate(&world.object).unwrap(), &observed, world.now);
    assert!(!decided.effects.iter().any(|effect| matches!(effect, Effect::Build { .. })));
    assert!(decided.next.as_secs() <= 7, "{:?}", decided.next);
    let ready = &decided.status.conditions[0];
    assert_eq!(ready.reason, "ImageGone");
    assert!(ready.message.contains("is not made again yet: the base image is not there"), "{}", ready.message);
    // Another release was told meanwhile, and what its registry has is not known any more.
    observed.image = Look::default();
    let decided = plan(&validate(&world.object).unwrap(), &observed, world.now);
    assert!(decided.effects.iter().any(|effect| matches!(effect, Effect::LookForImage)), "{:?}", decided.effects);
}

#[test]
fn an_image_that_comes_out_as_another_one_is_a_persons_to_decide() {
    let mut world = pruned();
    // The operator before made another image of the same content.
    world.maker = "other";
    world.pass(30);
    assert!(world.line().starts_with("False ImageGone"), "{}", world.line());
    assert!(world.message().contains("cannot be made again as it was"), "{}", world.message());
    assert_eq!(world.asked["build"], 1, "once, not again and again");
}
