//! Is each instance there, and does it say what it should?

use super::super::desired::{WantedInstance, backends};
use super::super::effect::{Effect, Track};
use super::super::member;
use super::super::observed::{LiveChild, LiveKind, Upstream};
use super::super::releases::{Release, Releases};
use super::super::serve::{Served, compare};
use super::super::sight::Sight;
use super::Fleet;
use crate::api::v1alpha1::{Phases, ReleaseState, TengineDeploymentSpec};
use crate::domain::Place;
use crate::manifest::{self, Child};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Whoever has the name of an instance may go, and tells nobody whose instances stand in ConfigMaps.
const LOOKED_AT_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Compares the instances with what is there.
///
/// They are told only what the record says that they are told. Nobody is put on a queue or database that another one may still use: cores
/// of the deployment's own, from before it had instances, and instances that go end first; and of two that stay, the one gives up what the other one
/// gets before that is told. What has the name of one and is somebody else's is never touched.
pub fn serve(sight: Sight<'_>, fleet: &Fleet<'_>) -> Track<Served> {
    let Some((release, phases)) = fleet.release.zip(fleet.phases.as_ref()) else {
        return Track::found(Served::default());
    };
    let mut track = Track::found(Served { in_sync: true, ..Served::default() });
    let gone = unwanted(sight);
    (track.effects, track.due) = (gone.effects, gone.due);
    if !fleet.is_told || sight.posts().next().is_some() || sight.cores().next().is_some() {
        track.found.in_sync = false;
        return track;
    }
    let desired = sight.desired;
    let of = desired.as_owner();
    let mut in_use = in_use(sight);
    for instance in desired.instances() {
        if sight.is_taken(instance) {
            track.found.in_sync = false;
            let again = sight.now.checked_add(LOOKED_AT_AGAIN).ok();
            track.due = track.due.into_iter().chain(again).min();
            continue;
        }
        let spec = instance.spec((&release.name, phases.passage), &release.spec.settings);
        let (name, wanted) = (&instance.deployment.name, backends(&spec.tengine));
        if taken(&in_use.all, name, &wanted).is_some() {
            track.found.in_sync = false;
            if let Some(child) = where_it_is(sight, instance, &spec) {
                compare(sight, Place::First, &child, &mut track);
            }
            continue;
        }
        in_use.all.extend(wanted.into_iter().map(|backend| (backend, name.clone())));
        let child = manifest::instance(of, &instance.id, &spec);
        compare(sight, Place::First, &child, &mut track);
        track.found.children.push(child);
    }
    track
}

/// One that cannot be told what it is to have is told all the same of how many cores, with all else as it was told last.
fn where_it_is(sight: Sight<'_>, instance: &WantedInstance, wanted: &TengineDeploymentSpec) -> Option<Child> {
    let is_it = |live: &&LiveChild| live.name == instance.deployment.name && !live.deleting;
    let live = sight.instances().find(is_it)?.object.get("spec")?.as_object()?;
    let mut spec = serde_json::to_value(wanted).ok()?;
    // What people added stays theirs.
    let told = spec.as_object_mut()?.iter_mut().filter(|(field, _)| *field != "replicas");
    told.for_each(|(field, value)| *value = live.get(field).cloned().unwrap_or_default());
    Some(manifest::instance(sight.desired.as_owner(), &instance.id, &serde_json::from_value(spec).ok()?))
}

/// Why an instance is not told what it should be: the queue or database that it is to have belongs to another one still, which has to be told others
/// first, or was, and has cores on it yet.
pub fn waits_for_backend(in_use: &InUse, instance: &WantedInstance, told: (&Release, &Phases)) -> Option<String> {
    let (release, phases) = told;
    let spec = instance.spec((&release.name, phases.passage), &release.spec.settings);
    let (name, wanted) = (&instance.deployment.name, backends(&spec.tengine));
    if let Some((backend, owner)) = taken(&in_use.told, name, &wanted) {
        return Some(format!(
            "{owner} has its {backend} still; of two that exchange theirs, one gives it up first, in a change of its own"
        ));
    }
    let (backend, owner) = taken(&in_use.all, name, &wanted)?;
    let bare = owner.strip_suffix(GOES).unwrap_or(owner);
    Some(format!(
        "{owner} is on its {backend} still, until another version has proved itself there and its cores have ended: look at the pods with the label \
         tengine.dev/deployment={bare}"
    ))
}

