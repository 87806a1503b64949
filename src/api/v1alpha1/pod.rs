//! What the pods look like besides.

use crate::api::door;
use k8s_openapi::api::core::v1::{
    Affinity, EnvFromSource, EnvVar, LocalObjectReference, PodSecurityContext, ResourceRequirements, SecurityContext,
    Toleration, TopologySpreadConstraint,
};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the pods look like besides. Host paths and privileges are not offered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodSettings {
    /// Requests and limits of the core's container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,

    /// Labels a node must have. Operating system and architecture of the image are added by the operator; others in their place
    /// are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<BTreeMap<String, String>>,

    /// Taints the pods tolerate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50))]
    pub tolerations: Option<Vec<Toleration>>,

    /// Preferences about nodes and neighbours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,

    /// How pods spread over zones and nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,

    /// More environment variables, for all processes. Those that the operator sets cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub env: Option<Vec<EnvVar>>,

    /// More environment variables from Secrets and ConfigMaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50))]
    pub env_from: Option<Vec<EnvFromSource>>,

    /// More labels. Those that the operator sets cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,

    /// More annotations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,

    /// The ServiceAccount of the pods. Its token is not mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("ServiceAccount"))]
    pub service_account_name: Option<String>,

    /// Secrets for pulling the image. Default: `image.secretRef`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,

    /// The PriorityClass of the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("PriorityClass"))]
    pub priority_class_name: Option<String>,

    /// Who chooses user and group of the pods. Default Operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as: Option<RunAs>,

    /// Merged over the operator's own, which satisfies Pod Security `restricted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<PodSecurityContext>,

    /// Merged over the operator's own, which satisfies Pod Security `restricted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("!has(self.privileged) || !self.privileged").message("privileged containers are not offered"))]
    #[x_kube(validation = Rule::new("!has(self.allowPrivilegeEscalation) || !self.allowPrivilegeEscalation").message("privilege escalation is not offered"))]
    pub container_security_context: Option<SecurityContext>,

    /// How long a core that is told to stop may finish the event in hand. Default 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86400))]
    pub termination_grace_period_seconds: Option<i64>,
}

/// Who chooses user and group of the pods. `Operator` (the default): 10001, which no image can be surprised by. `Platform`:
/// neither is written, and the platform chooses, as OpenShift's restricted-v2 does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RunAs {
    /// User and group 10001.
    #[default]
    Operator,
    /// Those that the platform chooses; without one that does, those of the image.
    Platform,
}
