//! Does the cluster run what sits in the lineup?

use super::desired::Problem;
use super::effect::{Effect, Track};
use super::lineup::{Lineup, Seat};
use super::observed::{LiveChild, LiveKind};
use super::render::{render, whose_turn};
use super::sight::Sight;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{ChildName, Component, Digest, Place};
use crate::manifest::{self, Child, ChildKind};

/// How far the cluster is from what is rendered.
#[derive(Debug, Default)]
pub struct Served {
    /// What is rendered.
    pub children: Vec<Child>,
    /// Names that belong to somebody else.
    pub taken: Vec<Problem>,
    /// The name of those that would wait beside, where it does: whoever serves is served none the less.
    pub standby_taken: Option<Problem>,
    /// Whether everything rendered is in the cluster as rendered.
    pub in_sync: bool,
    /// Whether nothing of it is made, as no cores are wanted and there never were any.
    pub is_not_made: bool,
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
    let is_not_made = is_for_nobody(sight);
    let mut track = Track::found(Served { in_sync: true, is_not_made, ..Served::default() });
    let place = lineup.seats.first().map_or(Place::First, |seat| seat.place);
    for child in children.iter().filter(|child| !is_not_made || live(sight, child).is_some()) {
        compare(sight, place, child, &mut track);
    }
    if !track.found.taken.is_empty() {
        track.effects.clear();
    }
    for seat in lineup.seats.iter().skip(1).chain(&lineup.standby) {
        let (effects, taken) = kept(sight, seat);
        track.effects.extend(effects);
        track.found.standby_taken = track.found.standby_taken.or(taken);
    }
    track.effects.extend(lineup.stops.iter().map(|name| stop(sight, name)));
    track
        .effects
        .extend(lineup.begins.map(|turn| Effect::Begin { turn, word: Box::new(whose_turn(sight, turn, false)) }));
    track.effects.extend(lineup.joins.map(|turn| Effect::Join { turn }));
    let complete = may_follow(sight, place, &track.found);
    track.effects.extend(unwanted(sight, lineup, &children, complete));
    track.found.children = children;
    track
}

/// Whether there is nothing to be made: no cores are wanted, and there are none, nor a Deployment of any. What would have none is made once it
/// is to have some: until then a deployment is its releases and their images. Cores that take turns have theirs by their Deployment.
fn is_for_nobody(sight: Sight<'_>) -> bool {
    let is_there = |place| sight.named(ChildName::of_cores(&sight.desired.name, place).as_ref()).is_some();
    let has_some = || sight.cores().next().is_some() || Place::ALL.into_iter().any(is_there);
    !sight.desired.needs_workloads() && !has_some()
}

/// One child: as rendered, somebody else's, or to be applied.
pub(super) fn compare(sight: Sight<'_>, place: Place, child: &Child, track: &mut Track<Served>) {
    let live = live(sight, child);
    let is_core = child.kind == ChildKind::Deployment(Component::Core);
    if is_core {
        track.found.core_is_told = live.is_some_and(|live| live.ours && is_told(child, live));
    }
    match live {
        Some(live) if !live.ours => track.found.taken.push(taken(child)),
        Some(live) if live.deleting => {}
        Some(live) if is_in_sync(child, live) => return,
        // What stands beside the core follows it: a release that the core refuses leaves the watchers alone.
        Some(_) if is_watcher(child) && !may_follow(sight, place, &track.found) => {}
        Some(_) | None => {
            let seen = live.map(|live| live.seen.clone());
            track.effects.push(Effect::Apply { child: Box::new(child.clone()), seen });
        }
    }
    track.found.in_sync = false;
}

/// Whether what stands beside the core is to be as rendered by now.
fn may_follow(sight: Sight<'_>, place: Place, found: &Served) -> bool {
    found.in_sync && (found.is_not_made || core_is_complete(sight, place))
}

fn core_is_complete(sight: Sight<'_>, place: Place) -> bool {
    sight.posts().any(|post| post.place == place && post.workload.is_complete())
}

/// What serves beside the target until that takes over, or waits to take over from it: its cores are repaired like any others. The budget is one for both.
/// Where a name is not theirs to have, nothing.
fn kept(sight: Sight<'_>, seat: &Seat<'_>) -> (Vec<Effect>, Option<Problem>) {
    let mut track = Track::found(Served { in_sync: true, ..Served::default() });
    let is_its_own = |child: &Child| !is_watcher(child) && child.kind != ChildKind::PodDisruptionBudget;
    for child in render(sight, seat).into_iter().flatten().filter(is_its_own) {
        compare(sight, seat.place, &child, &mut track);
    }
    let taken = track.found.taken.into_iter().next();
    (if taken.is_none() { track.effects } else { Vec::new() }, taken)
}

/// The cores that have to make room, as they were seen.
fn stop(sight: Sight<'_>, name: &str) -> Effect {
    let mut live = sight.observed.children.iter().filter(|live| live.kind == LiveKind::Deployment && live.name == name);
    let seen = live.next().map(|live| live.seen.clone()).unwrap_or_default();
    Effect::Stop { name: name.to_owned(), seen }
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
    is_in_sync(child, live) || manifest::pods_in_sync(&child.object, &live.object)
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

/// What is ours and the target does not have: heartbeat watchd or atd switched off, a budget for one core, and cores that were
/// taken over from. Watchers serve with what serves until the core is `complete`.
fn unwanted(sight: Sight<'_>, lineup: &Lineup<'_>, children: &[Child], complete: bool) -> Vec<Effect> {
    let watchers = [Component::HeartbeatWatchd, Component::Atd]
        .map(|watcher| ChildName::of_component(&sight.desired.name, watcher));
    let serves_still = |live: &LiveChild| !complete && watchers.iter().any(|watcher| watcher.as_ref() == live.name);
    // ConfigMaps go with the releases that name them.
    let goes = |live: &&LiveChild| live.ours && !live.deleting && live.kind != LiveKind::ConfigMap;
    let ours = sight.observed.children.iter().filter(goes);
    ours.filter(|live| lineup.stays.as_ref().is_none_or(|stays| *stays != live.name))
        .filter(|live| !children.iter().any(|child| child.name.as_ref() == live.name) && !serves_still(live))
        .map(Effect::delete)
        .collect()
}
