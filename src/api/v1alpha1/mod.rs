//! `tengine.dev/v1alpha1`.
//!
//! Rules for these types: every option is left out when absent (an explicit `null` breaks server-side apply);
//! strings that a rule reads have a longest length; exactly-one unions are structs of options with a rule;
//! defaults stand in the code and not in the schema, because schema defaults persist (`replicas` is the
//! exception: the scale subresource needs a value).

mod action;
mod checks;
pub mod condition;
mod deployment;
mod disruption;
mod environment;
mod gate;
mod image;
mod phases;
mod pod;
mod promotion;
mod release;
mod source;
mod status;
mod strategy;
mod tengine;
#[cfg(test)]
mod tests;

pub use action::{Outcome, Person, TengineAction, TengineActionSpec, TengineActionStatus, Verb};
pub use checks::{
    Amounts, CheckJob, CheckQuery, CheckResources, CheckVariable, CheckVariableSource, Checks, DefinitionCheck,
    KeyReference, Preflight, Rollback, RollbackMode, Schedule, Test, Verification, VerificationCheck,
};
pub use deployment::{TengineDeployment, TengineDeploymentSpec};
pub use disruption::DisruptionBudget;
pub use environment::{DeploymentReference, Environment, VersionStatus};
pub use gate::{
    ApprovalGate, Approvers, ClosedTime, Gate, GateBefore, GateState, GateStatus, OpenTime, StatusGate, WindowGate,
};
pub use image::{BaseImage, BaseUpdate, ImageSpec};
pub use phases::{Phases, StoodStill};
pub use pod::{PodSettings, RunAs};
pub use promotion::{OnVerified, PassedOn, Promotion};
pub use release::{
    Build, Content, Promoted, Recheck, RecheckOutcome, ReleaseReason, ReleaseState, ReleaseStep, ReleaseTag, Settings,
    StepName, StepState, TengineRelease, TengineReleaseSpec, TengineReleaseStatus, Took,
};
pub use source::{
    GitReference, GitSource, PromotionSource, Provider, ReleasesReference, SourceSpec, Stage, TagOrder, TagsReference,
};
pub use status::{
    InstanceStatus, Next, Nodes, PassedRelease, PassedTag, Progress, Running, SourceStatus, TengineDeploymentStatus,
};
pub use strategy::{ActiveStandby, Instance, InstancesFrom, PhaseName, Standby, Strategy, StrategyType, SwitchBack};
pub use tengine::{ConfigKind, ConfigReference, Daemon, Database, EventQueue, Heartbeat, LogLevel, Tengine};

use crate::api::door;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Names a Secret in the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretReference {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("Secret"))]
    pub name: String,
}
