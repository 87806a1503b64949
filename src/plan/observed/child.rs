//! The objects in the cluster that have the names we need.

use super::replica_set::ReplicaSet;
use super::workload::Workload;
use crate::api::v1alpha1::TengineDeployment;
use crate::domain::Digest;
use crate::manifest::{self, ChildKind};
use crate::plan::seen::Seen;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde_json::Value;

/// A child in the cluster.
#[derive(Debug, Clone)]
pub struct LiveChild {
    /// What it is.
    pub kind: LiveKind,
    /// Its name.
    pub name: String,
    /// Whether this deployment, by UID, controls it.
    pub ours: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Counts up with every change of what is wanted of it.
    pub generation: i64,
    /// What was read.
    pub seen: Seen,
    /// What a Deployment says of its pods.
    pub workload: Option<Workload>,
    /// The turn that has come, where it is the ConfigMap that says so.
    pub serves: Option<i64>,
    /// Whether it says so to nobody who is started later.
    pub is_held: bool,
    /// All of it, to compare with what is rendered.
    pub object: Value,
    /// What the API server last acknowledged of it, and for which generation.
    pub acknowledged: Option<Acknowledged>,
}

/// What was rendered when the API server last acknowledged a child, and the generation it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The digest of what was sent.
    pub rendered: Digest,
    /// The `resourceVersion` or generation it answered with.
    pub generation: i64,
}

/// The kind of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveKind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `v1` ConfigMap.
    ConfigMap,
    /// `policy/v1` PodDisruptionBudget.
    PodDisruptionBudget,
    /// `TengineDeployment`.
    Instance,
}

impl From<ChildKind> for LiveKind {
    fn from(kind: ChildKind) -> Self {
        match kind {
            ChildKind::Deployment(_) => Self::Deployment,
            ChildKind::ConfigMap => Self::ConfigMap,
            ChildKind::PodDisruptionBudget => Self::PodDisruptionBudget,
            ChildKind::Instance => Self::Instance,
        }
    }
}

impl LiveChild {
    /// A Deployment, with what its ReplicaSets say; `uid` is the owner's that makes it ours.
    pub fn deployment(object: &Deployment, replica_sets: &[ReplicaSet], uid: &str) -> Self {
        let workload = Workload::read(object, replica_sets);
        Self { workload: Some(workload), ..Self::read(LiveKind::Deployment, object, uid) }
    }

    /// A ConfigMap, or its metadata alone.
    pub fn config_map<K: Resource + Serialize>(object: &K, uid: &str) -> Self {
        let read = Self::read(LiveKind::ConfigMap, object, uid);
        let turn = |key| read.object.pointer(&format!("/data/{key}"))?.as_str()?.parse().ok();
        let (serves, held) = (turn(manifest::SERVES), turn(manifest::HELD));
        Self { serves: serves.or(held), is_held: serves.is_none() && held.is_some(), ..read }
    }

    /// A PodDisruptionBudget.
    pub fn budget(object: &PodDisruptionBudget, uid: &str) -> Self {
        Self::read(LiveKind::PodDisruptionBudget, object, uid)
    }

    /// A TengineDeployment.
    pub fn instance(object: &TengineDeployment, uid: &str) -> Self {
        Self::read(LiveKind::Instance, object, uid)
    }

    fn read<K: Resource + Serialize>(kind: LiveKind, object: &K, uid: &str) -> Self {
        Self {
            kind,
            name: object.name_any(),
            ours: is_controlled(object, uid),
            deleting: object.meta().deletion_timestamp.is_some(),
            generation: object.meta().generation.unwrap_or_default(),
            seen: Seen::of(object),
            workload: None,
            serves: None,
            is_held: false,
            object: serde_json::to_value(object).unwrap_or(Value::Null),
            acknowledged: None,
        }
    }
}

/// Whether the object's controller is the deployment of this UID.
pub fn is_controlled<K: Resource>(object: &K, uid: &str) -> bool {
    object.meta().owner_references.iter().flatten().any(|owner| owner.controller == Some(true) && owner.uid == uid)
}
