//! What is said while the Git host has not answered the question of the present spec.

use super::world::{World, commit};
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{Look, Trouble};
use crate::plan::{plan, validate};
use rstest::rstest;
use serde_json::Value;

fn live() -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    world
}

/// `Ready` while a look is under way, and again after that was written.
fn while_looking(world: &mut World) -> [String; 2] {
    let desired = validate(&world.object).unwrap();
    let mut observed = world.observed();
    observed.source = Look { running: true, ..Look::default() };
    [(); 2].map(|()| {
        let status = plan(&desired, &observed, world.now).status;
        observed.status = status.clone();
        world.object.status = Some(status);
        world.line()
    })
}

#[test]
fn a_changed_url_is_not_up_to_date_before_it_was_looked_at() {
    let mut world = live();
    world.edit(|spec| spec.source.git.as_mut().unwrap().url = "https://git.example.com/ops/other.git".into());
    assert_eq!(while_looking(&mut world), ["Unknown Progressing main@aaaaaaa"; 2]);
}

#[test]
fn a_new_operator_trusts_what_was_written_of_the_same_spec() {
    let mut world = live();
    assert_eq!(while_looking(&mut world), ["True UpToDate main@aaaaaaa"; 2]);
}

#[rstest]
#[case(Reason::Unreachable, "True UpToDate main@aaaaaaa")]
#[case(Reason::AuthenticationFailed, "Unknown Progressing main@aaaaaaa")]
fn asking_anew_after_a_no_is_open_and_after_an_outage_it_is_not(#[case] reason: Reason, #[case] line: &str) {
    let mut world = live();
    world.head = Err((reason, !reason.passes_by_itself()));
    world.pass(90);
    assert_eq!(while_looking(&mut world), [line; 2]);
}

#[test]
fn a_no_that_is_repeated_is_written_once() {
    let mut world = live();
    world.head = Err((Reason::AuthenticationFailed, true));
    world.pass(90);
    let before = world.object.status.clone().unwrap();
    assert!(before.source.as_ref().unwrap().refused_since.is_some());
    let desired = validate(&world.object).unwrap();
    let mut observed = world.observed();
    // As where each look is a new question: a Secret that is missing, for instance.
    observed.source.trouble.as_mut().unwrap().since = world.now;
    assert_eq!(plan(&desired, &observed, world.now).status, before);
    world.head = Ok(commit('a'));
    world.pass(90);
    assert_eq!(world.object.status.unwrap().source.unwrap().refused_since, None);
}

#[test]
fn a_no_stands_until_there_is_an_answer() {
    let mut world = live();
    let since = |world: &World| world.object.status.clone().unwrap().source.unwrap().refused_since;
    world.head = Err((Reason::Unreachable, false));
    world.pass(90);
    assert_eq!(since(&world), None, "an outage is no refusal");
    let begun = world.now;
    world.head = Err((Reason::AuthenticationFailed, true));
    world.pass(90);
    let refused = since(&world).expect("the host says no");
    assert!(refused.0 >= begun, "{} is before the first no", refused.0);
    let before = world.object.status.clone().unwrap().source;
    // An outage between two refusals, and a new process that has not asked yet, or is asking.
    world.head = Err((Reason::Unreachable, false));
    world.pass(90);
    assert_eq!(world.object.status.clone().unwrap().source, before);
    while_looking(&mut world);
    assert_eq!(world.object.status.clone().unwrap().source, before);
    world.restart();
    for reason in [Reason::Unreachable, Reason::AuthenticationFailed, Reason::Unreachable] {
        world.head = Err((reason, !reason.passes_by_itself()));
        world.pass(90);
        assert_eq!(world.object.status.clone().unwrap().source, before);
    }
    world.head = Ok(commit('a'));
    world.pass(90);
    assert_eq!(since(&world), None);
}

#[test]
fn a_host_out_of_reach_is_tolerated_by_a_new_operator_too() {
    let mut world = live();
    world.head = Err((Reason::Unreachable, false));
    world.restart();
    for _ in 0..30 {
        world.tick();
        assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    }
}

#[test]
fn a_registry_out_of_reach_is_tolerated_by_a_new_operator_too() {
    let mut world = live();
    world.base = Err((Reason::Unreachable, false));
    world.restart();
    for _ in 0..30 {
        world.tick();
        assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    }
}

#[test]
fn a_changed_url_out_of_reach_is_told_at_once() {
    let mut world = live();
    world.head = Err((Reason::Unreachable, false));
    world.edit(|spec| spec.source.git.as_mut().unwrap().url = "https://nowhere.example.com/ops/jobs.git".into());
    world.restart();
    world.pass(3);
    assert_eq!(world.line(), "False Unreachable main@aaaaaaa");
}

#[test]
fn a_changed_base_out_of_reach_is_told_at_once() {
    let mut world = live();
    let desired = {
        world.edit(|spec| spec.image.as_mut().unwrap().base.reference = "nowhere.example.com/core:1".into());
        validate(&world.object).unwrap()
    };
    let mut observed = world.observed();
    let trouble = Trouble {
        reason: Reason::Unreachable,
        message: "nowhere.example.com cannot be reached".into(),
        definite: false,
        since: world.now,
        at: world.now,
        retry_at: world.now,
    };
    observed.base = Look { trouble: Some(trouble), ..Look::default() };
    world.object.status = Some(plan(&desired, &observed, world.now).status);
    assert_eq!(world.line(), "False Unreachable main@aaaaaaa");
}

/// Of the two that may be meant, the message names the one that is.
#[test]
fn a_repository_that_is_not_there_is_advised_about_by_its_own_field() {
    let mut world = live();
    world.head = Err((Reason::RepositoryNotFound, true));
    world.pass(90);
    let said = world.message();
    assert!(said.contains("Correct source.git.url, or") && !said.contains("image.repository"), "{said}");
    let desired = validate(&world.object).unwrap();
    let mut observed = world.observed();
    observed.push.trouble = observed.source.trouble.take();
    world.object.status = Some(plan(&desired, &observed, world.now).status);
    let said = world.message();
    assert!(said.contains("Correct image.repository, or") && !said.contains("source.git"), "{said}");
}