/// What of these another one has.
fn taken<'a>(used: &'a Used, name: &str, wanted: &BTreeSet<String>) -> Option<(&'a str, &'a str)> {
    let mut others = used.iter().filter(|(backend, owner)| *owner != name && wanted.contains(backend));
    others.next().map(|(backend, owner)| (backend.as_str(), owner.as_str()))
}

/// Queues and databases, each with the name of who has it.
type Used = BTreeSet<(String, String)>;

/// What nobody else may have.
pub struct InUse {
    all: Used,
    /// Those of it that were told last to those that stay.
    told: Used,
}

/// What is said of an instance that is being removed.
const GOES: &str = " (which goes)";

/// Those of the instances that there are, as they were told last, and as what serves there has them: to be told something else is not to have left,
/// and to be wanted no more neither. One that goes has a name that nobody else is to have meanwhile, itself included.
pub fn in_use(sight: Sight<'_>) -> InUse {
    let name = |live: &LiveChild| if live.deleting { format!("{}{GOES}", live.name) } else { live.name.clone() };
    let told = |live: &LiveChild| (name(live), told(live));
    let said = sight.instances().map(|live| (name(live), manifest::serves_on(&live.object)));
    let seen =
        sight.desired.instances().filter_map(|instance| match sight.observed.upstreams.get(&instance.deployment) {
            Some(Upstream::Seen(seen)) => Some((instance.deployment.name.clone(), serving(&seen.releases))),
            _ => None,
        });
    let leaving = sight.instances().filter_map(|live| {
        let releases = sight.observed.leaving.get(&live.name)?;
        Some((name(live), serving(releases)))
    });
    let each = |(name, all): (String, BTreeSet<String>)| all.into_iter().map(move |backend| (backend, name.clone()));
    let stay = sight.instances().filter(|live| !live.deleting);
    InUse {
        all: sight.instances().map(told).chain(said).chain(seen).chain(leaving).flat_map(each).collect(),
        told: stay.map(told).flat_map(each).collect(),
    }
}

/// What an instance was told to use last.
fn told(live: &LiveChild) -> BTreeSet<String> {
    let tengine = live.object.pointer("/spec/tengine").cloned();
    tengine.and_then(|tengine| serde_json::from_value(tengine).ok()).as_ref().map(backends).unwrap_or_default()
}

/// What its cores may use: those of what serves, those of anything newer that it neither refused nor gave up, which may have taken over without
/// having proved itself, those of what it has cores of, for who was given up ends with the event in hand, and those of what would come back, where what
/// serves has not proved itself ([`member::may_come_back`]).
fn serving(releases: &Releases) -> BTreeSet<String> {
    let newest = releases.iter().filter(|release| release.is_live()).map(|release| release.spec.number).max();
    let is_over =
        |release: &Release| release.rejection().is_some() || release.status.state == Some(ReleaseState::Superseded);
    let comes_back = releases.last_served().filter(|release| !member::was_left(releases, release));
    let may_serve = |release: &&Release| {
        release.is_live()
            || release.status.has_cores == Some(true)
            || comes_back.is_some_and(|last| last.is(release))
            || Some(release.spec.number) > newest && !is_over(release)
    };
    releases.iter().filter(may_serve).flat_map(|release| backends(&release.spec.settings.tengine)).collect()
}

