//! The Deployments.

use super::labels::{self, COMMIT_LABEL, RELEASE_ANNOTATION};
use super::{Surge, Workload, pod, turn};
use crate::api::v1alpha1::StrategyType;
use crate::domain::{ChildName, Component, Place};
use serde_json::{Value, json};

/// Releases are the history; a `ReplicaSet` or two are kept for the eyes of `kubectl rollout history`.
const REVISIONS: i32 = 2;

/// How long a watcher may take to start, in seconds.
const WATCHER_DEADLINE: i64 = 600;

/// The Deployment of one process.
pub(super) fn render(workload: &Workload, component: Component, name: &ChildName, config: &ChildName) -> Value {
    let mut metadata =
        labels::metadata(workload.owner, name, &labels::of_component(workload.owner.deployment, component));
    if workload.rendering != 1 {
        metadata["labels"][COMMIT_LABEL] = json!(workload.commit.short());
    }
    metadata["annotations"][RELEASE_ANNOTATION] = json!(workload.release);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": replicas(workload, component),
            "selector": { "matchLabels": selector(workload, component) },
            "strategy": strategy(workload, component),
            "minReadySeconds": 0,
            "progressDeadlineSeconds": deadline(workload, component),
            "revisionHistoryLimit": REVISIONS,
            "template": pod::template(workload, component, config),
        },
    })
}

/// Kubernetes wants two Deployments to tell their pods apart.
fn selector(workload: &Workload, component: Component) -> Value {
    let mut selector = labels::pod_selector(workload.owner.deployment, component);
    if component == Component::Core && workload.seat.place == Place::Second {
        selector[turn::PLACE_LABEL] = json!(turn::SECOND);
    }
    selector
}

fn replicas(workload: &Workload, component: Component) -> i32 {
    match component {
        Component::Core => workload.replicas,
        Component::HeartbeatWatchd | Component::Atd => workload.replicas.min(1),
    }
}

/// Never fewer cores than wanted, or never two versions at once. Two watchers of one database would do the same work
/// twice, so there is never more than one. Cores that wait are of no use to anybody yet, and never ready: what replaces them
/// waits for nothing.
fn strategy(workload: &Workload, component: Component) -> Value {
    match (component, workload.strategy) {
        (Component::Core, kind) if kind.takes_turns() && workload.seat.waits => json!({ "type": "Recreate" }),
        (Component::Core, StrategyType::RollingUpdate | StrategyType::HandOver | StrategyType::ActiveStandby) => {
            let surge = match workload.surge {
                Surge::One => json!(1),
                Surge::Quarter => json!("25%"),
            };
            json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": surge, "maxUnavailable": 0 } })
        }
        (Component::Core, StrategyType::Recreate) | (Component::HeartbeatWatchd | Component::Atd, _) => {
            json!({ "type": "Recreate" })
        }
    }
}

fn deadline(workload: &Workload, component: Component) -> i64 {
    match component {
        Component::Core => pod::start_allowance(workload.settings),
        Component::HeartbeatWatchd | Component::Atd => WATCHER_DEADLINE,
    }
}
