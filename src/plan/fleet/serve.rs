//! Is each instance there, and does it say what it should?

use super::super::desired::WantedInstance;
use super::super::effect::{Effect, Track};
use super::super::observed::LiveKind;
use super::super::serve::{Served, compare};
use super::super::sight::Sight;
use super::Fleet;
use crate::domain::Place;
use crate::manifest::{self, Child, InstanceOf};

/// Compares the instances with what is there.
///
/// Cores of its own, from before it had instances, end first: an instance may be on the same queue.
pub fn serve(sight: Sight<'_>, fleet: &Fleet<'_>) -> Track<Served> {
    let Some(release) = fleet.release else { return Track::found(Served::default()) };
    let mut track = Track::found(Served { in_sync: true, ..Served::default() });
    track.effects.extend(unwanted(sight));
    if sight.posts().next().is_some() || sight.cores().next().is_some() {
        track.found.in_sync = false;
        return track;
    }
    let desired = sight.desired;
    let of = InstanceOf { namespace: &desired.namespace, deployment: &desired.name, uid: &desired.uid };
    let render = |instance: &WantedInstance| {
        manifest::instance(of, &instance.id, &instance.spec(&release.name, &release.spec.settings))
    };
    let children: Vec<Child> = desired.instances().map(render).collect();
    for child in &children {
        compare(sight, Place::First, child, &mut track);
    }
    track.found.children = children;
    track
}

/// Instances that are left out of the spec, and what cores there were have.
fn unwanted(sight: Sight<'_>) -> Vec<Effect> {
    let wanted = |name: &str| sight.desired.instances().any(|instance| instance.deployment.name == name);
    let ours = sight.observed.children.iter().filter(|live| live.ours && !live.deleting);
    let goes = ours.filter(|live| match live.kind {
        LiveKind::Instance => !wanted(&live.name),
        LiveKind::Deployment | LiveKind::PodDisruptionBudget => true,
        LiveKind::ConfigMap => false,
    });
    goes.map(|live| Effect::Delete { kind: live.kind, name: live.name.clone(), seen: live.seen.clone() }).collect()
}
