//! The change-over from what serves to what has loaded beside it, as far as it can be read off the cluster.
//!
//! Where gates stand before it, what has loaded waits there. That a release has passed them is read off the cluster, too: its turn has come, or
//! others were told to end in its favour, which happens only once its record says that they are open.

use super::member::{self, phase};
use super::observed::Pod;
use super::releases::Release;
use super::sight::{Post, Sight};
use crate::api::v1alpha1::{GateBefore, GateState};

/// The release that was started beside what serves, or where nothing does, and whose change-over stands behind gates.
pub fn arrives(sight: Sight<'_>) -> Option<&Release> {
    let release = sight.observed.releases.named(arriving(sight)?)?;
    (!is_brought_back(sight, release)).then_some(release)
}

/// What the cluster was told that has passed all gates: as long as what it was told last waits before its change-over, what serves.
pub fn passed(sight: Sight<'_>) -> Option<&str> {
    if arriving(sight).is_none() {
        return sight.told();
    }
    if sight.desired.fleet.is_some() {
        return sight.observed.releases.last_served().map(|served| served.name.as_str());
    }
    sight.posts().filter(|post| has_come(sight, post)).find_map(|post| post.workload.release.as_deref())
}

/// Whether its record says that it waits at such a gate, or, of what an instance was told, that of the whole that none may take over yet: then
/// nobody told others to end in its favour, though they may have been told by somebody else.
pub fn is_kept(sight: Sight<'_>, release: &Release) -> bool {
    let is_shut = |name: &str| {
        let mut known = release.status.gates.iter();
        known.any(|gate| gate.name == name && gate.state == GateState::Waiting)
    };
    let waits_for_leave = member::leave(sight, release).is_some_and(|leave| leave.begun < phase::SWITCHED);
    !is_brought_back(sight, release) && (waits_for_leave || gates(sight).any(is_shut))
}

/// Whether a person brought it back, or it is what serves, and not only what would if any cores were wanted.
pub fn is_brought_back(sight: Sight<'_>, release: &Release) -> bool {
    release.is_live() && release.has_served()
        || sight.observed.words.pin.as_ref().is_some_and(|pin| pin.release == release.name)
}

/// The release of the cores that came last, where their turn has not.
fn arriving(sight: Sight<'_>) -> Option<&str> {
    let told = sight.told().filter(|_| are_asked(sight))?;
    if sight.desired.fleet.is_some() {
        return Some(told).filter(|told| sight.observed.releases.named(told).is_some_and(waits_in_instances));
    }
    let mut here = sight.posts().filter(|post| post.workload.release.as_deref() == Some(told));
    let arrives = here.all(|post| !has_come(sight, &post)) && committed(sight).is_none();
    arrives.then_some(told)
}

fn has_come(sight: Sight<'_>, post: &Post<'_>) -> bool {
    post.turn.is_none_or(|turn| turn <= sight.turn())
}

pub fn are_asked(sight: Sight<'_>) -> bool {
    gates(sight).next().is_some()
}

fn gates(sight: Sight<'_>) -> impl Iterator<Item = &str> {
    let turns = sight.desired.strategy.takes_turns();
    let gates = sight.desired.gates.iter().filter(move |gate| turns && gate.before == GateBefore::SwitchOver);
    gates.map(|gate| gate.name.as_str())
}

/// Whether no instance was let to take over with it yet, in this passage.
fn waits_in_instances(release: &Release) -> bool {
    release.status.phases.as_ref().is_none_or(|phases| phases.begun < phase::SWITCHED)
}

/// The release in whose favour others were told to end: it begins, whatever was decided since. Not one that was refused
/// meanwhile: then what served comes back. Nor one that waits at a gate: then it was somebody else who told them.
pub fn committed(sight: Sight<'_>) -> Option<&Release> {
    if !sight.desired.strategy.takes_turns() || sight.desired.replicas == 0 {
        return None;
    }
    let turn = sight.turn();
    let next = sight.posts().find(|post| post.turn.is_some_and(|own| own > turn))?;
    let mut others = sight.posts().filter(|post| post.place != next.place).peekable();
    others.peek()?;
    let release = sight.observed.releases.named(next.workload.release.as_deref()?)?;
    // By the turn, not by the template: what is written to the Deployment meanwhile takes nothing back.
    let is_told_to_end = |other: Post<'_>| other.workload.wanted == 0;
    let may_begin = release.is_eligible() && !is_kept(sight, release);
    // Those that served beside the others are ready.
    let is_there = loaded_in(sight, next.turn).next().is_some() || sight.ready_in(next.turn).next().is_some();
    (others.all(is_told_to_end) && may_begin && is_there).then_some(release)
}

/// The cores of a turn that have loaded the definitions and are not ready: they wait, or were told a moment ago.
pub fn loaded_in(sight: Sight<'_>, turn: Option<i64>) -> impl Iterator<Item = &Pod> {
    sight.cores().filter(move |pod| pod.turn == turn && pod.is_loaded && !pod.is_deleting())
}
