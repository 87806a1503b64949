//! What people decide, as short stories.

use super::world::{Definition, World, commit};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{ReleaseState, Verb};
use crate::plan::Effect;
use crate::plan::people::Words;
use serde_json::Value;

/// Three commits, each live for a while.
fn three() -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    for digit in ['b', 'c'] {
        world.push(digit, Definition::Good);
        world.pass(90);
    }
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
    world
}

#[test]
fn a_roll_back_brings_the_release_before_back_and_sticks() {
    let mut world = three();
    world.fewest_ready = usize::MAX;
    let asked = world.asked.clone();
    let action = world.decided(Verb::RollBack, None);
    world.pass(60);
    assert_eq!(world.answer(action), format!("Done: {} (main@bbbbbbb) runs until Resume", world.name_of(2)));
    assert_eq!(world.line(), "True Pinned main@bbbbbbb next main@ccccccc");
    assert_eq!((world.pods_of('b'), world.pods_of('c'), world.fewest_ready), (2, 0, 2));
    assert_eq!(world.asked.get("build"), asked.get("build"), "nothing is built");
    world.push('d', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True Pinned main@bbbbbbb next main@ddddddd");
    assert!(world.release(4).image.is_some(), "new commits are built all the same");
    assert_eq!(world.pods_of('b'), 2);
    world.restart();
    world.pass(90);
    assert_eq!(world.line(), "True Pinned main@bbbbbbb next main@ddddddd", "a new process remembers");
    world.decided(Verb::Resume, None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ddddddd");
}

/// Such as by a new operator, which goes by what was known before until it has looked at the ref.
#[test]
fn what_waits_behind_a_pin_is_superseded_only_while_another_is_wanted() {
    let mut world = three();
    world.decided(Verb::RollBack, None);
    let state = |world: &World, number| world.release(number).state;
    let (built, superseded) = (Some(ReleaseState::Built), Some(ReleaseState::Superseded));
    world.push('d', Definition::Good);
    world.pass(90);
    world.push('e', Definition::Good);
    world.pass(90);
    assert_eq!((state(&world, 4), state(&world, 5)), (superseded, built));
    world.push('d', Definition::Good);
    world.pass(90);
    assert_eq!((world.releases(), state(&world, 4), state(&world, 5)), (5, built, superseded));
}

#[test]
fn a_roll_back_to_a_named_release_goes_as_far_back_as_wanted() {
    let mut world = three();
    let first = world.name_of(1);
    world.decided(Verb::RollBack, Some(&first));
    world.pass(60);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@ccccccc");
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let mut world = World::new(&Value::Null);
    world.settle();
    let refused = |world: &mut World, verb, release: Option<&str>, want: &str| {
        let action = world.decided(verb, release);
        world.tick();
        assert_eq!(world.answer(action), format!("Refused: {want}"));
    };
    refused(&mut world, Verb::RollBack, None, "there is no prior release");
    refused(
        &mut world,
        Verb::RollBack,
        Some("billing-0009-9999999"),
        "spec.release: TengineDeployment billing has no release billing-0009-9999999",
    );
    refused(&mut world, Verb::Resume, None, "nothing is pinned");
    refused(&mut world, Verb::Retry, None, "no release is rejected");
    refused(&mut world, Verb::Abort, None, "nothing is under way");
    let only = world.name_of(1);
    refused(&mut world, Verb::Retry, Some(&only), &format!("release {only} was not rejected"));
    world.push('b', Definition::Wrong);
    world.pass(70);
    let wrong = world.name_of(2);
    refused(&mut world, Verb::RollBack, Some(&wrong), &format!("release {wrong} was rejected: Retry it first"));
}

#[test]
fn of_two_at_once_each_is_answered_and_the_second_by_what_the_first_did() {
    let mut world = three();
    let (back, resume, again) =
        (world.decided(Verb::RollBack, None), world.decided(Verb::Resume, None), world.decided(Verb::Resume, None));
    world.tick();
    assert!(world.answer(back).starts_with("Done: "));
    assert!(world.answer(resume).starts_with("Done: "));
    assert_eq!(world.answer(again), "Refused: nothing is pinned");
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn retry_forgets_one_rejection_and_no_later_one() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb");
    world.decided(Verb::Retry, None);
    world.tick();
    world.tick();
    assert_eq!(world.release(2).rejected_at, None);
    world.pass(90);
    assert_eq!(
        world.line(),
        "False CoreFailed main@aaaaaaa next main@bbbbbbb",
        "it was tried again, and refused again"
    );
    world.commits.insert(commit('b'), Definition::Good);
    world.decided(Verb::Retry, None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_definition_that_was_refused_is_checked_again_on_retry() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.push('b', Definition::Wrong);
    world.pass(70);
    assert_eq!(world.line(), "False DefinitionInvalid main@aaaaaaa next main@bbbbbbb");
    let builds = world.asked["build"];
    world.decided(Verb::Retry, None);
    world.pass(10);
    assert_eq!(world.asked["build"], builds + 1);
    assert_eq!(world.line(), "False DefinitionInvalid main@aaaaaaa next main@bbbbbbb");
}

#[test]
fn abort_ends_a_roll_out_and_the_next_commit_goes_its_way() {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::Hangs);
    for _ in 0..80 {
        world.tick();
        if world.line().starts_with("Unknown RollingOut") && world.pods_of('b') > 0 {
            break;
        }
    }
    let action = world.decided(Verb::Abort, None);
    world.pass(60);
    assert!(world.answer(action).starts_with("Done: "), "{}", world.answer(action));
    assert_eq!(world.line(), "False Aborted main@aaaaaaa next main@bbbbbbb");
    assert_eq!(world.message(), "bbbbbbb: alice aborted it. aaaaaaa keeps serving. Push a fix, or Retry.");
    assert_eq!(world.release(2).state, Some(ReleaseState::Aborted));
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 0, 2));
    world.restart();
    world.pass(90);
    assert_eq!(world.line(), "False Aborted main@aaaaaaa next main@bbbbbbb", "it is not tried again");
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_pinned_release_that_is_removed_by_hand_leaves_what_runs_alone() {
    let mut world = three();
    world.decided(Verb::RollBack, None);
    world.pass(60);
    world.delete_release(2);
    world.pass(30);
    assert!(world.line().starts_with("False PinLost"), "{}", world.line());
    assert_eq!(world.pods_of('c'), 0, "nothing newer takes its place");
    world.decided(Verb::Resume, None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_pin_outlives_the_history_limit_and_a_clock_that_jumps_back() {
    let mut world = three();
    world.edit(|spec| spec.release_history_limit = Some(1));
    let first = world.name_of(1);
    world.decided(Verb::RollBack, Some(&first));
    world.pass(60);
    for digit in ['d', 'e', 'f'] {
        world.push(digit, Definition::Good);
        world.pass(70);
    }
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@fffffff");
    world.now -= jiff::SignedDuration::from_hours(5);
    world.decided(Verb::Resume, None);
    world.pass(5);
    let times: Vec<_> = world.actions.iter().map(|action| action.status.clone().unwrap().at.unwrap().0).collect();
    assert!(times.is_sorted(), "answers are in the order of their times: {times:?}");
}

#[test]
fn another_deployment_of_the_name_is_not_bound() {
    let mut world = three();
    world.decided(Verb::RollBack, None);
    world.pass(60);
    assert!(Words::of(&world.actions, "u-1").pin.is_some());
    assert_eq!(Words::of(&world.actions, "u-2"), Words::default());
}

#[test]
fn old_answers_go_one_by_one_and_never_the_one_that_pins() {
    let mut world = three();
    let pin = world.decided(Verb::RollBack, None);
    world.tick();
    let pins = world.actions[pin].metadata.name.clone();
    for _ in 0..60 {
        world.decided(Verb::Retry, None);
        let plan = world.tick();
        let gone = plan.effects.iter().filter(|effect| matches!(effect, Effect::DeleteAction { .. })).count();
        assert!(gone <= 1);
    }
    world.pass(20);
    assert_eq!(world.actions.len(), 51);
    assert!(world.actions.iter().any(|action| action.metadata.name == pins));
}

/// Whatever keeps the plan from knowing what is wanted: what people ask for is answered, once.
#[test]
fn who_asks_while_git_and_registry_say_no_for_good_gets_an_answer() {
    for live in [false, true] {
        let mut world = World::new(&Value::Null);
        if live {
            world.settle();
        }
        world.head = Err((Reason::RepositoryNotFound, true));
        world.base = Err((Reason::AccessDenied, true));
        world.restart();
        world.pass(10);
        for verb in [Verb::Retry, Verb::RollBack, Verb::Resume, Verb::Abort] {
            let action = world.decided(verb, None);
            world.pass(2);
            let answer = world.answer(action);
            assert!(answer.starts_with("Refused: ") || (answer.starts_with("Done: ") && live), "{verb:?}: {answer}");
        }
    }
}
