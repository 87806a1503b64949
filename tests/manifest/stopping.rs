//! What becomes of a core that is told to stop before it serves.

use crate::definitions::{LOADS_UNTIL_TOLD, STUBBORN};
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

fn time_to_end(name: &str, definition: &str) -> Option<Duration> {
    let stage = Stage::set(name, "TENGINE_CORE_IMAGE", definition)?;
    stage.apply(&stage.children(1, StrategyType::RollingUpdate)[..2]);
    let pod = stage.running_pod(Component::Core);
    wait_for("a core that loads", PATIENCE, || stage.log(&pod).contains("loading dsl_version").then_some(()));
    Some(stage.delete(&pod).0)
}
