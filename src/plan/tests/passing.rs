//! What was verified is told to others in Git, once, and nothing else is.

use super::laws::times;
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::validate;
use rstest::rstest;
use serde_json::{Value, json};

fn asked() -> Value {
    let bot = json!({ "branch": "release", "tag": "test-{{date}}-{{number}}", "secretRef": { "name": "bot" } });
    json!({ "promotion": { "onVerified": bot } })
}

/// The first commit serves, and was passed on.
fn passed_on(spec: &Value) -> World {
    let mut world = World::new(spec);
    world.settle();
    world
}

#[test]
fn a_verified_commit_is_passed_on_once() {
    let mut world = passed_on(&asked());
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    assert_eq!(world.told_to.pushed, ["release a", "test-2026.01.01-1 a"]);
    let words = "aaaaaaa: branch release has it, tag test-2026.01.01-1 is on it";
    assert_eq!(world.condition("PassedOn"), format!("True Succeeded: {words}"));
    let done = world.release(1).passed_on.unwrap();
    assert_eq!((done.branch.as_deref(), done.tag.as_deref()), (Some("release"), Some("test-2026.01.01-1")));
    world.pass(20);
    world.restart();
    world.pass(90);
    assert_eq!(world.asked["pass on"], 1, "what is written down is not asked again");
    world.push('b', Definition::Good);
    world.pass(60);
    assert_eq!(world.told_to.pushed[2..], ["release b", "test-2026.01.01-2 b"]);
}

#[test]
fn what_was_refused_is_not_passed_on() {
    let mut world = passed_on(&asked());
    for (digit, definition) in [('b', Definition::Wrong), ('c', Definition::Raises)] {
        world.push(digit, definition);
        world.pass(400);
    }
    assert_eq!(world.told_to.pushed.len(), 2, "{:?}", world.told_to.pushed);
}

#[test]
fn what_a_host_does_not_take_is_said_and_tried_again_and_what_serves_serves() {
    let mut world = passed_on(&asked());
    world.told_to.refuses = Some(Reason::PromotionRefused);
    world.push('b', Definition::Good);
    world.pass(120);
    assert_eq!(world.line(), "False PromotionRefused main@bbbbbbb");
    assert!(world.message().starts_with("bbbbbbb is live and is not passed on: the host does not take branch release"));
    assert!(world.condition("Stalled").starts_with("True PromotionRefused"));
    assert!(world.condition("PassedOn").starts_with("False PromotionRefused"));
    let asked = world.asked["pass on"];
    world.pass(60);
    assert!(world.asked["pass on"] > asked);
    world.told_to.refuses = None;
    world.pass(30);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    assert_eq!(world.told_to.branches["release"].chars().next(), Some('b'));
}

#[test]
fn an_earlier_release_that_comes_back_pushes_nothing() {
    let mut world = passed_on(&asked());
    world.push('b', Definition::Good);
    world.settle();
    let (before, first) = (world.told_to.clone(), world.name_of(1));
    world.decided(Verb::RollBack, Some(&first));
    world.pass(120);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@bbbbbbb");
    assert_eq!((&world.told_to.branches, &world.told_to.pushed), (&before.branches, &before.pushed));
}

#[test]
fn a_commit_has_one_tag_whatever_becomes_of_its_settings() {
    let mut world = passed_on(&asked());
    world.edit(|spec| spec.replicas = 3);
    world.settle();
    world.edit(|spec| spec.tengine.log_level = Some(crate::api::v1alpha1::LogLevel::Debug));
    world.settle();
    assert!(world.releases() > 1);
    assert_eq!(world.told_to.tags.len(), 1);
    assert_eq!(world.release(2).passed_on.unwrap().tag.as_deref(), Some("test-2026.01.01-1"));
}

#[test]
fn a_tag_of_the_name_on_another_commit_is_never_moved() {
    let mut world = World::new(&asked());
    world.told_to.tags.insert("test-2026.01.01-1".into(), "f".repeat(40));
    world.pass(120);
    assert_eq!(world.line(), "False TagTaken main@aaaaaaa");
    assert_eq!(world.told_to.tags["test-2026.01.01-1"], "f".repeat(40));
}

/// One write of four; with `TENGINE_WORLDS` (`make soak`) every one.
#[test]
fn an_operator_that_is_killed_after_any_write_pushes_each_once() {
    let life = |killed: Option<usize>| {
        let mut world = World::new(&asked());
        world.killed = killed;
        world.pass(40);
        world.push('b', Definition::Good);
        world.pass(60);
        world
    };
    let undisturbed = life(None);
    assert_eq!(undisturbed.told_to.pushed.len(), 4);
    let step = if times() > 1 { 1 } else { 4 };
    for write in (1..=undisturbed.written).step_by(step) {
        let world = life(Some(write));
        assert_eq!(world.told_to.pushed, undisturbed.told_to.pushed, "killed after write {write}");
        assert_eq!(world.line(), undisturbed.line(), "killed after write {write}");
    }
}

#[test]
fn nothing_is_passed_on_where_nobody_asks_or_it_is_suspended() {
    let world = passed_on(&json!({}));
    assert!(world.told_to.pushed.is_empty() && world.condition("PassedOn").is_empty());
    let mut world = passed_on(&json!({}));
    world.edit(|spec| {
        spec.suspend = Some(true);
        spec.promotion = serde_json::from_value(asked()["promotion"].clone()).unwrap();
    });
    world.pass(60);
    assert!(world.told_to.pushed.is_empty());
    world.edit(|spec| spec.suspend = None);
    world.settle();
    assert_eq!(world.told_to.pushed.len(), 2, "what was verified before it was asked for is passed on, too");
}

#[rstest]
#[case(json!({ "branch": "a..b" }), "spec.promotion.onVerified.branch")]
#[case(json!({ "tag": "test" }), "spec.promotion.onVerified.tag")]
#[case(json!({}), "give a branch, a tag, or both")]
#[case(json!({ "branch": "main" }), "it is the branch that is followed")]
fn what_cannot_work_is_named(#[case] given: Value, #[case] words: &str) {
    let mut world = World::new(&json!({}));
    let mut given = given;
    given["secretRef"] = json!({ "name": "bot" });
    world.object.spec.promotion = serde_json::from_value(json!({ "onVerified": given })).unwrap();
    let problems = validate(&world.object).unwrap_err();
    assert!(problems.iter().any(|problem| problem.message.contains(words)), "{problems:?}");
}
