//! Releases that are kept, that are removed by hand, and what each says it changes.

use super::scenarios::live;
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use serde_json::{Value, json};

#[test]
fn a_release_deleted_by_hand_comes_back_and_restarts_nothing() {
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.delete_release(1);
    world.settle();
    assert_eq!((world.line().as_str(), world.releases(), world.fewest_ready), ("True UpToDate main@aaaaaaa", 1, 2));
}

#[test]
fn a_release_deleted_by_hand_brings_no_older_one_back() {
    let mut world = live();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.delete_release(2);
    for _ in 0..60 {
        world.tick();
        assert_eq!(world.pods_of('a'), 0, "{}", world.line());
        assert!(world.line().contains(" main@bbbbbbb"), "{}", world.line());
    }
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_release_deleted_by_hand_brings_no_older_one_back_while_the_new_record_is_tested_or_waits() {
    let job = json!({ "command": ["ruby", "test.rb"], "timeout": "20s" });
    let tested = json!({ "checks": { "tests": [{ "name": "units", "job": job }] } });
    for (spec, gated) in [(tested, false), (Value::Null, true)] {
        let mut world = World::new(&spec);
        world.settle();
        world.push('b', Definition::Good);
        world.pass(90);
        assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
        if gated {
            let gates = json!([{ "name": "ops", "approval": { "required": 1 } }]);
            world.edit(|spec| spec.gates = serde_json::from_value(gates).unwrap());
            world.tick();
        }
        world.delete_release(2);
        for _ in 0..60 {
            world.tick();
            assert_eq!((world.pods_of('a'), world.cluster.versions()), (0, 1), "{}", world.line());
        }
        if gated {
            world.said(Verb::Approve, "bob", 3, None);
            world.pass(30);
        }
        assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    }
}

#[test]
fn history_keeps_as_many_releases_as_told() {
    let mut world = World::new(&json!({ "releaseHistoryLimit": 2 }));
    world.settle();
    for digit in ['b', 'c', 'd', 'e', 'f'] {
        world.push(digit, Definition::Good);
        world.pass(90);
    }
    assert_eq!((world.line().as_str(), world.releases()), ("True UpToDate main@fffffff", 3));
}

#[test]
fn a_release_says_what_it_changes_against_the_one_that_serves() {
    let mut world = live();
    assert_eq!(world.release(1).changes, None, "nothing served before the first one");
    world.push('b', Definition::Wrong);
    world.pass(90);
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.release(2).changes, None);
    assert_eq!(
        world.release(3).changes.as_deref(),
        Some("since billing-0001-aaaaaaa"),
        "what was refused never served"
    );
}

#[test]
fn a_release_is_not_compared_with_itself() {
    let mut world = live();
    world.delete_release(1);
    world.settle();
    assert_eq!(world.release(2).changes, None);
}
