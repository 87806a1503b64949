//! What a release has to pass before it may take the place of the one that serves.

use super::DeploymentReference;
use crate::api::door;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A gate in front of the roll-out, or of the change-over. Of the releases whose gates are all open, the newest goes live; what began goes
/// on, whatever the gates do then that stand before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.statuses), has(self.approval), has(self.window)].filter(x, x).size() == 1")
    .message("give exactly one of statuses, approval and window"))]
pub struct Gate {
    /// Its name.
    #[schemars(length(min = 1, max = 60))]
    #[x_kube(validation = door::word("staging"))]
    pub name: String,

    /// What it stands before. Default RollOut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<GateBefore>,

    /// Open for versions to which another deployment attached these words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statuses: Option<StatusGate>,

    /// Open for versions that people approved, by a TengineAction with the action Approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalGate>,

    /// Open at certain times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowGate>,
}

/// What a gate stands before. `RollOut`: nothing of the release is started before it is open. `SwitchOver`, with `strategy.type` HandOver or
/// ActiveStandby: the release is started beside what serves, loads its definitions and waits there; what serves is told to end once
/// the gate is open, and not touched before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GateBefore {
    /// The first core of the release.
    #[default]
    RollOut,
    /// The change from what serves to what has loaded and waits.
    SwitchOver,
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

/// People who have to approve a version: of this image, by digest. One Reject keeps the gate shut until the same person approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalGate {
    /// How many of them.
    #[schemars(range(min = 1, max = 10))]
    pub required: i32,

    /// Whose word counts. Default: everybody's who may create `tenginedeployments/approve`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Approvers>,

    /// Whether the author of the commit has no say. The commit's author name is compared with the user name, and with what stands
    /// before its `@`. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_author: Option<bool>,

    /// How long an approval counts, such as `24h`. Default: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("1s", "8760h"))]
    pub expires: Option<String>,
}

/// People, by user name or by group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.users) && size(self.users) > 0 || has(self.groups) && size(self.groups) > 0").message("give users, groups or both"))]
pub struct Approvers {
    /// User names, as `kubectl auth whoami` prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 253)))]
    pub users: Vec<String>,

    /// Groups of users, as `kubectl auth whoami` prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 253)))]
    pub groups: Vec<String>,
}

/// Opening hours and freezes. A freeze wins; a roll-out that began within hours goes on beyond them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.open) && size(self.open) > 0 || has(self.closed) && size(self.closed) > 0").message("give open, closed or both"))]
pub struct WindowGate {
    /// When it is open. Default: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub open: Vec<OpenTime>,

    /// When it is closed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub closed: Vec<ClosedTime>,
}

/// Hours that begin by a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenTime {
    /// When they begin, in cron's way: minute, hour, day of the month, month, day of the week, such as `0 9 * * 1-5`.
    #[schemars(length(min = 9, max = 100))]
    pub schedule: String,

    /// How long they last, in elapsed time, such as `8h`.
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("1m", "8760h"))]
    pub duration: String,

    /// The zone that the schedule is read in, by its IANA name, such as `Europe/Zurich`. Default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: Option<String>,
}

/// A freeze: one that comes again by a schedule, or from one time to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.schedule) == has(self.duration) && has(self.from) == has(self.to) && has(self.schedule) != has(self.from) && !(has(self.timeZone) && has(self.from))")
    .message("give schedule, duration and perhaps timeZone, or from and to"))]
#[x_kube(validation = Rule::new("!has(self.from) || !has(self.to) || self.from < self.to").message("to must be later than from"))]
pub struct ClosedTime {
    /// When it begins, in cron's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 9, max = 100))]
    pub schedule: Option<String>,

    /// How long it lasts, in elapsed time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("1m", "8760h"))]
    pub duration: Option<String>,

    /// The zone that the schedule is read in. Default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: Option<String>,

    /// When it begins, such as `2026-12-20T00:00:00+01:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,

    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,

    /// Why, for those who wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub reason: Option<String>,
}

/// How a gate stood for a release, until the release went on to what the gate stands before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateStatus {
    /// The gate's name in the spec.
    #[schemars(length(max = 64))]
    pub name: String,
    /// `SwitchOver`, where it stands before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<GateBefore>,
    /// Whether it let the release pass.
    pub state: GateState,
    /// What it waits for, or what opened it.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// Since when it stands so.
    pub since: Time,
    /// When the release came to it; of one before the change-over, when it had loaded and waited there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Time>,
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
    /// A person let it pass: the message says who, and why.
    Overridden,
}
