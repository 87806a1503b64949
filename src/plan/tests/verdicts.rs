//! Only its content condemns a release: what the environment can do, one by one and in any order.

use super::cluster::{Broker, DEADLINE, Environment};
use super::world::{Definition, World};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{PodSettings, ReleaseState};
use crate::domain::Component;
use rstest::rstest;
use serde_json::{Value, json};

pub fn live() -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    world
}

/// Seconds after which any deadline has long passed.
pub fn long() -> u32 {
    u32::try_from(4 * DEADLINE).unwrap()
}

pub fn limit(memory: &str) -> Option<PodSettings> {
    serde_json::from_value(json!({ "resources": { "limits": { "memory": memory } } })).unwrap()
}

pub fn refused(world: &World) -> Vec<ReleaseState> {
    let all = (1..=20).filter_map(|number| world.find_release(number));
    all.filter(|status| status.rejected_at.is_some()).filter_map(|status| status.state).collect()
}

#[rstest]
#[case::no_node(Environment { unschedulable: true, ..Environment::default() }, "Unschedulable")]
#[case::no_pull(Environment { unpullable: true, ..Environment::default() }, "PullFailed")]
#[case::an_injected_init_container(Environment { init_fails: true, ..Environment::default() }, "SidecarFailed")]
#[case::an_injected_sidecar(Environment { sidecar_fails: true, ..Environment::default() }, "SidecarFailed")]
#[case::a_quota(Environment { quota: true, ..Environment::default() }, "PodsRefused")]
#[case::a_pause(Environment { paused: true, ..Environment::default() }, "DeploymentPaused")]
#[case::no_broker(Environment { broker: Broker::Refuses, ..Environment::default() }, "BrokerUnreachable")]
fn what_the_environment_does_is_waited_for_and_told(#[case] environment: Environment, #[case] reason: &str) {
    let mut world = World::new(&Value::Null);
    world.cluster.environment = Environment { stale_progress: true, ..environment };
    world.pass(long());
    assert_eq!(world.line(), format!("False {reason} - next main@aaaaaaa"));
    // What Kubernetes once said of its own deadline stays where it stands.
    world.cluster.environment = Environment { stale_progress: true, ..Environment::default() };
    world.pass(long());
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

#[test]
fn a_pull_that_takes_long_is_no_fault_of_the_commit() {
    let mut world = World::new(&Value::Null);
    let slow = Environment { unstarted: Some(("ContainerCreating", "")), ..Environment::default() };
    world.cluster.environment = Environment { stale_progress: true, ..slow };
    world.pass(long());
    assert_eq!((world.line().as_str(), refused(&world)), ("Unknown RollingOut - next main@aaaaaaa", Vec::new()));
    world.cluster.environment.unstarted = None;
    world.pass(long());
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

#[rstest]
#[case::a_secret("CreateContainerConfigError", "secret \"hidden\" not found", "ContainerConfigInvalid")]
#[case::no_user(
    "CreateContainerConfigError",
    "container has runAsNonRoot and image will run as root",
    "ContainerConfigInvalid"
)]
#[case::not_made("CreateContainerError", "failed to reserve container name", "ContainerNotStarted")]
#[case::not_run("RunContainerError", "failed to create shim task: invalid argument", "ContainerNotStarted")]
#[case::a_hook("PreStartHookError", "cannot prepare", "ContainerNotStarted")]
#[case::no_shell("RunContainerError", "exec: \"/bin/sh\": stat /bin/sh: no such file or directory", "ShellMissing")]
#[case::no_shell_yet(
    "CreateContainerError",
    "exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
    "ShellMissing"
)]
fn what_keeps_a_container_from_starting_has_a_reason_and_an_advice_of_its_own(
    #[case] word: &'static str,
    #[case] words: &'static str,
    #[case] reason: &str,
) {
    let mut world = World::new(&Value::Null);
    world.cluster.environment.unstarted = Some((word, words));
    world.pass(long());
    assert_eq!(world.line(), format!("False {reason} - next main@aaaaaaa"));
    let advice = Reason::from_word(reason).unwrap().advice();
    assert!(world.message().contains(words) && world.message().ends_with(advice), "{}", world.message());
    world.cluster.environment.unstarted = None;
    world.pass(long());
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

/// The same, told by the runtime, which does not start it, or by what started in its place.
#[rstest]
#[case::by_the_runtime(Environment { unstarted: Some(("RunContainerError", "exec /bin/sh: exec format error")), ..Environment::default() })]
#[case::in_the_log(Environment { foreign: true, ..Environment::default() })]
fn an_image_for_other_machines_is_no_fault_of_the_commit(#[case] environment: Environment) {
    let mut world = World::new(&Value::Null);
    world.cluster.environment = environment;
    world.pass(long());
    assert_eq!(world.line(), "False PlatformMissing - next main@aaaaaaa");
    assert!(world.message().contains("not made for the platform of node-1"), "{}", world.message());
    assert_eq!(refused(&world), []);
}

#[test]
fn a_deadline_that_kubernetes_once_saw_pass_condemns_no_later_commit() {
    let mut world = live();
    world.cluster.environment.stale_progress = true;
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn a_policy_that_rewrites_images_hides_neither_success_nor_failure() {
    let mut world = World::new(&Value::Null);
    world.cluster.environment.rewrites = true;
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb");
}

#[test]
fn a_failing_sidecar_does_not_hide_that_the_core_refuses_its_definitions() {
    let mut world = live();
    world.cluster.environment.sidecar_fails = true;
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.release(2).state, Some(ReleaseState::CoreFailed));
}

#[test]
fn what_served_last_comes_back_not_what_was_verified_last() {
    let mut world = World::new(&json!({ "pod": { "labels": { "settings": "a" } } }));
    let labels = |letter: &str| -> Option<PodSettings> {
        serde_json::from_value(json!({ "labels": { "settings": letter } })).unwrap()
    };
    world.settle();
    for letter in ["b", "a"] {
        world.edit(|spec| spec.pod = labels(letter));
        world.settle();
    }
    world.push('b', Definition::Raises);
    world.pass(90);
    let status = world.object.status.clone().unwrap();
    assert_eq!(status.current.unwrap().release, "billing-0001-aaaaaaa");
    assert_eq!(world.release(1).live.as_deref(), Some("True"));
}

#[test]
fn an_evicted_pod_is_no_pod_and_excuses_nothing() {
    let mut world = live();
    world.cluster.evict();
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb");
    // One that ends as the evicted one did, without a word.
    world.cluster.environment.mute = true;
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@ccccccc");
}

#[test]
fn a_pod_that_a_lost_node_keeps_is_named_and_holds_the_recreation_up_without_blame() {
    let mut world = World::new(&json!({ "strategy": { "type": "Recreate" } }));
    world.settle();
    world.cluster.environment.node_lost = true;
    world.push('b', Definition::Good);
    world.pass(200);
    assert_eq!(world.line(), "False PodLingers main@aaaaaaa next main@bbbbbbb");
    assert!(world.message().contains("was told to end and does not: node-1"), "{}", world.message());
    world.cluster.environment.node_lost = false;
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn an_equal_tree_with_the_same_settings_restarts_nothing() {
    if crate::manifest::RENDERING < 2 {
        return;
    }
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.push('b', Definition::Good);
    world.same_tree = true;
    world.pass(90);
    assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@bbbbbbb", 2));
    let said = world.release(2).message.unwrap_or_default();
    assert!(said.contains("as billing-0001-aaaaaaa: nothing was restarted"), "{said}");
}

#[test]
fn caches_that_lag_change_nothing_but_the_time_it_takes() {
    let mut world = World::new(&Value::Null);
    world.cluster.environment.lags = true;
    world.settle();
    world.push('b', Definition::Raises);
    world.pass(90);
    assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb");
    world.push('c', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
}

#[test]
fn the_first_of_two_commits_that_the_core_refuses_does_not_excuse_the_second() {
    let mut world = World::new(&Value::Null);
    world.push('b', Definition::Raises);
    world.pass(90);
    world.push('c', Definition::Raises);
    world.pass(90);
    assert_eq!(refused(&world), [ReleaseState::CoreFailed, ReleaseState::CoreFailed]);
}

#[test]
fn what_serves_keeps_its_watchers_until_the_next_version_serves_without() {
    let mut world = live();
    assert!(world.cluster.has(Component::Atd));
    world.cluster.environment.unpullable = true;
    world.edit(|spec| {
        spec.tengine.atd = serde_json::from_value(json!({ "enabled": false })).unwrap();
        spec.pod = limit("1Gi");
    });
    world.pass(90);
    assert!(world.cluster.has(Component::Atd), "its scheduled events are still to be fired: {}", world.line());
    world.cluster.environment.unpullable = false;
    world.settle();
    assert_eq!((world.line().as_str(), world.cluster.has(Component::Atd)), ("True UpToDate main@aaaaaaa", false));
}

#[test]
fn a_secret_that_becomes_unusable_ends_no_core_that_serves() {
    let mut world = World::new(&json!({ "strategy": { "type": "Recreate" } }));
    world.settle();
    world.fewest_ready = usize::MAX;
    world.secrets = false;
    world.push('b', Definition::Good);
    world.pass(60);
    assert_eq!((world.fewest_ready, world.pods_of('b')), (2, 0), "{}", world.line());
}
