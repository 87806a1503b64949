//! Does the cluster run what sits in the lineup?

use super::desired::Problem;
use super::effect::{Effect, Track};
use super::observed::{LiveChild, LiveKind};
use super::sight::Sight;
use super::strategy::{Lineup, Seat};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{CommitId, Component, Digest};
use crate::manifest::{self, Child, ChildKind, Workload};

/// How far the cluster is from what is rendered.
#[derive(Debug, Default)]
pub struct Served {
    /// What is rendered.
    pub children: Vec<Child>,
    /// Names that belong to somebody else.
    pub taken: Vec<Problem>,
    /// Whether everything rendered is in the cluster as rendered.
    pub in_sync: bool,
    /// Whether the core's pods, old and new, are made from the rendered template: those of another are not the target's.
    pub core_is_told: bool,
}

impl Served {
    /// Whether this process is among what is rendered.
    pub fn renders(&self, component: Component) -> bool {
        self.children.iter().any(|child| child.kind == ChildKind::Deployment(component))
    }
}

/// Compares what the lineup renders to with what is there.
pub fn serve(sight: Sight<'_>, lineup: &Lineup<'_>) -> Track<Served> {
    let Some(children) = lineup.seats.first().and_then(|seat| render(sight, seat)) else {
        return Track::found(Served::default());
    };
    let mut track = Track::found(Served { in_sync: true, ..Served::default() });
    for child in &children {
        compare(sight, child, &mut track);
    }
    if !track.found.taken.is_empty() {
        track.effects.clear();
    }
    track.effects.extend(unwanted(sight, &children));
    track.found.children = children;
    track
}

/// One child: as rendered, somebody else's, or to be applied.
fn compare(sight: Sight<'_>, child: &Child, track: &mut Track<Served>) {
    let live = live(sight, child);
    let is_core = child.kind == ChildKind::Deployment(Component::Core);
    if is_core {
        track.found.core_is_told = live.is_some_and(|live| live.ours && is_told(child, live));
    }
    let core_is_complete = || sight.workload(Component::Core).is_some_and(super::observed::Workload::is_complete);
    match live {
        Some(live) if !live.ours => track.found.taken.push(taken(child)),
        Some(live) if live.deleting => {}
        Some(live) if is_in_sync(child, live) => return,
        // What stands beside the core follows it: a release that the core refuses leaves the watchers alone.
        Some(_) if is_watcher(child) && !(track.found.in_sync && core_is_complete()) => {}
        Some(_) | None => track.effects.push(Effect::Apply(Box::new(child.clone()))),
    }
    track.found.in_sync = false;
}

/// `None` where the Secrets in use are not complete and nothing runs yet that could say what they were.
fn render(sight: Sight<'_>, seat: &Seat<'_>) -> Option<Vec<Child>> {
    let Sight { desired, observed, .. } = sight;
    let release = seat.release;
    let image = release.image()?;
    let commit: CommitId = release.spec.commit.parse().ok()?;
    // A Secret is gone: what runs is repaired as it was, and nothing new is rolled out.
    let as_it_was = || {
        let core = sight.workload(Component::Core)?;
        core.secrets_hash.as_deref().filter(|_| core.release.as_ref() == Some(&release.name))
    };
    let hash = observed.references.hashes.get(&release.name).map(String::as_str).or_else(as_it_was)?;
    let platform = release.platform();
    Some(manifest::children(&Workload {
        namespace: &desired.namespace,
        deployment: &desired.name,
        uid: &desired.uid,
        release: &release.name,
        commit: &commit,
        image,
        platform: platform.as_ref(),
        settings: &release.spec.settings,
        rendering: release.spec.rendering,
        replicas: seat.cores,
        strategy: desired.strategy,
        surge: seat.surge,
        budget: desired.budget,
        secrets_hash: hash,
    }))
}

fn is_watcher(child: &Child) -> bool {
    matches!(child.kind, ChildKind::Deployment(component) if component != Component::Core)
}

fn live<'a>(sight: Sight<'a>, child: &Child) -> Option<&'a LiveChild> {
    let kind = LiveKind::from(child.kind);
    sight.observed.children.iter().find(|live| live.kind == kind && live.name == child.name.as_ref())
}

/// The same, or acknowledged as the same by the API server, which may write values its own way.
fn is_in_sync(child: &Child, live: &LiveChild) -> bool {
    let acknowledged = live.acknowledged.as_ref().is_some_and(|acknowledged| {
        acknowledged.generation == live.generation && acknowledged.rendered == fingerprint(child)
    });
    acknowledged || manifest::in_sync(&child.object, &live.object)
}

/// Whether its pods are made from the rendered template, though other fields may differ still, such as how many.
fn is_told(child: &Child, live: &LiveChild) -> bool {
    is_in_sync(child, live) || manifest::in_sync(&child.object["spec"]["template"], &live.object["spec"]["template"])
}

/// The digest of what is sent.
pub fn fingerprint(child: &Child) -> Digest {
    Digest::of(child.object.to_string().as_bytes())
}

fn taken(child: &Child) -> Problem {
    let message = format!(
        "{} {} belongs to somebody else: remove it, or give this TengineDeployment another name",
        child.kind.word(),
        child.name
    );
    Problem::new(Reason::NameTaken, message)
}

/// What is ours and the target does not have: heartbeat watchd or atd switched off, a budget for one core.
fn unwanted(sight: Sight<'_>, children: &[Child]) -> Vec<Effect> {
    // ConfigMaps go with the releases that name them.
    let goes = |live: &&LiveChild| live.ours && !live.deleting && live.kind != LiveKind::ConfigMap;
    let ours = sight.observed.children.iter().filter(goes);
    ours.filter(|live| !children.iter().any(|child| child.name.as_ref() == live.name))
        .map(|live| Effect::Delete { kind: live.kind, name: live.name.clone() })
        .collect()
}
