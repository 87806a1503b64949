//! What image the definitions are put on.

use super::SecretReference;
use crate::api::door;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The base image and the place for the DSL-bundled one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageSpec {
    /// The image that holds Tengine.
    pub base: BaseImage,

    /// Where the image with the definitions goes, such as `registry.example.com/ops/billing`: no tag. Several
    /// deployments may share it: the same content gives the same digest.
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::image_repository())]
    pub repository: String,

    /// A Secret of type `kubernetes.io/dockerconfigjson`: for the push, and for the pull by the pods unless
    /// `pod.imagePullSecrets` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// The image that holds Tengine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct BaseImage {
    /// Its reference, such as `registry.example.com/ops/tengine-core:1.2.2`, by tag or digest.
    #[schemars(length(min = 1, max = 400))]
    #[x_kube(validation = door::image_reference())]
    pub reference: String,

    /// What a moved tag means. Default Follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<BaseUpdate>,

    /// How often to look whether the tag moved. Default 10m, at least 5s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("5s", "8760h"))]
    pub interval: Option<String>,

    /// A Secret of type `kubernetes.io/dockerconfigjson` for reading the base image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// What a moved tag of the base image means. `Follow` (the default): a new release. `Pin`: nothing, the digest first seen
/// stays until `reference` changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BaseUpdate {
    /// It makes a new release.
    #[default]
    Follow,
    /// Nothing: the digest first seen stays until `reference` changes.
    Pin,
}