/// An instance that is to go and serves on something that its spec does not name says so first.
fn unsaid(sight: Sight<'_>, live: &LiveChild) -> Option<Child> {
    let told = told(live);
    let serves = serving(sight.observed.leaving.get(&live.name)?);
    let on: BTreeSet<String> = serves.difference(&told).cloned().collect();
    let is_said = on.is_subset(&manifest::serves_on(&live.object));
    let id = live.object.pointer("/metadata/labels").and_then(|labels| labels[manifest::INSTANCE_LABEL].as_str())?;
    let spec = live.object.get("spec").cloned().and_then(|spec| serde_json::from_value(spec).ok())?;
    (!is_said).then(|| manifest::leaving_instance(sight.desired.as_owner(), id, &spec, &on))
}

/// So long the ConfigMaps that speak of instances have to be the same ones before somebody is left out: they come and are seen one after the other,
/// and one that is replaced is gone for a moment.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Until when they may not be all.
fn unsettled(sight: Sight<'_>) -> Option<Timestamp> {
    let settled_at = sight.observed.selected_since.and_then(|since| since.checked_add(SETTLED).ok());
    settled_at.filter(|at| *at > sight.now)
}

fn is_wanted(sight: Sight<'_>, name: &str) -> bool {
    sight.desired.instances().any(|instance| instance.deployment.name == name)
}

/// Until when an instance that is there and that nothing speaks of may only be replaced: no phase goes on without it before.
pub fn may_come_back(sight: Sight<'_>) -> Option<Timestamp> {
    let is_missed = sight.instances().any(|live| !live.deleting && !is_wanted(sight, &live.name));
    unsettled(sight).filter(|_| is_missed)
}

/// Instances that are left out of the spec, and what cores there were have. Where none are known, nobody was left out: their ConfigMaps were
/// not read.
fn unwanted(sight: Sight<'_>) -> Track<()> {
    if sight.desired.instances().next().is_none() {
        return Track::found(());
    }
    if let Some(at) = unsettled(sight) {
        return Track { due: Some(at), ..Track::found(()) };
    }
    let ours = sight.observed.children.iter().filter(|live| live.ours && !live.deleting);
    let goes = ours.filter(|live| match live.kind {
        LiveKind::Instance => !is_wanted(sight, &live.name),
        LiveKind::Deployment | LiveKind::PodDisruptionBudget => true,
        LiveKind::ConfigMap => false,
    });
    let goes = goes.map(|live| match unsaid(sight, live) {
        Some(child) => Effect::Apply { child: Box::new(child), seen: Some(live.seen.clone()) },
        None => Effect::delete(live),
    });
    Track { effects: goes.collect(), ..Track::found(()) }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::fleet_world::{FleetWorld, spec};
    use super::*;
    use crate::api::v1alpha1::TengineRelease;
    use rstest::rstest;

    /// A first release proved itself on queue 001, a second one took its place on `spare`.
    #[rstest]
    #[case::before_it_proved_itself(false, true)]
    #[case::once_it_did(true, false)]
    fn what_may_come_back_is_in_use(#[case] is_proven: bool, #[case] is_in_use: bool) {
        let first = FleetWorld::live(&spec()).instances["001"].releases[0].clone();
        let mut second: TengineRelease = first.clone();
        (second.metadata.name, second.spec.number) = (Some("second".into()), 2);
        second.spec.settings.tengine.event_queue.as_mut().unwrap().vhost = Some("spare".into());
        let mut left = first;
        let [before, after] = [&mut left, &mut second].map(|release| release.status.as_mut().unwrap());
        (before.live, before.has_cores, after.live) = (Some("False".into()), None, Some("True".into()));
        after.verified_at = after.verified_at.take().filter(|_| is_proven);
        let used = serving(&[left, second].into_iter().collect());
        assert!(used.iter().any(|backend| backend.contains("vhost spare")), "{used:?}");
        assert_eq!(used.iter().any(|backend| backend.contains("vhost 001")), is_in_use, "{used:?}");
    }
}
