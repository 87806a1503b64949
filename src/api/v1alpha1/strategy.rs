//! How one release takes the place of another.

use crate::api::door;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How one release takes the place of another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.activeStandby) || has(self.type) && self.type == 'ActiveStandby'").message("activeStandby: only with type ActiveStandby").field_path(".activeStandby"))]
pub struct Strategy {
    /// Default RollingUpdate.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<StrategyType>,

    /// How long a new release may take until its pods are ready; also the start-up allowance of a core that loads
    /// long. Default 10m, at least 10s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("10s", "8760h"))]
    pub progress_deadline: Option<String>,

    /// Several engines that go from version to version together, in four phases. Only with type ActiveStandby.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_standby: Option<ActiveStandby>,
}

impl Strategy {
    /// Whether there are several engines.
    pub fn has_instances(&self) -> bool {
        self.active_standby.as_ref().is_some_and(ActiveStandby::has_instances)
    }
}

/// What the second node of a pair is for; and several engines on one set of definitions, such as one for each customer: each is a pair of nodes
/// on a queue and a database of its own. A version goes through all of them in four phases: to those that wait (1), which then take over (2); to
/// those that served (3), which then take over again (4). A phase begins once the one before it has ended everywhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.instances) || !has(self.instancesFrom)").message("give instances or instancesFrom, not both"))]
#[x_kube(validation = Rule::new("has(self.instances) || has(self.instancesFrom) || !has(self.switchBack) && !has(self.pauseBefore) && !has(self.maxFailed)").message("switchBack, pauseBefore and maxFailed are for instances or instancesFrom"))]
#[x_kube(validation = Rule::new("!has(self.standby) || self.standby != 'Serves' || !has(self.switchBack) || self.switchBack != 'Never'").message("switchBack: with standby Serves, primary nodes always serve again (phase 4)").field_path(".switchBack"))]
pub struct ActiveStandby {
    /// The engines. Each is a TengineDeployment that the operator makes and keeps as this one says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["id".into()]))]
    pub instances: Vec<Instance>,

    /// The engines are those that ConfigMaps of this namespace speak of, one each: who makes such a ConfigMap adds an engine, with any Secret
    /// of this namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances_from: Option<InstancesFrom>,

    /// What the second node of a pair does while the first one serves. Default Waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standby: Option<Standby>,

    /// Whether the primary nodes serve again in the end (phase 4). Default Automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch_back: Option<SwitchBack>,

    /// Phases that a person begins, by a TengineAction StartPhase, each time that a version comes to them. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub pause_before: Vec<PhaseName>,

    /// How many instances may fail in a phase before the next one does not begin. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub max_failed: Option<i32>,
}

impl ActiveStandby {
    /// Whether there are several engines.
    pub const fn has_instances(&self) -> bool {
        !self.instances.is_empty() || self.instances_from.is_some()
    }
}

/// ConfigMaps that have an engine each. `data.tengine` is what `tengine` of an instance is, as YAML; `data.id` its id, by default the name of
/// the ConfigMap.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancesFrom {
    /// The labels that they have.
    #[x_kube(validation = Rule::new("has(self.matchLabels) && size(self.matchLabels) > 0 || has(self.matchExpressions) && size(self.matchExpressions) > 0").message("give matchLabels or matchExpressions: an empty selector would take every ConfigMap"))]
    pub selector: LabelSelector,
}

/// What the second node of a pair does while the first one serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Standby {
    /// It has loaded the definitions, and takes over where the first one dies, or a new version has loaded.
    #[default]
    Waits,
    /// It serves, too, with the same version. It is drained, gets a new version and waits with that; once the first one has ended, it serves, and the
    /// first one gets the version and serves again.
    Serves,
}

/// One engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// What it is called, such as `001`.
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("use lower-case letters, digits and -"))]
    pub id: String,

    /// What is another one than in `spec.tengine`, by the same names, such as `eventQueue.vhost` and `database.name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "some_of_tengine")]
    pub tengine: Option<Map<String, Value>>,
}

/// It is checked with what `spec.tengine` says.
fn some_of_tengine(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "type": "object",
        "description": "What is another one than in spec.tengine, by the same names, such as eventQueue.vhost and database.name. It is laid over that: a map field by field, all else as a whole.",
        "x-kubernetes-preserve-unknown-fields": true
    })
}

/// The phases after the first one, which begins by itself, or once its gates are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PhaseName {
    /// Phase 2: those that wait take over.
    SwitchOver,
    /// Phase 3: those that served get the version, and wait.
    SecondUpgrade,
    /// Phase 4: the primary nodes take over again.
    SwitchBack,
}

impl PhaseName {
    /// Its number.
    pub const fn number(self) -> i32 {
        match self {
            Self::SwitchOver => 2,
            Self::SecondUpgrade => 3,
            Self::SwitchBack => 4,
        }
    }

    /// The word as it stands in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SwitchOver => "SwitchOver",
            Self::SecondUpgrade => "SecondUpgrade",
            Self::SwitchBack => "SwitchBack",
        }
    }
}

/// Whether the primary nodes serve again once both nodes of all instances have the version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SwitchBack {
    /// They do.
    #[default]
    Automatic,
    /// What took over goes on serving; the next version takes the other way.
    Never,
}

/// How one release takes the place of another. `RollingUpdate` (the default): never fewer ready cores than wanted and at
/// most a quarter more (up to four: one by one), and the first of a new version alone until it runs; two versions of the definitions share the queue for that time.
/// `Recreate`: all old pods end, then the new ones start; the queue keeps the events meanwhile.
/// `HandOver`: the new pods start and load the definitions while the old ones serve; once all of them wait, the old ones
/// finish the event in hand and end, and then the new ones begin: never two versions at once, and a gap of a second or two.
/// `ActiveStandby`: as `HandOver`, with as many pods again that have loaded the same release and wait beside those that serve; they
/// take over within seconds where those die.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StrategyType {
    /// A few pods at a time, never fewer than wanted; two DSL versions share the queue for that time.
    #[default]
    RollingUpdate,
    /// All old pods end, then the new ones start: never two versions at once. The queue keeps the events meanwhile.
    Recreate,
    /// The new pods load and wait while the old ones serve, and begin once those have ended: never two versions at once, and
    /// hardly a gap. Twice as many pods for that time.
    HandOver,
    /// As `HandOver`, and what was handed over from is not removed: it loads the same release, once that is verified, and waits. It
    /// takes over where what serves dies. Twice as many pods, all the time.
    ActiveStandby,
}

impl StrategyType {
    /// Whether cores wait for their turn to consume events, and never two turns consume at once.
    pub const fn takes_turns(self) -> bool {
        matches!(self, Self::HandOver | Self::ActiveStandby)
    }
}
