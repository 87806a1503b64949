//! When a core is taken for ready.

use crate::definitions::{LOADS_UNTIL_TOLD, WORKS_LONG};
use crate::kubectl::{holds_for, wait_for};
use crate::stage::{PATIENCE, Stage};
use serde_json::Value;
use std::time::Duration;
use tengine_operator::api::v1alpha1::StrategyType;
use tengine_operator::domain::Component;
use tengine_operator::manifest::{PACKAGE_MISSING_EXIT_CODE, in_sync};

/// A core that loads has none.
const STATUS: &str = "cat /var/run/tengine/status/tengined_1.status || echo none";

#[test]
fn a_core_is_ready_once_it_is_running_and_neither_before_nor_by_what_another_left() {
    let Some(stage) = Stage::set("ready", "TENGINE_CORE_IMAGE", LOADS_UNTIL_TOLD) else { return };
    let children = stage.children(1, StrategyType::RollingUpdate);
    stage.apply(&children);
    let pod = stage.running_pod(Component::Core);
    holds_for("not ready while it loads", Duration::from_secs(5), || !stage.is_ready(&pod));
    stage.tell(&pod, "touch /tmp/go");
    stage.wait_until_ready(&pod);
    assert_eq!(stage.shell(&pod, STATUS).trim(), "running");
    for child in &children {
        assert!(in_sync(&child.object, &stage.live(child)), "{}", stage.live(child));
    }

    stage.tell(&pod, "rm /tmp/go");
    stage.signal(&pod, "kill -SEGV 1");
    let restarted = || {
        let pods = stage.pods(Component::Core);
        let container = pods.first()?.pointer("/status/containerStatuses/0")?;
        (container["restartCount"] == 1 && container.pointer("/state/running").is_some()).then_some(())
    };
    wait_for("another container", PATIENCE, restarted);
    holds_for("not ready by the status of a container before", Duration::from_secs(6), || !stage.is_ready(&pod));
    assert_ne!(stage.shell(&pod, STATUS).trim(), "running");
    stage.tell(&pod, "touch /tmp/go");
    stage.wait_until_ready(&pod);
}

#[test]
fn a_core_handles_events_beside_its_watchers() {
    let Some(stage) = Stage::set("serve", "TENGINE_CORE_IMAGE", WORKS_LONG) else { return };
    stage.apply(&stage.children(1, StrategyType::Recreate));
    let core = stage.running_pod(Component::Core);
    stage.wait_until_ready(&core);
    fire_long(&stage, &core);

    for component in [Component::HeartbeatWatchd, Component::Atd] {
        let watcher = stage.running_pod(component);
        wait_for("a watcher at work", PATIENCE, || stage.log(&watcher).contains(" running pid=").then_some(()));
        let (time, exit) = stage.delete(&watcher);
        assert!(time < Duration::from_secs(15), "{watcher} took {time:?} to end");
        assert_eq!(exit, 0, "{watcher} did not end by itself");
    }

    let (time, exit) = stage.delete(&core);
    assert_eq!(exit, 0, "the core did not end by itself");
    let waiting = stage.waiting_events();
    assert!(!waiting.iter().any(|event| event.contains("long")), "the event in hand is lost: {waiting:?}");
    assert!(time < Duration::from_mins(1), "it took {time:?}");
}

/// Fires an event and waits until the core works on it.
fn fire_long(stage: &Stage, core: &str) {
    // Of two with one key the core drops the second: it may be fired again where nobody can say whether it was.
    stage.tell(core, "tengine_fire -f /etc/tengine/tengined.yml.erb --key only-one long");
    wait_for("an event in hand", PATIENCE, || stage.log(core).contains("long began").then_some(()));
}

#[test]
fn an_image_without_tengined_says_so() {
    let Some(stage) = Stage::set("missing", "TENGINE_BROKEN_CORE_IMAGE", WORKS_LONG) else { return };
    stage.apply(&stage.children(1, StrategyType::RollingUpdate)[..2]);
    let ended = || {
        let pods = stage.pods(Component::Core);
        let container = pods.first()?.pointer("/status/containerStatuses/0")?;
        let ended = |state: &str| container.pointer(&format!("/{state}/terminated")).filter(|end| !end.is_null());
        ended("state").or_else(|| ended("lastState")).cloned()
    };
    let (end, _): (Value, _) = wait_for("the container's end", PATIENCE, ended);
    assert_eq!(end["exitCode"], PACKAGE_MISSING_EXIT_CODE);
    assert_eq!(end["message"].as_str().map(str::trim), Some("tengined: not found"));
}
