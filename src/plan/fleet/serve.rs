//! Is each instance there, and does it say what it should?

use super::super::desired::backends;
use super::super::effect::{Effect, Track};
use super::super::observed::{LiveChild, LiveKind};
use super::super::serve::{Served, compare};
use super::super::sight::Sight;
use super::Fleet;
use crate::api::v1alpha1::Tengine;
use crate::domain::Place;
use crate::manifest::{self, InstanceOf};
use std::collections::BTreeSet;

/// Compares the instances with what is there.
///
/// They are told only what the record says that they are told. Nobody is made on a queue or database that another one may still use: cores
/// of the deployment's own, from before it had instances, and instances that go end first.
pub fn serve(sight: Sight<'_>, fleet: &Fleet<'_>) -> Track<Served> {
    let Some((release, phases)) = fleet.release.zip(fleet.phases.as_ref()) else {
        return Track::found(Served::default());
    };
    let mut track = Track::found(Served { in_sync: true, ..Served::default() });
    track.effects.extend(unwanted(sight));
    if !fleet.is_told || sight.posts().next().is_some() || sight.cores().next().is_some() {
        track.found.in_sync = false;
        return track;
    }
    let desired = sight.desired;
    let of = InstanceOf { namespace: &desired.namespace, deployment: &desired.name, uid: &desired.uid };
    let in_use = in_use(sight);
    for instance in desired.instances() {
        let spec = instance.spec((&release.name, phases.passage), &release.spec.settings);
        if backends(&spec.tengine).is_disjoint(&in_use) {
            let child = manifest::instance(of, &instance.id, &spec);
            compare(sight, Place::First, &child, &mut track);
            track.found.children.push(child);
        } else {
            track.found.in_sync = false;
        }
    }
    track
}

/// The queues and databases of instances that go.
fn in_use(sight: Sight<'_>) -> BTreeSet<String> {
    let wanted = |name: &str| sight.desired.instances().any(|instance| instance.deployment.name == name);
    let go = sight.instances().filter(|live| live.deleting || !wanted(&live.name));
    let tengine =
        |live: &LiveChild| serde_json::from_value::<Tengine>(live.object.pointer("/spec/tengine")?.clone()).ok();
    go.filter_map(tengine).flat_map(|tengine| backends(&tengine)).collect()
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
