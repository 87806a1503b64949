//! What becomes of a commit once it was verified here.

use super::SecretReference;
use crate::api::door;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What becomes of a commit once it was verified here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Promotion {
    /// What others are told in Git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_verified: Option<OnVerified>,
}

/// A branch that goes forward to each commit that was verified, and a tag on it. Nothing is ever forced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.branch) || has(self.tag)").message("give a branch, a tag, or both"))]
pub struct OnVerified {
    /// The branch. It is made where it is not there; one that has commits of its own is left alone, and that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::git_ref())]
    pub branch: Option<String>,

    /// How the tag is called: `{{date}}` is the day on which the release was verified (UTC, `2026.11.27`), `{{number}}` the release's
    /// number, `{{commit}}` the first digits of the commit; one of the last two is in it. A commit gets one such tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 150))]
    #[x_kube(validation = door::tag_template())]
    pub tag: Option<String>,

    /// The Secret of who pushes, with the same keys as that of `source.git`. It is not the one that fetches, which needs no right to push.
    pub secret_ref: SecretReference,
}

/// What was pushed for a release once it was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassedOn {
    /// The branch that has its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub branch: Option<String>,
    /// The tag that is on its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub tag: Option<String>,
    /// Since when that is known.
    pub at: Time,
}
