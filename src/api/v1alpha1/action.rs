//! `TengineAction`: one decision of one person; what is asked in spec, the answer in status.

use super::strategy::PhaseName;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One decision of one person about one TengineDeployment: written by that person, answered once by the operator.
#[derive(CustomResource, Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tengine.dev",
    version = "v1alpha1",
    kind = "TengineAction",
    plural = "tengineactions",
    shortname = "tact",
    namespaced,
    status = "TengineActionStatus",
    derive = "PartialEq",
    doc = "One decision of one person about one TengineDeployment: it never changes, and it is answered once.",
    printcolumn(name = "Deployment", type_ = "string", json_path = ".spec.deployment"),
    printcolumn(name = "Action", type_ = "string", json_path = ".spec.action"),
    printcolumn(name = "Release", type_ = "string", json_path = ".status.release"),
    printcolumn(name = "By", type_ = "string", json_path = ".spec.by.user"),
    printcolumn(name = "Outcome", type_ = "string", json_path = ".status.outcome"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".spec.reason"),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.message"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("an action never changes: create another one"))]
#[x_kube(validation = Rule::new("has(self.release) || !(self.action in ['Approve', 'Reject', 'Override'])").message("release: name the release that you speak of").field_path(".release"))]
#[x_kube(validation = Rule::new("has(self.gate) || self.action != 'Override'").message("gate: name the gate that is overridden").field_path(".gate"))]
#[x_kube(validation = Rule::new("has(self.reason) && size(self.reason) > 0 || self.action != 'Override'").message("reason: say why the gate is overridden").field_path(".reason"))]
#[x_kube(validation = Rule::new("!has(self.gate) || self.action in ['Approve', 'Reject', 'Override']").message("gate: only Approve, Reject and Override take one").field_path(".gate"))]
#[x_kube(validation = Rule::new("!has(self.release) || self.action != 'Resume'").message("release: Resume takes none").field_path(".release"))]
#[x_kube(validation = Rule::new("!has(self.release) || self.action != 'AcceptTag'").message("release: AcceptTag takes none, it names tag and commit").field_path(".release"))]
#[x_kube(validation = Rule::new("!has(self.release) || self.action != 'SwitchOver'").message("release: SwitchOver takes none, those that wait have the release that serves").field_path(".release"))]
#[x_kube(validation = Rule::new("has(self.phase) == (self.action == 'StartPhase')").message("phase: StartPhase names the phase that it begins, no other action takes one").field_path(".phase"))]
#[x_kube(validation = Rule::new("has(self.tag) == (self.action == 'AcceptTag')").message("tag: AcceptTag names the tag that was moved, no other action takes one").field_path(".tag"))]
#[x_kube(validation = Rule::new("has(self.commit) == (self.action == 'AcceptTag')").message("commit: AcceptTag names the commit that the tag is on now, no other action takes one").field_path(".commit"))]
pub struct TengineActionSpec {
    /// The TengineDeployment it is about, in the same namespace.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub deployment: String,

    /// What is to be done.
    pub action: Verb,

    /// The TengineRelease it is about. Left out: of RollBack, the last verified one before the one that serves; of Retry, the
    /// newest rejected one; of Abort, the one that is on its way; of StartPhase, the one that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub release: Option<String>,

    /// The gate that Approve, Reject or Override is about. Approve and Reject may leave it out where there is one approval gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 60))]
    pub gate: Option<String>,

    /// Of StartPhase: the phase that is to begin, by its name in `strategy.activeStandby.pauseBefore`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<PhaseName>,

    /// Of AcceptTag: the tag that was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub tag: Option<String>,

    /// Of AcceptTag: the commit that the tag is on now, all 40 digits. Where it was moved once more, nothing is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{40}$')").message("give all 40 digits of the commit, in lower case"))]
    pub commit: Option<String>,

    /// Why, for those who read it later. Override must say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub reason: Option<String>,

    /// Who decided.
    pub by: Person,
}

/// What a person can have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Verb {
    /// Image and settings of an earlier release come back, and stay until Resume.
    RollBack,
    /// What RollBack pinned is let go: the newest good release serves again.
    Resume,
    /// A release's rejection is forgotten: it is tried again.
    Retry,
    /// The roll-out under way ends: its release is rejected, and the last verified one serves.
    Abort,
    /// Counts for an approval gate, for this image.
    Approve,
    /// Keeps an approval gate shut for this image, until the same person approves.
    Reject,
    /// Opens a gate of any kind for this image; the reason is shown with the gate.
    Override,
    /// A tag that was moved is followed to the commit that is named.
    AcceptTag,
    /// With `strategy.type` ActiveStandby: those that wait take over from those that serve, which wait then.
    SwitchOver,
    /// With `strategy.activeStandby.instances`: the phase begins that `pauseBefore` keeps from it, for the version that waits there.
    StartPhase,
}

impl Verb {
    /// The verb as it stands in the spec.
    pub fn word(self) -> &'static str {
        match self {
            Self::RollBack => "RollBack",
            Self::Resume => "Resume",
            Self::Retry => "Retry",
            Self::Abort => "Abort",
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::Override => "Override",
            Self::AcceptTag => "AcceptTag",
            Self::SwitchOver => "SwitchOver",
            Self::StartPhase => "StartPhase",
        }
    }
}

/// A person, as the API server knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The user name: your own, as `kubectl auth whoami` prints it.
    #[schemars(length(min = 1, max = 253))]
    pub user: String,

    /// Groups that you are in, where an approval gate asks for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 253)))]
    pub groups: Vec<String>,
}

/// The answer, given once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(oldSelf.outcome) || self == oldSelf").message("an action is answered once"))]
pub struct TengineActionStatus {
    /// Whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,

    /// What came of it, or why it was refused and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,

    /// The release it was about, also where the spec named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub release: Option<String>,

    /// Of Approve, Reject and Override: the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub gate: Option<String>,

    /// Of Approve, Reject and Override: the digest of the image that it holds for, and for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 71))]
    pub digest: Option<String>,

    /// Of AcceptTag: all 40 digits of the commit that is accepted. `release` is the one that the tag had been taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub commit: Option<String>,

    /// Of SwitchOver: the turn of those that take over. It comes once, and is given to nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<i64>,

    /// Of StartPhase: the passage (`status.phases.passage` of the release) that it is about, and no other one of the same release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<i64>,

    /// Of Retry: the `status.rejectedAt` of the release that is forgotten, and no later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgets: Option<Time>,

    /// The `metadata.uid` of the TengineDeployment that was asked: another one of the same name is not bound by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub deployment_uid: Option<String>,

    /// When it was answered: later than every answer before it, whatever the clock does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<MicroTime>,
}

/// Whether an action was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Outcome {
    /// It holds from now on.
    Done,
    /// Nothing was changed.
    Refused,
}
