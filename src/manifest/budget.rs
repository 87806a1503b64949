//! The `PodDisruptionBudget` of the cores.

use super::{Workload, labels};
use crate::domain::{ChildName, Component};
use serde_json::{Value, json};

/// One core at a time may be evicted. One that is not ready may always be: it serves nothing, and must not hold up a drain.
pub(super) fn render(workload: &Workload, name: &ChildName) -> Value {
    let labels = labels::of_component(workload.deployment, Component::Core);
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": labels::metadata(workload, name, &labels),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": { "matchLabels": labels::pod_selector(workload.deployment, Component::Core) },
        },
    })
}
