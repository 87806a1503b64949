//! What is said while a build is tried again, and of one that was refused.

use super::world::{Definition, World, commit};
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{Build, CommitFacts, Refused, Step, Trouble};
use crate::plan::{plan, validate};
use rstest::rstest;
use serde_json::{Value, json};

/// The status while the first release's build is so.
fn status_with(world: &World, build: Build) -> TengineDeploymentStatus {
    let mut observed = world.observed();
    let release = observed.releases.newest().unwrap().name.clone();
    observed.builds = [(release, build)].into();
    plan(&validate(&world.object).unwrap(), &observed, world.now).status
}

fn building() -> World {
    let mut world = World::new(&Value::Null);
    while !world.line().starts_with("Unknown Building") {
        world.tick();
    }
    world
}

fn trouble(world: &World, definite: bool) -> Trouble {
    let (since, retry_at) = (world.now, world.now);
    Trouble { reason: Reason::PlatformMissing, message: "it is for s390x".into(), definite, since, at: since, retry_at }
}

#[test]
fn a_retry_says_what_was_in_the_way_until_there_is_an_outcome() {
    let world = building();
    for (step, definite) in [(Step::Image, true), (Step::Image, false), (Step::Source, true)] {
        let before = (step, trouble(&world, definite));
        let waiting = status_with(&world, Build::Trouble(step, before.1.clone()));
        assert_eq!(waiting, status_with(&world, Build::Running(Some(before))));
        assert!(waiting.conditions[0].message.contains("it is for s390x"), "{waiting:?}");
    }
}

/// A thousand deployments share the question that is refused, and each would have its own build refused.
#[rstest]
#[case::from_the_beginning(true)]
#[case::since(false)]
fn no_build_is_tried_again_and_again_where_the_registry_refuses_who_pushes(#[case] from_the_beginning: bool) {
    let mut world = World::new(&json!({}));
    if !from_the_beginning {
        world.settle();
    }
    world.registry_refuses = true;
    world.push('b', Definition::Good);
    let asked = |world: &World, who: &str| world.asked.get(who).copied().unwrap_or_default();
    let before = asked(&world, "build");
    let of_base = asked(&world, "base");
    world.pass(90);
    // A build does not tell whose credentials were refused.
    assert_eq!(asked(&world, "base"), of_base + 1, "{}", world.line());
    world.pass(1_710);
    let tried = asked(&world, "build") - before;
    // Nobody knows of it before the first one that is.
    assert_eq!(tried, u32::from(!from_the_beginning), "{}", world.line());
    assert!(world.line().starts_with("False AuthenticationFailed"), "{}", world.line());
    world.registry_refuses = false;
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb", "{}", world.message());
}

#[test]
fn what_is_too_large_is_refused_by_one_name() {
    let world = building();
    let (message, evidence) = ("large.bin has 100 MiB".to_owned(), String::new());
    let (content, facts) = (None, CommitFacts::default());
    let refused = Refused { reason: Reason::TooLarge, message, evidence, content, facts };
    let status = status_with(&world, Build::Refused(Box::new(refused)));
    let said: Vec<_> = status.conditions.iter().map(|said| (said.type_.as_str(), said.reason.as_str())).collect();
    assert!(said.contains(&("Ready", "TreeRefused")) && said.contains(&("DefinitionValid", "TreeRefused")), "{said:?}");
}

#[test]
fn a_build_that_ends_the_operator_is_begun_ever_more_seldom() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.asked.clear();
    world.crashes = true;
    world.push('b', Definition::Good);
    world.pass(600);
    // At once, once more after the first restart, then after 10, 20, 40, 80 and 160 seconds and so on.
    assert!((4..=9).contains(&world.asked["build"]), "{}", world.asked["build"]);
    assert!(world.release(2).build_attempts.unwrap() > 3);
    assert!(
        world.condition("DefinitionValid").contains("WorkerFailed: bbbbbbb: its build was begun"),
        "{}",
        world.condition("DefinitionValid")
    );
    world.crashes = false;
    world.pass(600);
    assert_eq!((world.line().as_str(), world.release(2).build_attempts), ("True UpToDate main@bbbbbbb", None));
}

/// What is written of a build that begins, and of one that came through, is no reason to begin it again.
#[test]
fn after_a_restart_what_is_in_the_way_of_a_build_is_tried_again_in_its_time() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.push('b', Definition::Good);
    world.left.insert(commit('b'));
    world.pass(120);
    for _ in 0..2 {
        world.restart();
        world.pass(20);
        let builds = world.asked["build"];
        for _ in 0..100 {
            world.tick();
            assert!(
                world.condition("DefinitionValid").contains("does not give out"),
                "{}",
                world.condition("DefinitionValid")
            );
        }
        // Every five seconds, and a look before it.
        assert!(world.asked["build"] - builds <= 20, "{} builds", world.asked["build"] - builds);
    }
}

#[test]
fn a_newer_commit_does_not_wait_for_one_whose_build_never_ends() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.crashes = true;
    world.push('b', Definition::Good);
    world.pass(120);
    world.crashes = false;
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

/// What was said while a branch leaves each commit before it is fetched.
fn said_in_a_storm(world: &mut World) -> Vec<String> {
    let mut said = Vec::new();
    for digit in ['b', 'c', 'd'] {
        world.push(digit, Definition::Good);
        world.left.insert(commit(digit));
        let asked = world.asked["build"];
        for _ in 0..90 {
            world.tick();
            said.push(format!("{} {}", world.line(), world.message()));
            if world.asked["build"] > asked {
                break;
            }
        }
        assert_eq!(world.asked["build"], asked + 1, "{digit} is tried, and none of before again");
    }
    world.push('e', Definition::Good);
    said
}

#[test]
fn a_commit_that_its_branch_left_before_the_fetch_is_looked_for_again_at_once_and_nothing_is_said_of_it() {
    let mut world = World::new(&Value::Null);
    world.settle();
    for line in said_in_a_storm(&mut world) {
        assert!(!line.starts_with("False") && !line.contains("give out"), "{line}");
    }
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@eeeeeee");
}

#[test]
fn the_first_commit_is_not_false_either_when_its_branch_leaves_it() {
    let mut world = World::new(&Value::Null);
    world.left.insert(commit('a'));
    while !world.asked.contains_key("build") {
        world.tick();
    }
    world.push('b', Definition::Good);
    for _ in 0..30 {
        world.tick();
        assert!(!world.line().starts_with("False"), "{} {}", world.line(), world.message());
    }
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_commit_that_is_not_given_out_though_its_branch_stays_is_told() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.push('b', Definition::Good);
    world.left.insert(commit('b'));
    let asked = world.asked["build"];
    while world.asked["build"] == asked {
        world.tick();
    }
    world.pass(30);
    assert!(world.line().starts_with("Unknown Building"), "{}", world.line());
    assert!(world.message().contains("does not give out"), "{}", world.message());
    let looks = world.asked["git"];
    world.pass(1200);
    assert!(world.line().starts_with("False RepositoryDamaged"), "{}", world.line());
    assert!(world.message().contains("git fsck"), "{}", world.message());
    // Each try of the build is one look more, and no more than that.
    assert!(world.asked["git"] - looks <= world.asked["build"] + 1200 / 25, "{:?}", world.asked);
    world.left.clear();
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}
