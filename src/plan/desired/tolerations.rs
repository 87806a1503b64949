//! `spec.pod.tolerations`, where it matters how long a pod stays on a node that does not answer.

use super::check::Check;
use crate::api::v1alpha1::{Standby, StrategyType, TengineDeploymentSpec};
use k8s_openapi::api::core::v1::Toleration;

/// The taints of a node that is not ready or does not answer (`pkg/controller/nodelifecycle`).
const TAINTS: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
/// So long at least, in seconds: until then it was seen that the node is silent, also by an operator that took over from another one.
const LEAST: i64 = 60;

/// Complains of a core that would be made anew before the turn can be held (`plan::silence`).
pub(super) fn read(check: &mut Check, spec: &TengineDeploymentSpec) {
    let strategy = spec.strategy.clone().unwrap_or_default();
    let standby = strategy.active_standby.and_then(|given| given.standby).unwrap_or_default();
    if strategy.kind != Some(StrategyType::ActiveStandby) || standby != Standby::Waits {
        return;
    }
    let given = spec.pod.as_ref().and_then(|pod| pod.tolerations.as_ref()).into_iter().flatten().enumerate();
    for (place, toleration) in given.filter(|(_, toleration)| is_of_silence(toleration)) {
        if let Some(seconds) = toleration.toleration_seconds.filter(|seconds| *seconds < LEAST) {
            check.complain(format!(
                "spec.pod.tolerations[{place}].tolerationSeconds: {seconds} is too short with strategy.type ActiveStandby, give at least {LEAST}: another core would begin beside one whose node does not answer"
            ));
        }
    }
}

/// Whether it matches one of these taints, whose effect is `NoExecute` and whose value is empty.
fn is_of_silence(toleration: &Toleration) -> bool {
    let is_or_empty = |field: &Option<String>, wanted: &[&str]| {
        field.as_deref().is_none_or(|field| field.is_empty() || wanted.contains(&field))
    };
    let exists = toleration.operator.as_deref() == Some("Exists");
    let is_any_key = toleration.key.as_deref().unwrap_or_default().is_empty() && exists;
    let is_key = toleration.key.as_deref().is_some_and(|key| TAINTS.contains(&key));
    is_or_empty(&toleration.effect, &["NoExecute"])
        && (is_any_key || is_key)
        && (exists || is_or_empty(&toleration.value, &[]))
}
