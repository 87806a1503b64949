//! `TengineRelease`: one attempt; its inputs in spec, its outcome in status.

use super::{DefinitionCheck, GateStatus, PassedOn, Phases, PodSettings, Tengine, VersionStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// One attempt of a `TengineDeployment` to run one commit: written by the operator, never by hand.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tengine.dev",
    version = "v1alpha1",
    kind = "TengineRelease",
    plural = "tenginereleases",
    shortname = "trel",
    namespaced,
    status = "TengineReleaseStatus",
    derive = "PartialEq",
    doc = "One attempt of a TengineDeployment to run one commit: its inputs in spec, its outcome in status. Written by the operator.",
    printcolumn(name = "Live", type_ = "string", json_path = ".status.live"),
    printcolumn(name = "State", type_ = "string", json_path = ".status.state"),
    printcolumn(name = "Statuses", type_ = "string", json_path = ".status.statuses[*].name"),
    printcolumn(name = "Revision", type_ = "string", json_path = ".spec.revision"),
    printcolumn(name = "Changes", type_ = "string", json_path = ".status.changes"),
    printcolumn(name = "Author", type_ = "string", json_path = ".status.author"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Deployment", type_ = "string", json_path = ".spec.deployment", priority = 1),
    printcolumn(name = "Reason", type_ = "string", json_path = ".spec.reason", priority = 1),
    printcolumn(name = "Image", type_ = "string", json_path = ".status.image", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.message", priority = 1)
)]
#[serde(rename_all = "camelCase")]
pub struct TengineReleaseSpec {
    /// The TengineDeployment it belongs to.
    #[schemars(length(max = 63))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub deployment: String,

    /// Counts up within the deployment: "release 42".
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub number: i64,

    /// Stands for all inputs together: one key has one release.
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub key: String,

    /// The commit: all 40 digits.
    #[schemars(length(max = 40))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub commit: String,

    /// The full ref it was found under, such as `refs/heads/main`.
    #[serde(rename = "ref")]
    #[schemars(length(max = 300))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub reference: String,

    /// Ref and short commit, such as `main@4f2c1a9`.
    #[schemars(length(max = 300))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub revision: String,

    /// The tag that was the newest, where tags are followed. Each tag makes a release of its own, also one on a commit that another one had;
    /// no pod is restarted for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<ReleaseTag>,

    /// Why it was made: no release had this commit or tag (`Commit`), the tag of the base image moved (`BaseImage`), the spec or a
    /// ConfigMap it names changed (`Spec`), or another deployment proved a version (`Promotion`).
    pub reason: ReleaseReason,

    /// What decides the image, besides the commit.
    pub build: Build,

    /// Whose version it is, where another deployment built and proved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<Promoted>,

    /// The settings at the time, so that a roll-back brings back image and settings.
    #[schemars(schema_with = "any_object")]
    pub settings: Settings,

    /// Which rules of rendering the pods of this release follow, so that a newer operator restarts nothing.
    #[schemars(range(min = 1, max = 1000))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
    pub rendering: i32,
}

/// A tag of a release train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
pub struct ReleaseTag {
    /// Its name.
    #[schemars(length(max = 255))]
    pub name: String,

    /// Where the tag was moved and a person accepted that: the number of the release that it had been taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<i64>,
}

/// Why a release was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ReleaseReason {
    /// A commit or a tag that no release had.
    Commit,
    /// The base image's tag moved.
    BaseImage,
    /// The spec, or a ConfigMap it names, changed.
    Spec,
    /// Another deployment proved a version.
    Promotion,
}

/// Whose version a release runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("a release's inputs never change"))]
pub struct Promoted {
    /// The namespace of the deployment that proved it.
    #[schemars(length(max = 63))]
    pub namespace: String,

    /// Its name.
    #[schemars(length(max = 63))]
    pub name: String,

    /// Its UID: one that was made anew counts its releases anew.
    #[schemars(length(max = 63))]
    pub uid: String,

    /// The number of its release.
    pub number: i64,

