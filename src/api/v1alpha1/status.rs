//! What a `TengineDeployment` is seen doing.

use super::Took;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is live, what is not, and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TengineDeploymentStatus {
    /// The generation of the spec that all of this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// `Ready` first: it says in one line what is live, what is not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// What the followed ref points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceStatus>,

    /// The release that serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Running>,

    /// The release on its way, or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,

    /// How far the newest release got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,

    /// The release that last proved itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_verified: Option<Running>,

    /// How far each of `strategy.activeStandby.instances` is with the version that they were told last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["id".into()]))]
    pub instances: Vec<InstanceStatus>,

    /// Of several engines, and of one of them: how far they are with the version that they were told last, such as `2/4` while the second of four phases
    /// is under way, and `2/4 done` once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub phase: Option<String>,

    /// With `strategy.type` ActiveStandby: what each node is up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Nodes>,

    /// Core pods there are; where there are instances, instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,

    /// Core pods that are ready; where there are instances, those that have the version on both nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,

    /// The generation of the core's Deployment at which all wanted pods were last ready. Pods that are missing at a newer one are on
    /// their way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_generation: Option<i64>,

    /// Selects the core pods; for the scale subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,

    /// The last value of the annotation `tengine.dev/reconcile-at` that was acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,
}

/// What the two nodes of a pair are up to, each in two words, such as `active main@4f2c1a9`: whether its cores are `active`, have loaded and wait
/// (`standby`), come (`loading`, `starting`) or go (`ending`), or whether they may be active on a node that does not answer (`silent`), and the
/// version; or `none`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nodes {
    /// The first place.
    pub primary: String,
    /// The second place.
    pub secondary: String,
}

/// How one of several engines stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    /// Its id.
    #[schemars(length(max = 32))]
    pub id: String,
    /// The TengineDeployment that it is.
    #[schemars(length(max = 63))]
    pub deployment: String,
    /// The last phase that it has been through with the version that the instances were told last.
    pub phase: i32,
    /// Whether it failed in the next one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// Since when there is no such TengineDeployment of this one: it is being made, or somebody else's has its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Time>,
    /// What it waits for, or what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    pub message: Option<String>,
}

/// What the followed ref points at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceStatus {
    /// The full name, such as `refs/heads/main`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// All 40 digits.
    pub commit: String,
    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Time>,
    /// Where tags are followed: the newest tag that does not count, because its counterpart is not on the same commit, or because it is
    /// no release of the wanted stage on the Git host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<PassedTag>,
    /// Since when the Git host refuses to tell anything newer, as opposed to its being out of reach. Only an answer ends that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_since: Option<Time>,
}

/// A tag that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassedTag {
    /// Its name.
    pub tag: String,
    /// Its commit: all 40 digits.
    pub commit: String,
    /// The tag that it needs on the same commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart: Option<String>,
    /// Where that is, if it is anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart_commit: Option<String>,
    /// Where releases are followed: what the Git host has of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<PassedRelease>,
    /// How many more tags are newer than the one that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<i64>,
}

/// What a Git host has of a tag that does not count: no release (`Missing`), one that nobody published (`Draft`), or one that is not for
/// all yet (`PreRelease`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PassedRelease {
    /// None.
    Missing,
    /// One that nobody published.
    Draft,
    /// One that is not for all yet.
    PreRelease,
}

/// A release that serves or served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Running {
    /// The release's name.
    pub release: String,
    /// Ref and short commit, such as `main@4f2c1a9`.
    pub revision: String,
    /// All 40 digits.
    pub commit: String,
    /// The image by digest.
    pub image: String,
    /// Since when.
    pub since: Time,
}

/// A release on its way, or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// The release's name.
    pub release: String,
    /// Ref and short commit, such as `main@9b1e0c4`.
    pub revision: String,
    /// All 40 digits.
    pub commit: String,
    /// What it waits for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
}

/// A release step by step, for people; its own `status.steps` and `status.gates` have the same for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The release's name.
    pub release: String,
    /// A line for each step and each gate, in their order, with the time that it took or since when it is under way.
    #[schemars(length(max = 20))]
    pub steps: Vec<String>,
    /// What the machine took, and for how long gates were waited for; as in the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<Took>,
}
