//! What a deployment is to others: an environment that attaches words to the versions it proved.

use crate::api::door;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// The environment that a deployment is. A version that is verified here gets the word `<name>_OK`, and loses it where it is
/// rejected later; other deployments may wait for that word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its name, such as `Staging`: the first part of the words it attaches.
    #[schemars(length(min = 1, max = 60))]
    #[x_kube(validation = door::word("Staging"))]
    pub name: String,

    /// What it is, for people: `STG`, `PROD`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 60))]
    #[x_kube(validation = door::word("STG"))]
    pub kind: Option<String>,

    /// The namespaces whose deployments may read the words, and take the versions that have them (`source.promotion`: their images,
    /// by name and digest, with URL, commit, author and subject): names, or beginnings of names with `*` at the end. This namespace may
    /// always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 64)))]
    #[x_kube(validation = Rule::new("self.all(grant, grant.matches('^([a-z0-9]([a-z0-9-]*[a-z0-9])?|([a-z0-9][a-z0-9-]*)?[*])$'))")
        .message("give names of namespaces, or beginnings of them with * at the end, such as production or prod-*"))]
    pub grants: Vec<String>,
}

/// A word that an environment attached to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionStatus {
    /// The word, such as `Staging_OK`.
    #[schemars(length(max = 64))]
    pub name: String,
    /// Since when the version has it.
    pub since: Time,
}

/// Names a TengineDeployment, here or in another namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentReference {
    /// Its namespace. Default: this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = door::label("namespace"))]
    pub namespace: Option<String>,

    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = door::label("TengineDeployment"))]
    pub name: String,
}
