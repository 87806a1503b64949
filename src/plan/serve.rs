//! Does the cluster run the target?

use super::observed::{LiveChild, LiveKind};
use super::{Action, Desired, Observed, Problem, rollout};
use crate::api::v1alpha1::{TengineRelease, condition::Reason};
use crate::domain::{CommitId, Component, Digest};
use crate::manifest::{self, Child, ChildKind, Workload};
use kube::ResourceExt as _;

/// What it takes that the cluster runs the target.
#[derive(Debug, Default)]
pub(super) struct Served {
    /// What is rendered.
    pub children: Vec<Child>,
    /// What to do.
    pub actions: Vec<Action>,
    /// Names that belong to somebody else.
    pub taken: Vec<Problem>,
    /// Whether everything rendered is in the cluster as rendered.
    pub in_sync: bool,
}

/// Compares what the target renders to with what is there.
pub(super) fn serve(desired: &Desired, observed: &Observed, target: Option<&TengineRelease>) -> Served {
    let Some(children) = target.and_then(|release| render(desired, observed, release)) else {
        return Served::default();
    };
    let mut served = Served { in_sync: true, ..Served::default() };
    for child in &children {
        match live(observed, child) {
            Some(live) if !live.ours => {
                served.in_sync = false;
                served.taken.push(taken(child));
            }
            Some(live) if live.deleting => served.in_sync = false,
            Some(live) if is_in_sync(child, live) => {}
            // What stands beside the core follows it: a release that the core refuses leaves the watchers alone.
            Some(_) if is_watcher(child) && !core_is_complete(desired, observed, &served) => served.in_sync = false,
            Some(_) | None => {
                served.in_sync = false;
                served.actions.push(Action::Apply(Box::new(child.clone())));
            }
        }
    }
    if !served.taken.is_empty() {
        served.actions.clear();
    }
    served.actions.extend(unwanted(observed, &children));
    served.children = children;
    served
}

/// `None` where the Secrets in use are not complete and nothing runs yet that could say what they were.
fn render(desired: &Desired, observed: &Observed, release: &TengineRelease) -> Option<Vec<Child>> {
    let image = release.status.as_ref()?.image.as_deref()?;
    let commit: CommitId = release.spec.commit.parse().ok()?;
    let name = release.name_any();
    let workload = |hash: &str| {
        manifest::children(&Workload {
            namespace: &desired.namespace,
            deployment: &desired.name,
            uid: &desired.uid,
            release: &name,
            commit: &commit,
            image,
            settings: &release.spec.settings,
            rendering: release.spec.rendering,
            replicas: desired.replicas,
            strategy: desired.strategy,
            secrets_hash: hash,
        })
    };
    if let Some(hash) = observed.references.hashes.get(&name) {
        return Some(workload(hash));
    }
    // A Secret is gone: what runs is repaired as it was, and nothing new is rolled out.
    let core = observed.children.iter().find(|child| child.ours && child.kind == LiveKind::Deployment)?;
    let hash =
        core.object.pointer("/spec/template/metadata/annotations")?.get(manifest::SECRETS_ANNOTATION)?.as_str()?;
    let told = core.object.pointer("/metadata/annotations")?.get(manifest::RELEASE_ANNOTATION)?.as_str()?;
    (told == name).then(|| workload(hash))
}

fn is_watcher(child: &Child) -> bool {
    matches!(child.kind, ChildKind::Deployment(component) if component != Component::Core)
}

/// Whether the core, which is rendered first, is as rendered and all its pods are ready.
fn core_is_complete(desired: &Desired, observed: &Observed, so_far: &Served) -> bool {
    so_far.in_sync && rollout::component(desired, observed, Component::Core).is_some_and(rollout::is_complete)
}

fn live<'a>(observed: &'a Observed, child: &Child) -> Option<&'a LiveChild> {
    let kind = live_kind(child.kind);
    observed.children.iter().find(|live| live.kind == kind && live.name == child.name.as_ref())
}

fn live_kind(kind: ChildKind) -> LiveKind {
    match kind {
        ChildKind::Deployment(_) => LiveKind::Deployment,
        ChildKind::ConfigMap => LiveKind::ConfigMap,
    }
}

/// The same, or acknowledged as the same by the API server, which may write values its own way.
fn is_in_sync(child: &Child, live: &LiveChild) -> bool {
    let acknowledged = live.acknowledged.as_ref().is_some_and(|acknowledged| {
        let generation = live.object.pointer("/metadata/generation").and_then(serde_json::Value::as_i64);
        generation == Some(acknowledged.generation) && acknowledged.rendered == fingerprint(child)
    });
    acknowledged || manifest::in_sync(&child.object, &live.object)
}

/// The digest of what is sent.
pub(crate) fn fingerprint(child: &Child) -> Digest {
    Digest::of(child.object.to_string().as_bytes())
}

fn taken(child: &Child) -> Problem {
    let kind = match child.kind {
        ChildKind::Deployment(_) => "Deployment",
        ChildKind::ConfigMap => "ConfigMap",
    };
    let message = format!(
        "{kind} {} belongs to somebody else: remove it, or give this TengineDeployment another name",
        child.name
    );
    Problem::new(Reason::NameTaken, message)
}

/// Deployments of ours that the target does not have (heartbeat watchd or atd switched off).
fn unwanted(observed: &Observed, children: &[Child]) -> Vec<Action> {
    observed
        .children
        .iter()
        .filter(|live| live.ours && !live.deleting && live.kind == LiveKind::Deployment)
        .filter(|live| !children.iter().any(|child| child.name.as_ref() == live.name))
        .map(|live| Action::Delete { kind: live.kind, name: live.name.clone() })
        .collect()
}
