//! What becomes of a core that is told to stop before it serves.

use crate::definitions::{LOADS_UNTIL_TOLD, STUBBORN, WORKS_LONG};
use crate::kubectl::wait_for;
use crate::stage::{PATIENCE, Stage};
use std::time::Duration;
use tengine_operator::api::v1alpha1::StrategyType;
use tengine_operator::domain::Component;

#[test]
fn a_core_that_still_loads_ends_within_seconds() {
    let Some(time) = time_to_end("loading", LOADS_UNTIL_TOLD) else { return };
    assert!(time < Duration::from_secs(10), "it took {time:?}");
}

#[test]
fn a_core_whose_definition_lets_nothing_end_it_ends_all_the_same() {
    let Some(time) = time_to_end("stubborn", STUBBORN) else { return };
    assert!(time < Duration::from_secs(30), "it took {time:?}");
}

/// One HUP would let it sleep until the broker's next heartbeat.
#[test]
fn an_idle_core_ends_within_seconds() {
    let Some(stage) = Stage::set("idle", "TENGINE_CORE_IMAGE", WORKS_LONG) else { return };
    stage.apply(&stage.children(1, StrategyType::RollingUpdate)[..2]);
    let pod = stage.running_pod(Component::Core);
    stage.wait_until_ready(&pod);
    let (time, code) = stage.delete(&pod);
    assert_eq!(code, 0, "it did not end by itself");
    assert!(time < Duration::from_secs(10), "it took {time:?}");
}

/// It says `running` for ever, and consumes nothing.
#[test]
fn a_core_without_its_queue_is_not_ready_and_says_why() {
    let Some(stage) = Stage::set("queueless", "TENGINE_CORE_IMAGE", WORKS_LONG) else { return };
    stage.apply(&stage.children(1, StrategyType::RollingUpdate)[..2]);
    let pod = stage.running_pod(Component::Core);
    stage.wait_until_ready(&pod);
    stage.delete_queue();
    wait_for("a core that is not ready", PATIENCE, || (!stage.is_ready(&pod)).then_some(()));
    assert_eq!(stage.shell(&pod, "cat /dev/termination-log").trim(), "tengined is disconnected");
    assert_eq!(stage.shell(&pod, "cat /var/run/tengine/status/tengined_1.status").trim(), "running");
}

fn time_to_end(name: &str, definition: &str) -> Option<Duration> {
    let stage = Stage::set(name, "TENGINE_CORE_IMAGE", definition)?;
    stage.apply(&stage.children(1, StrategyType::RollingUpdate)[..2]);
    let pod = stage.running_pod(Component::Core);
    wait_for("a core that loads", PATIENCE, || stage.log(&pod).contains("loading dsl_version").then_some(()));
    Some(stage.delete(&pod).0)
}
