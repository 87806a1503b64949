//! What a release has to pass before it may take the place of the one that serves.

use super::DeploymentReference;
use crate::api::door;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A gate in front of the roll-out. Of the releases whose gates are all open, the newest goes live; a roll-out that began goes
/// on, whatever its gates do then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.statuses)").message("give statuses"))]
pub struct Gate {
    /// Its name.
    #[schemars(length(min = 1, max = 60))]
    #[x_kube(validation = door::word("staging"))]
    pub name: String,

    /// Open for versions to which another deployment attached these words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statuses: Option<StatusGate>,
}

/// Words that a version needs: the same image, by digest, has to have them there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusGate {
    /// The deployment that attaches them. In another namespace, its `environment.grants` must name this one.
    pub from: DeploymentReference,

    /// All of these words, such as `Staging_OK`.
    #[schemars(length(min = 1, max = 8), inner(length(min = 1, max = 64)))]
    #[x_kube(validation = door::words("Staging_OK"))]
    pub all: Vec<String>,

    /// How long the version must have had them, such as `10m` or `2h`. Default: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("0s", "8760h"))]
    pub soak: Option<String>,
}

/// How a gate stood for a release, until the release began to go live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateStatus {
    /// The gate's name in the spec.
    #[schemars(length(max = 64))]
    pub name: String,
    /// Whether it let the release pass.
    pub state: GateState,
    /// What it waits for, or what opened it.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// Since when it stands so.
    pub since: Time,
    /// When it opens by itself, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Time>,
}

/// Whether a gate lets a release pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GateState {
    /// It does.
    Open,
    /// Not yet.
    Waiting,
}
