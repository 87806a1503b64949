//! How far the roll-out of the target is.

use super::observed::{LiveChild, LiveKind, Pod};
use super::{Desired, Observed, serve::Served};
use crate::api::v1alpha1::TengineRelease;
use crate::domain::{ChildName, Component};
use serde_json::Value;

/// How far the roll-out of the target is.
#[derive(Debug, Clone, Default)]
pub(super) struct Rollout {
    /// All wanted pods of all components run the target, are ready, and nothing else runs.
    pub complete: bool,
    /// Core pods there are.
    pub replicas: i32,
    /// Core pods that are ready.
    pub ready: i32,
    /// Core pods that run the target's version.
    pub updated: i32,
    /// The components, besides the core, that are not ready.
    pub waiting_for: Vec<Component>,
    /// Kubernetes saw no progress for as long as the strategy allows.
    pub overdue: bool,
    /// Kubernetes' own words on why no pods can be made.
    pub refused: Option<String>,
    /// Pods of the target.
    pub pods: Vec<Pod>,
    /// Pods of other releases.
    pub others: Vec<Pod>,
}

impl Rollout {
    /// Reads it off the Deployments and pods.
    pub fn of(desired: &Desired, observed: &Observed, target: Option<&TengineRelease>, served: &Served) -> Self {
        let image = target.and_then(|release| release.status.as_ref()?.image.clone()).unwrap_or_default();
        let (pods, others) =
            observed.pods.iter().filter(|pod| !pod.deleting).cloned().partition(|pod| pod.image == image);
        let core = component(desired, observed, Component::Core);
        let number = |pointer: &str| core.map_or(0, |core| int(&core.object, pointer));
        let wanted_besides = Component::ALL
            .into_iter()
            .filter(|component| *component != Component::Core && is_rendered(desired, served, *component));
        let waiting_for: Vec<Component> =
            wanted_besides.filter(|part| !component(desired, observed, *part).is_some_and(is_complete)).collect();
        let parts = observed.children.iter().filter(|child| child.ours && child.kind == LiveKind::Deployment);
        Self {
            complete: served.in_sync && core.is_some_and(is_complete) && waiting_for.is_empty(),
            replicas: number("/status/replicas"),
            ready: number("/status/readyReplicas"),
            updated: number("/status/updatedReplicas"),
            overdue: parts.clone().any(|part| condition(&part.object, "Progressing", "False").is_some()),
            refused: parts.clone().find_map(|part| condition(&part.object, "ReplicaFailure", "True")),
            waiting_for,
            pods,
            others,
        }
    }
}

pub(super) fn component<'a>(desired: &Desired, observed: &'a Observed, component: Component) -> Option<&'a LiveChild> {
    let name = ChildName::of_component(&desired.name, component);
    observed
        .children
        .iter()
        .find(|child| child.ours && child.kind == LiveKind::Deployment && child.name == name.as_ref())
}

fn is_rendered(desired: &Desired, served: &Served, component: Component) -> bool {
    let name = ChildName::of_component(&desired.name, component);
    served.children.iter().any(|child| child.name == name)
}

/// Kubernetes' own rule for a complete Deployment: `kubectl rollout status`.
pub(super) fn is_complete(live: &LiveChild) -> bool {
    let number = |pointer: &str| int(&live.object, pointer);
    let wanted = number("/spec/replicas");
    live.object.pointer("/metadata/generation") == live.object.pointer("/status/observedGeneration")
        && number("/status/updatedReplicas") == wanted
        && number("/status/replicas") == wanted
        && number("/status/availableReplicas") == wanted
}

fn int(object: &Value, pointer: &str) -> i32 {
    object.pointer(pointer).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()).unwrap_or(0)
}

/// The message of a Deployment's condition that has this status.
fn condition(object: &Value, kind: &str, status: &str) -> Option<String> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|condition| condition["type"] == kind && condition["status"] == status)?;
    Some(found["message"].as_str().unwrap_or_default().to_owned())
}
