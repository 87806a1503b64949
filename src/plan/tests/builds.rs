//! What is said while a build is tried again, and of one that was refused.

use super::world::World;
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{Build, CommitFacts, Refused, Step, Trouble};
use crate::plan::{plan, validate};
use serde_json::Value;

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
    Trouble { reason: Reason::PlatformMissing, message: "it is for s390x".into(), definite, since, retry_at }
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
