//! The operator is killed after each of its writes, in a whole life: what comes of it is what came of the life undisturbed.

use super::laws::times;
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use rstest::rstest;
use serde_json::{Value, json};

/// A release goes live, the next fails its verification and is taken back, its fix goes live; a person brings the first one back,
/// a newer commit waits behind it, and the person lets it go.
fn life(killed: Option<usize>) -> World {
    let smoke = json!([{ "name": "smoke", "job": { "command": ["ruby", "test/smoke.rb"] } }]);
    let mut world =
        World::new(&json!({ "checks": { "verification": { "checks": smoke } }, "environment": { "name": "Staging" } }));
    world.killed = killed;
    world.pass(45);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world.push('b', Definition::FailsChecks);
    world.pass(100);
    assert_eq!(world.line(), "False VerificationFailed main@aaaaaaa next main@bbbbbbb");
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
    let first = world.name_of(1);
    world.decided(Verb::RollBack, Some(&first));
    world.push('d', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True Pinned main@aaaaaaa next main@ddddddd");
    world.decided(Verb::Resume, None);
    world.pass(60);
    world
}

/// All that a person sees afterwards.
fn end(world: &World) -> Value {
    let releases = (1..=4).map(|number| {
        let (of, status) = (world.inputs(number), world.release(number));
        let words: Vec<_> = status.statuses.iter().map(|status| &status.name).collect();
        let fate = (status.rejected_at.is_some(), status.verified_at.is_some());
        json!([world.name_of(number), of.key, status.state, status.image, fate, words])
    });
    let answers = (0..world.actions.len()).map(|action| world.answer(action));
    json!({
        "line": world.line(), "pods": world.pods_of('d'), "count": world.releases(),
        "releases": releases.collect::<Vec<_>>(), "answers": answers.collect::<Vec<_>>(),
    })
}

/// One write of six, two each beside each other; with `TENGINE_WORLDS` (`make soak`) every one.
#[rstest]
fn an_operator_that_is_killed_after_any_write_of_a_whole_life_ends_where_it_would_have(#[values(1, 7)] first: usize) {
    let undisturbed = life(None);
    let (expected, writes) = (end(&undisturbed), undisturbed.written);
    assert_eq!(expected["line"], "True UpToDate main@ddddddd");
    assert!(writes > 40, "{writes} writes are no whole life");
    let step = if times() > 1 { 1 } else { 12 };
    for killed in (first..=writes).step_by(step) {
        let world = life(Some(killed));
        assert!(world.written >= killed, "killed after write {killed}");
        assert_eq!(end(&world), expected, "killed after write {killed} of {writes}");
    }
}
