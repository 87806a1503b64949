//! The `PodDisruptionBudget` of the cores.

use super::turn::TURN_LABEL;
use super::{Workload, labels};
use crate::domain::{ChildName, Component};
use serde_json::{Value, json};

/// One core at a time may be evicted. One that is not ready may always be: it serves nothing, and must not hold up a drain.
/// Of cores that wait all the time nobody has a use, so where there are some, only those whose turn it is count.
pub(super) fn render(workload: &Workload, name: &ChildName) -> Value {
    let mut selector = labels::pod_selector(workload.owner.deployment, Component::Core);
    if let Some(turn) = workload.guarded {
        selector[TURN_LABEL] = json!(turn.to_string());
    }
    let labels = labels::of_component(workload.owner.deployment, Component::Core);
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": labels::metadata(workload.owner, name, &labels),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": { "matchLabels": selector },
        },
    })
}
