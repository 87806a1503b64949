//! `TengineDeployment`: what should run.

use super::{
    Checks, DisruptionBudget, Environment, Gate, ImageSpec, PodSettings, Promotion, Rollback, SourceSpec, Strategy,
    Tengine, TengineDeploymentStatus,
};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// Keeps one Tengine running at the newest good commit of a Git branch.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tengine.dev",
    version = "v1alpha1",
    kind = "TengineDeployment",
    plural = "tenginedeployments",
    shortname = "tdeploy",
    shortname = "td",
    category = "all",
    namespaced,
    status = "TengineDeploymentStatus",
    derive = "PartialEq",
    doc = "Keeps one Tengine running at the newest good commit of a Git branch.",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    validation = Rule::new("size(self.metadata.name) <= 63").message("metadata.name: at most 63 characters, because it becomes a label"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Status", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].reason"#),
    printcolumn(name = "Running", type_ = "string", json_path = ".status.current.revision"),
    printcolumn(name = "Next", type_ = "string", json_path = ".status.next.revision"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Deployed", type_ = "date", json_path = ".status.current.since"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Waits for", type_ = "string", json_path = ".status.next.waitingFor", priority = 1),
    printcolumn(name = "Ref", type_ = "string", json_path = ".status.source.ref", priority = 1),
    printcolumn(name = "Pods", type_ = "integer", json_path = ".status.readyReplicas", priority = 1),
    printcolumn(name = "Primary", type_ = "string", json_path = ".status.nodes.primary", priority = 1),
    printcolumn(name = "Secondary", type_ = "string", json_path = ".status.nodes.secondary", priority = 1),
    printcolumn(name = "Image", type_ = "string", json_path = ".status.current.image", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].message"#, priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.source.git) || has(self.image)").message("image: say what the definitions of source.git are put on"))]
#[x_kube(validation = Rule::new("!has(self.source.promotion) || !has(self.image)").message("image: what source.promotion takes is an image already; leave it out"))]
#[x_kube(validation = Rule::new("!has(self.source.promotion) || !has(self.checks) || !has(self.checks.definition)").message("checks.definition: the definitions are checked where they are built; leave it out, or set it there"))]
#[x_kube(validation = Rule::new("!has(self.gates) || !self.gates.exists(gate, has(gate.before) && gate.before == 'SwitchOver') || has(self.strategy) && has(self.strategy.type) && self.strategy.type in ['HandOver', 'ActiveStandby']").message("gates: before: SwitchOver takes strategy.type HandOver or ActiveStandby, where a version waits for its turn; give one of these, or before: RollOut"))]
#[x_kube(validation = Rule::new("!has(self.promotion) || !has(self.source.promotion)").message("promotion: what source.promotion takes has no Git; leave it out, or set it where the images are built"))]
#[x_kube(validation = Rule::new("!has(self.promotion) || !has(self.promotion.onVerified) || !has(self.promotion.onVerified.branch) || !has(self.source.git) || !has(self.source.git.ref) || !has(self.source.git.ref.branch) || self.promotion.onVerified.branch != self.source.git.ref.branch").message("promotion.onVerified.branch: it is the branch that is followed; give another one"))]
pub struct TengineDeploymentSpec {
    /// Freezes source and releases: nothing new is fetched, built or rolled out. What runs is still kept alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,

    /// Where the definitions come from.
    pub source: SourceSpec,

    /// What image they are put on, and where the result goes. Needed with `source.git`, and with nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageSpec>,

    /// The settings of the Tengine processes.
    pub tengine: Tengine,

    /// How many cores run. 0 stops everything; the queue keeps the events meanwhile. Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1000))]
    pub replicas: i32,

    /// What the pods look like besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodSettings>,

    /// How one release takes the place of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,

    /// Whether the cores are protected when nodes are drained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disruption_budget: Option<DisruptionBudget>,

    /// What is looked at before a release may serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Checks>,

    /// What this deployment is to others: the environment that attaches words to the versions it proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,

    /// What a release has to pass before it may take the place of the one that serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub gates: Vec<Gate>,

    /// What is done about a release that turns out bad once its pods are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,

    /// What becomes of a commit once it was verified here. Only with `source.git`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Promotion>,

    /// How many releases are kept besides the ones in use. Default 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub release_history_limit: Option<i32>,
}

const fn one() -> i32 {
    1
}