    /// The image by digest.
    #[schemars(length(max = 400))]
    pub image: String,
}

/// What decides the image, besides the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.baseDigest == oldSelf.baseDigest && self.base == oldSelf.base && self.path == oldSelf.path && self.repository == oldSelf.repository && self.url == oldSelf.url && has(self.definitionCheck) == has(oldSelf.definitionCheck) && (!has(self.definitionCheck) || self.definitionCheck == oldSelf.definitionCheck)").message("a release's inputs never change"))]
pub struct Build {
    /// The Git repository.
    #[schemars(length(max = 2048))]
    pub url: String,
    /// The folder of the definitions; empty for the root.
    #[schemars(length(max = 1024))]
    pub path: String,
    /// The base image as it was asked for.
    #[schemars(length(max = 400))]
    pub base: String,
    /// What the base image was then.
    #[schemars(length(max = 71))]
    pub base_digest: String,
    /// Where the image goes.
    #[schemars(length(max = 255))]
    pub repository: String,
    /// What comes of errors in the definitions, where it is not that they refuse the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition_check: Option<DefinitionCheck>,
}

/// The settings of a deployment at the time of a release. Secrets stay by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// As in the spec.
    pub tengine: Tengine,
    /// As in the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodSettings>,
    /// The content of the ConfigMap key that `configRef` named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// The Secret for pulling the image, where `pod.imagePullSecrets` is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_secret: Option<String>,
    /// Start-up allowance of a core, in seconds.
    pub progress_deadline_seconds: i64,
}

/// The settings were checked when they stood in a `TengineDeployment`; repeating their schema here would only
/// make the document larger.
fn any_object(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "type": "object",
        "description": "The settings (tengine, pod, configuration file) at the time, so that a roll-back brings back image and settings. Secrets stay by name.",
        "x-kubernetes-preserve-unknown-fields": true
    })
}

/// The outcome of a release.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(oldSelf.image) || (has(self.image) && self.image == oldSelf.image)").message("a release's image never changes"))]
#[x_kube(validation = Rule::new("!has(oldSelf.tree) || (has(self.tree) && self.tree == oldSelf.tree)").message("a release's tree never changes"))]
pub struct TengineReleaseStatus {
    /// How far it got, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ReleaseState>,

    /// Whether it serves: `True` or `False`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<String>,

    /// Of an instance's release, that there may be cores of it, and nobody else is put on its queue or database: written before the first of them is
    /// made, and taken away once the last one has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_cores: Option<bool>,

    /// Why it stopped, or what its author should know, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,

    /// The first line of the commit's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,

    /// Who wrote the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,

    /// When it was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Time>,

    /// How often its build was begun without coming to an end, as when the operator ended meanwhile: each time it is waited longer
    /// before the next. Absent once it came to an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_attempts: Option<i32>,

    /// When its build was last begun, while that has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_begun_at: Option<Time>,

    /// The digest of the packed tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 71))]
    pub tree: Option<String>,

    /// The image by digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 400))]
    pub image: Option<String>,

    /// What the image runs on, such as `linux/amd64`: its pods go to nodes of this operating system and architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub platform: Option<String>,

    /// When the image was last made again because its registry no longer had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_made_at: Option<Time>,

    /// What Tengine calls this version of the definitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dsl_version: Option<String>,

    /// What the definitions hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,

    /// What changed against the release that served before, such as `+3 -1 ~2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,

    /// By name what `changes` counts, such as `+ job nightly/load`; at most 100 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 101), inner(length(max = 400)))]
    pub changed: Vec<String>,

    /// When all wanted pods were first ready with it, and what `checks.verification` asks for held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Time>,

    /// When it last began to serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_at: Option<Time>,

    /// The words that this environment attached to its version: `<name>_OK` from when it was verified until it is rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub statuses: Vec<VersionStatus>,

    /// How far it is through the phases of `strategy.activeStandby`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phases: Option<Phases>,

    /// What was pushed to Git once it was verified, where `promotion.onVerified` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<PassedOn>,

