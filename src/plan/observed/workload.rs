//! A Deployment, reduced to what decides.

use super::replica_set::{REVISION, ReplicaSet};
use crate::manifest;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
use kube::ResourceExt as _;
use std::collections::BTreeSet;

/// What a Deployment says of its pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workload {
    /// Whether the numbers, and what is refused, speak of what is wanted now, and not of what was wanted before.
    pub is_current: bool,
    /// How many pods are wanted.
    pub wanted: i32,
    /// How many there are.
    pub replicas: i32,
    /// How many of them are ready.
    pub ready: i32,
    /// How many follow the present template.
    pub updated: i32,
    /// How many are ready for long enough.
    pub available: i32,
    /// What its pods of the present template carry as `pod-template-hash`, once Kubernetes has taken it up.
    pub template: Option<String>,
    /// The release it was last rendered from.
    pub release: Option<String>,
    /// The turn in which its pods consume events, where they wait for one.
    pub turn: Option<i64>,
    /// What its pods say of the Secrets they read.
    pub secrets_hash: Option<String>,
    /// The `ConfigMaps` that its pods mount.
    pub config_maps: BTreeSet<String>,
    /// Kubernetes' own words on why no pods can be made.
    pub refused: Option<String>,
    /// Somebody paused it: no pod of another template is made until it goes on.
    pub is_paused: bool,
}

impl Workload {
    /// Reads it, with what the ReplicaSets say.
    pub fn read(object: &Deployment, replica_sets: &[ReplicaSet]) -> Self {
        let spec = object.spec.as_ref();
        let status = object.status.clone().unwrap_or_default();
        let is_current = object.metadata.generation == status.observed_generation;
        let template = spec.map(|spec| &spec.template);
        let pods = template.and_then(|template| template.metadata.as_ref());
        let annotation = pods.and_then(|pods| pods.annotations.as_ref()?.get(manifest::SECRETS_ANNOTATION));
        let volumes = template.and_then(|template| template.spec.as_ref()?.volumes.as_ref());
        Self {
            is_current,
            wanted: spec.and_then(|spec| spec.replicas).unwrap_or(1),
            replicas: status.replicas.unwrap_or_default(),
            ready: status.ready_replicas.unwrap_or_default(),
            updated: status.updated_replicas.unwrap_or_default(),
            available: status.available_replicas.unwrap_or_default(),
            template: if is_current { present_template(object, replica_sets) } else { None },
            release: object.annotations().get(manifest::RELEASE_ANNOTATION).cloned(),
            turn: pods.and_then(|pods| manifest::turn_of(pods.labels.iter().flatten())),
            secrets_hash: annotation.cloned(),
            config_maps: volumes
                .into_iter()
                .flatten()
                .filter_map(|volume| Some(volume.config_map.as_ref()?.name.clone()))
                .collect(),
            refused: if is_current { refused(&status) } else { None },
            is_paused: spec.and_then(|spec| spec.paused).unwrap_or(false),
        }
    }

    /// Kubernetes' own rule for a complete Deployment: `kubectl rollout status`.
    pub fn is_complete(&self) -> bool {
        self.is_current && self.updated == self.wanted && self.replicas == self.wanted && self.available == self.wanted
    }
}

/// The template of the ReplicaSet that has the Deployment's own number, and its release: with `Recreate`, Kubernetes takes no
/// template up before the pods of the one before are gone (`deployment/recreate.go`), and until then a Deployment that speaks of
/// its present generation has the number of the template before.
fn present_template(object: &Deployment, replica_sets: &[ReplicaSet]) -> Option<String> {
    let (uid, revision) = (object.metadata.uid.as_deref()?, object.annotations().get(REVISION)?);
    let release = object.annotations().get(manifest::RELEASE_ANNOTATION);
    let is_present =
        |set: &&ReplicaSet| set.owner == uid && set.revision == *revision && set.release.as_ref() == release;
    replica_sets.iter().find(is_present).map(|set| set.template.clone())
}

fn refused(status: &DeploymentStatus) -> Option<String> {
    let found =
        status.conditions.iter().flatten().find(|found| found.type_ == "ReplicaFailure" && found.status == "True")?;
    Some(found.message.clone().unwrap_or_default())
}
