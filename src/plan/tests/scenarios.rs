//! What a user sees, as short stories.

use super::cluster::Broker;
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::StrategyType;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::Digest;
use serde_json::{Value, json};

pub fn live() -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world
}

#[test]
fn a_fresh_deployment_is_built_and_rolled_out() {
    let mut world = World::new(&Value::Null);
    let mut seen = Vec::new();
    for _ in 0..40 {
        world.tick();
        if seen.last() != Some(&world.line()) {
            seen.push(world.line());
        }
    }
    assert_eq!(
        seen,
        [
            "Unknown Progressing -",
            "Unknown Building - next main@aaaaaaa",
            "Unknown RollingOut - next main@aaaaaaa",
            "True UpToDate main@aaaaaaa"
        ]
    );
}

#[test]
fn a_new_commit_replaces_the_old_one_without_a_gap() {
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    assert_eq!(world.fewest_ready, 2, "never fewer than wanted");
}

#[test]
fn recreate_never_runs_two_versions() {
    let mut world = World::new(&json!({ "strategy": { "type": "Recreate" } }));
    world.settle();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    assert_eq!(world.most_versions, 1);
}

#[test]
fn a_wrong_definition_never_reaches_the_pods_and_the_fix_goes_live_by_itself() {
    let mut world = live();
    world.push('b', Definition::Wrong);
    world.pass(90);
    assert_eq!(world.line(), "False DefinitionInvalid main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.message(),
        "bbbbbbb: a.rb:1:5: unexpected end. aaaaaaa keeps serving. Push a fix; it is tried by itself."
    );
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0));
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_definition_that_the_core_refuses_is_taken_back() {
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        world.message(),
        "bbbbbbb: a.rb:3 NameError: boom. aaaaaaa keeps serving. Push a fix; it is tried by itself."
    );
    assert_eq!((world.pods_of('a'), world.pods_of('b'), world.fewest_ready), (2, 0, 2));
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn a_core_that_never_gets_ready_is_taken_back_after_the_deadline() {
    let mut world = live();
    world.push('b', Definition::Hangs);
    world.pass(90);
    assert_eq!(world.line(), "False ProgressDeadlineExceeded main@aaaaaaa next main@bbbbbbb");
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (2, 0));
}

#[test]
fn a_core_that_hangs_before_it_asks_the_broker_is_taken_back_whatever_the_broker_does() {
    let mut world = World::new(&Value::Null);
    world.push('b', Definition::Hangs);
    world.cluster.environment.broker = Broker::Refuses;
    world.pass(8);
    assert_eq!(world.line(), "Unknown RollingOut - next main@bbbbbbb");
    world.settle();
    assert_eq!(world.line(), "False ProgressDeadlineExceeded - next main@bbbbbbb");
}

#[test]
fn a_broker_that_is_down_blames_no_commit() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Refuses;
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "False BrokerUnreachable main@aaaaaaa next main@bbbbbbb");
    world.cluster.environment.broker = Broker::Up;
    world.pass(20);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_definite_no_is_said_at_once_and_what_runs_keeps_running() {
    let mut world = live();
    world.head = Err((Reason::AuthenticationFailed, true));
    world.pass(70);
    assert_eq!(world.line(), "False AuthenticationFailed main@aaaaaaa");
    assert_eq!(world.message(), "git said no. aaaaaaa keeps serving. Update the Secret; it is read again at once.");
    world.head = Ok(commit('a'));
    world.pass(10);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
}

#[test]
fn a_host_out_of_reach_is_tolerated_for_ten_minutes() {
    let mut world = live();
    world.head = Err((Reason::Unreachable, false));
    world.pass(600);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world.pass(100);
    assert_eq!(world.line(), "False Unreachable main@aaaaaaa");
}

#[test]
fn the_first_release_needs_the_host() {
    let mut world = World::new(&Value::Null);
    world.head = Err((Reason::Unreachable, false));
    world.tick();
    world.tick();
    assert_eq!(world.line(), "False Unreachable -");
}

#[test]
fn stopping_and_starting_asks_neither_git_nor_registry() {
    let mut world = live();
    let asked = world.asked.clone();
    world.edit(|spec| spec.replicas = 0);
    world.settle();
    assert_eq!(world.line(), "True Stopped main@aaaaaaa");
    assert_eq!(world.pods_of('a'), 0);
    world.edit(|spec| spec.replicas = 2);
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(world.asked, asked);
}

#[test]
fn suspended_keeps_what_runs_and_takes_nothing_new() {
    let mut world = live();
    world.edit(|spec| spec.suspend = Some(true));
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True Suspended main@aaaaaaa");
    world.edit(|spec| spec.suspend = None);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_restart_of_the_operator_does_no_work_twice() {
    let mut world = live();
    let builds = world.asked["build"];
    world.restart();
    let plan = world.decide();
    assert_eq!(Some(plan.status), world.object.status, "nothing to write before the first look");
    world.pass(90);
    assert_eq!(
        (world.line().as_str(), world.asked["build"], world.releases()),
        ("True UpToDate main@aaaaaaa", builds, 1)
    );
}

#[test]
fn a_moved_base_image_makes_a_release() {
    let mut world = live();
    world.base = Ok(Digest::of(b"newer"));
    world.pass(700);
    assert_eq!((world.line().as_str(), world.releases()), ("True UpToDate main@aaaaaaa", 2));
}

#[test]
fn a_pinned_base_image_does_not() {
    let base = json!({ "base": { "reference": "r.example.com/core:1", "update": "Pin" }, "repository": "r.example.com/ops/billing" });
    let mut world = World::new(&json!({ "image": base }));
    world.settle();
    world.base = Ok(Digest::of(b"newer"));
    world.pass(700);
    assert_eq!(world.releases(), 1);
}

#[test]
fn a_missing_secret_holds_the_roll_out_and_touches_nothing_that_runs() {
    let mut world = live();
    world.secrets = false;
    world.pass(10);
    assert_eq!(world.line(), "False SecretMissing main@aaaaaaa");
    assert_eq!(world.pods_of('a'), 2);
    world.secrets = true;
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
}

#[test]
fn switching_the_strategy_restarts_nothing() {
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.edit(|spec| {
        spec.strategy = Some(crate::api::v1alpha1::Strategy {
            kind: Some(StrategyType::Recreate),
            progress_deadline: spec.strategy.as_ref().and_then(|strategy| strategy.progress_deadline.clone()),
            ..crate::api::v1alpha1::Strategy::default()
        });
    });
    world.settle();
    assert_eq!((world.line().as_str(), world.fewest_ready, world.releases()), ("True UpToDate main@aaaaaaa", 2, 1));
}

#[test]
fn writes_that_are_refused_again_and_again_show() {
    let world = live();
    let seen = world.object.status.clone().unwrap();
    let blocked =
        crate::plan::blocked(seen.clone(), Reason::WriteRefused, "applying Deployment x: forbidden", world.now);
    let find = |kind: &str| blocked.conditions.iter().find(|condition| condition.type_ == kind);
    let ready = find("Ready").unwrap();
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("Unknown", "WriteRefused"));
    assert!(ready.message.starts_with("applying Deployment x: forbidden. Look at"), "{}", ready.message);
    assert!(find("Reconciling").is_some() && find("Available").is_some());
    assert_eq!(blocked.current, seen.current);
}