    /// How its verification went when `checks.schedule` asked for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Recheck>,

    /// How each gate stood for it, until it began to go live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub gates: Vec<GateStatus>,

    /// When it was refused for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_at: Option<Time>,

    /// What is wrong with its content: every finding of the check, or the core's own words with secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub evidence: Option<String>,

    /// Step by step how far it got, each with its times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub steps: Vec<ReleaseStep>,

    /// How long what has ended of its way took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<Took>,

    /// `Succeeded` last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// A verification that is made again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recheck {
    /// The time of the schedule whose checks are under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<Time>,

    /// The time of the schedule whose checks came to an end last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Time>,

    /// When they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,

    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RecheckOutcome>,

    /// What failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub message: Option<String>,
}

/// How a verification that was made again ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RecheckOutcome {
    /// All checks passed.
    Passed,
    /// One failed.
    Failed,
}

/// How far a release got, in one word: the last step, or the reason for which it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ReleaseState {
    /// Fetched, checked and built just now.
    Building,
    /// Its image is there.
    Built,
    /// Tengine loads its definitions into a scratch database (`checks.preflight.load`), or waits to.
    Preflight,
    /// The Jobs of `checks.tests` run, or wait to.
    Testing,
    /// It takes the place of another just now.
    RollingOut,
    /// Its pods are ready, and what `checks.verification` asks for is looked at.
    Verifying,
    /// All wanted pods were ready with it, and what `checks.verification` asks for holds.
    Verified,
    /// Another one is wanted, or serves; it was not refused.
    Superseded,
    /// The definitions do not parse, or are not allowed.
    DefinitionInvalid,
    /// The folder is not in the commit.
    PathNotFound,
    /// There is no Ruby file in the folder.
    NoDefinition,
    /// The tree holds what cannot be packed safely.
    TreeRefused,
    /// The base image has no `tengined`.
    PackageMissing,
    /// The core refused the definitions.
    CoreFailed,
    /// Tengine did not load the definitions (`checks.preflight.load`).
    LoadFailed,
    /// A Job of `checks.tests` failed.
    TestFailed,
    /// The core did not get ready in time.
    ProgressDeadlineExceeded,
    /// What `checks.verification` asks for does not hold.
    VerificationFailed,
    /// It was seen broken within `rollback.watch` after its verification.
    Unhealthy,
    /// A person ended its roll-out.
    Aborted,
    /// The core was killed at its memory limit.
    OutOfMemory,
    /// The core cannot read the configuration file of `tengine.configRef`.
    ConfigurationInvalid,
}

/// One step of a release's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseStep {
    /// Which.
    pub name: StepName,
    /// How it stands.
    pub state: StepState,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What it waits for, or why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,
}

/// Where the time went, of what has ended: words such as `1h 2m 3s`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Took {
    /// In which a step was under way.
    pub machine: String,
    /// In which none was, and a gate was waited for: an approval, an hour, the word of another environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<String>,
}

/// The steps of a release, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum StepName {
    /// Fetched, checked, built and pushed.
    Build,
    /// What `checks.preflight.load` asks for.
    Preflight,
    /// The Jobs of `checks.tests`.
    Tests,
    /// Its pods take the place of others.
    RollOut,
    /// What `checks.verification` asks for.
    Verification,
}

impl TengineReleaseStatus {
    /// Whether it was the one that served when this was last written.
    pub fn is_live(&self) -> bool {
        self.live.as_deref() == Some("True")
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StepState {
    /// Its turn has not come.
    Waiting,
    /// Under way.
    Running,
    /// Passed.
    Done,
    /// It refused the release.
    Failed,
    /// Not asked for, or its turn never came.
    Skipped,
}

/// What the definitions hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Ruby files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<i64>,
    /// Root jobnets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobnets: Option<i64>,
    /// Jobs in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<i64>,
    /// Event drivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drivers: Option<i64>,
    /// Errors found in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<i64>,
    /// Warnings about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<i64>,
}
