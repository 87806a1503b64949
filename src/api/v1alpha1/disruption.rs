//! What keeps cores running while nodes are drained.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// A PodDisruptionBudget of the cores: one may be evicted at a time, and one that is not ready at any time. It is there while
/// `replicas` is more than 1, and never stops a roll-out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisruptionBudget {
    /// Default true. Switch it off where the cores have a PodDisruptionBudget of your own: Kubernetes evicts no pod that has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}
