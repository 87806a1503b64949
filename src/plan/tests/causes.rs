//! What an end of a core comes from: its content, its settings, or what nobody can read.

use super::cluster::{Broker, Environment};
use super::verdicts::{limit, live, long, refused};
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::ReleaseState;
use crate::api::v1alpha1::condition::Reason;
use rstest::rstest;
use serde_json::{Value, json};

#[test]
fn a_higher_memory_limit_is_not_condemned_by_the_pods_it_mends() {
    let mut world = live();
    world.cluster.environment.hungry = true;
    world.edit(|spec| spec.pod = limit("64Mi"));
    world.pass(90);
    assert_eq!(world.line(), "False OutOfMemory main@aaaaaaa next main@aaaaaaa");
    assert!(world.message().ends_with("Raise pod.resources.limits.memory, or push definitions that need less."));
    world.edit(|spec| spec.pod = limit("128Mi"));
    world.settle();
    assert_eq!(
        (world.line().as_str(), world.release(3).state),
        ("True UpToDate main@aaaaaaa", Some(ReleaseState::Verified))
    );
}

/// The same image and the same commit: only the template tells the pods apart.
#[test]
fn pods_that_die_of_the_old_limit_say_nothing_of_the_new_one() {
    let mut world = World::new(&json!({ "pod": { "resources": { "limits": { "memory": "64Mi" } } } }));
    world.settle();
    world.cluster.environment.hungry = true;
    world.cluster.evict();
    world.pass(30);
    assert_eq!(world.line(), "False OutOfMemory main@aaaaaaa");
    world.edit(|spec| spec.pod = limit("128Mi"));
    world.pass(90);
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

#[test]
fn a_configuration_that_the_core_cannot_read_is_corrected_where_it_stands_and_not_by_a_push() {
    let mut world = World::new(&json!({ "tengine": { "configRef": { "name": "own" } } }));
    world.config = Some("a: 1");
    world.settle();
    world.config = Some("a: [");
    world.commits.insert(commit('a'), Definition::Misreads);
    world.pass(90);
    assert_eq!(world.line(), "False ConfigurationInvalid main@aaaaaaa next main@aaaaaaa");
    let (message, advice) = (world.message(), Reason::ConfigurationInvalid.advice());
    assert!(message.contains("Psych::SyntaxError") && message.ends_with(advice), "{message}");
    assert!(advice.contains("ConfigMap") && !advice.to_lowercase().contains("push"), "{advice}");
    world.config = Some("a: 2");
    world.commits.insert(commit('a'), Definition::Good);
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
}

#[test]
fn a_log_that_cannot_be_read_condemns_nothing_and_is_told() {
    let mut world = World::new(&Value::Null);
    world.cluster.environment = Environment { broker: Broker::Refuses, unreadable: true, ..Environment::default() };
    world.pass(long());
    assert_eq!(world.line(), "False LogUnread - next main@aaaaaaa");
    assert!(world.message().contains("no route to the kubelet"), "{}", world.message());
    // Once it can be read, it says what it is.
    world.cluster.environment.unreadable = false;
    world.pass(5);
    assert_eq!(world.line(), "False BrokerUnreachable - next main@aaaaaaa");
    world.cluster.environment.broker = Broker::Up;
    world.settle();
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

/// A world in which a broker has ended each core five times, and that is over.
fn after_five_ends_by_the_broker() -> World {
    let mut world = World::new(&json!({ "pod": { "resources": { "limits": { "memory": "64Mi" } } } }));
    world.cluster.environment.broker = Broker::Refuses;
    while world.cluster.deaths() < 10 {
        world.tick();
    }
    world.tick();
    world.cluster.environment.broker = Broker::Up;
    world
}

#[rstest]
#[case::without_a_word(Environment { mute: true, ..Environment::default() })]
#[case::for_want_of_memory(Environment { hungry: true, ..Environment::default() })]
fn ends_that_the_broker_explains_do_not_count_against_one_that_nothing_does(#[case] environment: Environment) {
    let mut world = after_five_ends_by_the_broker();
    let before = world.cluster.deaths();
    world.cluster.environment = environment;
    while world.cluster.deaths() < before + 2 {
        world.tick();
    }
    world.cluster.environment = Environment::default();
    world.tick();
    assert_eq!(refused(&world), []);
    world.settle();
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

#[rstest]
#[case::without_a_word(Environment { mute: true, ..Environment::default() })]
#[case::for_want_of_memory(Environment { hungry: true, ..Environment::default() })]
fn three_ends_of_its_own_condemn_a_release_whatever_came_before(#[case] environment: Environment) {
    let mut world = after_five_ends_by_the_broker();
    // What was seen before the operator started anew is forgotten: it counts from what it sees.
    world.restart();
    let before = world.cluster.deaths();
    world.cluster.environment = environment;
    world.pass(20);
    assert_eq!(refused(&world).len(), 1, "{}", world.line());
    assert!(world.cluster.deaths() - before >= 3);
}

#[test]
fn a_pod_on_a_wrong_node_does_not_excuse_a_core_that_ends_on_a_right_one() {
    let mut world = live();
    world.cluster.environment = Environment { mixed: true, mute: true, ..Environment::default() };
    world.push('b', Definition::Good);
    while world.pods_of('b') == 0 {
        world.tick();
    }
    // Then there is room for a second one.
    world.cluster.evict();
    let refused = (0..30).any(|_| {
        world.tick();
        world.release(2).state == Some(ReleaseState::CoreFailed)
    });
    assert!(refused, "{}", world.line());
}
