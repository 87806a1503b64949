//! Which releases and configuration files may go?

use super::observed::LiveKind;
use super::{Action, Desired, Observed, rollout::Rollout, target::Target};
use crate::api::v1alpha1::TengineRelease;
use kube::ResourceExt;
use std::collections::BTreeSet;

/// Everything beyond the limit, oldest first. Never what runs, should run, last proved itself, or is wanted.
pub(super) fn expire(
    desired: &Desired,
    observed: &Observed,
    candidate: Option<&TengineRelease>,
    target: &Target<'_>,
    rollout: &Rollout,
) -> Vec<Action> {
    let proven = observed
        .releases
        .iter()
        .filter(|release| release.status.as_ref().is_some_and(|status| status.verified_at.is_some()))
        .max_by_key(|release| release.spec.number);
    let kept: BTreeSet<String> =
        [candidate, target.release, target.current, proven].into_iter().flatten().map(ResourceExt::name_any).collect();
    let mut rest: Vec<&TengineRelease> = observed
        .releases
        .iter()
        .filter(|release| release.metadata.deletion_timestamp.is_none() && !kept.contains(&release.name_any()))
        .collect();
    rest.sort_by_key(|release| std::cmp::Reverse(release.spec.number));
    let old = rest.into_iter().skip(desired.history_limit).rev();
    let mut actions: Vec<Action> = old.map(|release| Action::DeleteRelease { release: release.name_any() }).collect();
    // While old pods may still start again, they need their configuration.
    if rollout.complete {
        actions.extend(unused_configs(observed));
    }
    actions
}

fn unused_configs(observed: &Observed) -> Vec<Action> {
    let in_use: Vec<String> = observed
        .children
        .iter()
        .filter(|child| child.kind == LiveKind::Deployment)
        .map(|child| child.object.pointer("/spec/template").map(ToString::to_string).unwrap_or_default())
        .collect();
    observed
        .children
        .iter()
        .filter(|child| child.kind == LiveKind::ConfigMap && child.ours && !child.deleting)
        .filter(|child| !in_use.iter().any(|template| template.contains(&format!("\"{}\"", child.name))))
        .map(|child| Action::Delete { kind: child.kind, name: child.name.clone() })
        .collect()
}
