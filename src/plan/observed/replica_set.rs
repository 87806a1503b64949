//! ReplicaSets: what says which pods follow which template of a Deployment.

use crate::manifest;
use kube::{Resource, ResourceExt};

/// The annotation that counts the templates of a Deployment, on it and on its ReplicaSets.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The label by which a ReplicaSet tells its pods.
pub const TEMPLATE: &str = "pod-template-hash";

/// A ReplicaSet, reduced to what tells pods apart. Its metadata is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSet {
    /// Its name.
    pub name: String,
    /// The Deployment's UID.
    pub owner: String,
    /// Which of the Deployment's templates it stands for.
    pub revision: String,
    /// What its pods carry as `pod-template-hash`.
    pub template: String,
    /// The release that this template was last rendered from: Kubernetes copies the Deployment's annotations.
    pub release: Option<String>,
}

impl ReplicaSet {
    /// The labels that are read.
    pub const LABELS: [&str; 1] = [TEMPLATE];
    /// The annotations that are read.
    pub const ANNOTATIONS: [&str; 2] = [REVISION, manifest::RELEASE_ANNOTATION];

    /// Reads it; `None` for one that no Deployment made.
    pub fn read<K: Resource>(object: &K) -> Option<Self> {
        let owner = object.meta().owner_references.iter().flatten().find(|owner| owner.controller == Some(true))?;
        Some(Self {
            name: object.name_any(),
            owner: owner.uid.clone(),
            revision: object.annotations().get(REVISION)?.clone(),
            template: object.labels().get(TEMPLATE)?.clone(),
            release: object.annotations().get(manifest::RELEASE_ANNOTATION).cloned(),
        })
    }
}
