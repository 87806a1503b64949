//! What is looked at before a release may serve.

use crate::api::door;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is looked at before a release may serve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.schedule) || (has(self.verification) && has(self.verification.checks) && size(self.verification.checks) > 0)").message("give verification.checks, which schedule makes again"))]
pub struct Checks {
    /// What comes of errors and warnings in the definitions. Default Error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<DefinitionCheck>,

    /// What Tengine itself is asked before a pod of a release is started. It comes near neither the queue, the database nor the
    /// pods of production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<Preflight>,

    /// Jobs in the image of a new release that have to pass before a pod of it is started. One that fails refuses the release
    /// (`TestFailed`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub tests: Vec<Test>,

    /// What has to hold of a new release once all its pods are ready, before it counts as verified. Where it does not, the
    /// release is refused (`VerificationFailed`), and what `rollback` says is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,

    /// When the checks of `verification` are made again of the release that serves. Where they fail then, it serves on: READY is False
    /// (`NoLongerVerified`), and its version loses the word of its environment until they pass again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

/// Times that come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Minute, hour, day of the month, month, day of the week, such as `0 3 * * *`. Of the times that passed while nothing could be
    /// checked, only the last one counts.
    #[schemars(length(min = 9, max = 100))]
    pub cron: String,

    /// The zone that it is read in, by its IANA name, such as `Europe/Zurich`. Default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: Option<String>,
}

/// What Tengine itself is asked before a pod of a release is started. It happens in a database, a queue and an exchange of one
/// name of their own, `tengine_preflight_` and sixteen digits that follow from namespace and name of the TengineDeployment; they
/// are removed afterwards. The user of `tengine.database.secretRef` needs the right to make, write and drop that database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    /// `tengined -k test` in the base image, with the settings and the credentials of the cores, before any release is rolled out and
    /// again whenever settings, Secrets or the base image are others. As long as it does not pass, `TargetReady` says why
    /// (`ConnectionTestFailed`), releases that were not rolled out yet wait, and what serves keeps the Secrets that it was started
    /// with; no commit is refused for it. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<bool>,

    /// `tengined -k load` in the image of each new release, with the settings of the release. A definition that it does not take
    /// refuses the release (`LoadFailed`), with the place in the repository; nothing that runs is touched. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<bool>,

    /// How long the process of one may take. Default 2m, at least 5s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("5s", "1h"))]
    pub timeout: Option<String>,
}

/// A Job that has to pass before a pod of a release is started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// Told in messages.
    #[schemars(length(min = 1, max = 40))]
    #[x_kube(validation = door::check_name())]
    pub name: String,

    /// What runs. Exit code 0 is a pass.
    pub job: CheckJob,
}

/// What has to hold of a new release once all its pods are ready.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// How long all pods have to be ready before the checks begin. Default 0s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("0s", "24h"))]
    pub min_ready: Option<String>,

    /// Begun together; all have to pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub checks: Vec<VerificationCheck>,
}

/// A Job or a query that has to pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.job) != has(self.query)").message("give exactly one of job and query"))]
pub struct VerificationCheck {
    /// Told in messages.
    #[schemars(length(min = 1, max = 40))]
    #[x_kube(validation = door::check_name())]
    pub name: String,

    /// A Job in the release's image. Exit code 0 is a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<CheckJob>,

    /// A question to Prometheus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<CheckQuery>,
}

/// A Job in a release's image: one pod, started once, in the folder of the definitions (`/var/lib/tengine/dsl`), with
/// `TENGINE_DEPLOYMENT`, `TENGINE_RELEASE`, `TENGINE_COMMIT`, `TENGINE_IMAGE` and `TENGINE_VERSION` in its environment and
/// `/tmp` to write to. It gets none of the credentials of the cores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckJob {
    /// The program and its arguments; no shell is put in between.
    #[schemars(length(min = 1, max = 64), inner(length(max = 4096)))]
    pub command: Vec<String>,

    /// More environment variables. Those that the operator sets cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50))]
    pub env: Option<Vec<CheckVariable>>,

    /// Requests and limits. Default: 10m and 64Mi requested, 512Mi at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<CheckResources>,

    /// How long it may take from the start of its pod. One that runs longer has failed. Default 5m, at least 1s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("1s", "24h"))]
    pub timeout: Option<String>,
}

/// An environment variable of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.value) && has(self.valueFrom))").message("give at most one of value and valueFrom"))]
pub struct CheckVariable {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::variable())]
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32768))]
    pub value: Option<String>,
    /// Where its value stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<CheckVariableSource>,
}

/// Where the value of a variable stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.secretKeyRef) != has(self.configMapKeyRef)").message("give exactly one of secretKeyRef and configMapKeyRef"))]
pub struct CheckVariableSource {
    /// A key of a Secret in the same namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyReference>,
    /// A key of a ConfigMap in the same namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyReference>,
}

/// A key of an object in the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyReference {
    /// The object's name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("Secret or ConfigMap"))]
    pub name: String,
    /// The key.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// Requests and limits of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckResources {
    /// The least it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Amounts>,
    /// The most it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Amounts>,
}

/// Amounts of a node's resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Amounts {
    /// Such as `500m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::quantity())]
    pub cpu: Option<String>,
    /// Such as `256Mi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::quantity())]
    pub memory: Option<String>,
}

/// A question to Prometheus whose answer is one number. The first number decides; as long as there is none (nothing, text,
/// NaN, many series, no answer) the verification waits and says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.atLeast) || has(self.atMost)").message("give atLeast, atMost or both"))]
pub struct CheckQuery {
    /// Where Prometheus is, such as `http://prometheus.monitoring:9090`.
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(validation = door::http_url())]
    pub url: String,

    /// The expression, such as `sum(rate(tengine_errors_total{deployment="billing"}[5m]))`.
    #[schemars(length(min = 1, max = 4096))]
    pub expression: String,

    /// The least number that passes, such as `"0.99"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::decimal())]
    pub at_least: Option<String>,

    /// The greatest number that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::decimal())]
    pub at_most: Option<String>,
}

/// What is done about a release that turns out bad once its pods are ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Default Automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<RollbackMode>,

    /// How long after its verification a release that shows itself broken is still taken back (`Unhealthy`). 0s: never.
    /// Default 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("0s", "168h"))]
    pub watch: Option<String>,
}

/// What is done about a release that failed its verification, or was seen broken soon after it. `Automatic` (the default): what
/// was verified before it serves again. `Manual`: it keeps serving until a person decides, or a newer commit takes its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RollbackMode {
    /// What was verified before it serves again.
    #[default]
    Automatic,
    /// It keeps serving until a person decides, or a newer commit takes its place.
    Manual,
}

/// What comes of what the check of the definitions finds (`tengine-operator check` finds the same). An error is what Tengine
/// refuses, a warning what it loads though it is hardly meant so. `Error`, the default: an error refuses the commit before
/// there is an image of it. `Strict`: a warning does so too. `Warning`: all is told, and the core has the last word. `Off`:
/// nobody looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DefinitionCheck {
    /// An error refuses the commit before there is an image of it; warnings are told.
    #[default]
    Error,
    /// A warning refuses the commit as an error does.
    Strict,
    /// Errors and warnings are told in DefinitionValid and in the release, and the core has the last word.
    Warning,
    /// Nobody looks: no findings, no counts of jobs, no changes. The core has the last word.
    Off,
}
