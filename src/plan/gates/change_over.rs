//! Gates before the change-over: what has loaded beside what serves waits there.
//!
//! That a release has passed them is read off the cluster: its turn has come, or others were told to end in its favour, which happens
//! only once its record says that they are open.

use crate::api::v1alpha1::{GateBefore, GateState};
use crate::plan::choose::{Because, Choice};
use crate::plan::fleet;
use crate::plan::hand_over;
use crate::plan::releases::Release;
use crate::plan::sight::{Post, Sight};

use super::Passages;

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

/// Whether gates keep the chosen release from taking over. Who brings a release back, or what falls back, need not wait: it passed once.
pub fn holds(sight: Sight<'_>, choice: &Choice<'_>, passages: &Passages<'_>) -> bool {
    let falls_back = matches!(choice.because, Because::HandedOver | Because::Pinned | Because::LastServed);
    let Some(release) = choice.release.filter(|_| are_asked(sight) && !falls_back) else { return false };
    !is_brought_back(sight, release) && !passages.let_take_over(release)
}

/// Whether its record says that it waits at such a gate: then nobody told others to end in its favour, though they may have been told by
/// somebody else.
pub fn is_kept(sight: Sight<'_>, release: &Release) -> bool {
    let is_shut = |name: &str| {
        let mut known = release.status.gates.iter();
        known.any(|gate| gate.name == name && gate.state == GateState::Waiting)
    };
    !is_brought_back(sight, release) && gates(sight).any(is_shut)
}

/// Whether a person brought it back, or it is what serves, and not only what would if any cores were wanted.
fn is_brought_back(sight: Sight<'_>, release: &Release) -> bool {
    release.is_live() && release.has_served()
        || sight.observed.words.pin.as_ref().is_some_and(|pin| pin.release == release.name)
}

/// The release of the cores that came last, where their turn has not.
fn arriving(sight: Sight<'_>) -> Option<&str> {
    let told = sight.told().filter(|_| are_asked(sight))?;
    if sight.desired.fleet.is_some() {
        return Some(told)
            .filter(|told| sight.observed.releases.named(told).is_some_and(fleet::is_before_its_change_over));
    }
    let mut here = sight.posts().filter(|post| post.workload.release.as_deref() == Some(told));
    let arrives = here.all(|post| !has_come(sight, &post)) && hand_over::committed(sight).is_none();
    arrives.then_some(told)
}

fn has_come(sight: Sight<'_>, post: &Post<'_>) -> bool {
    post.turn.is_none_or(|turn| turn <= sight.turn())
}

fn are_asked(sight: Sight<'_>) -> bool {
    gates(sight).next().is_some()
}

fn gates(sight: Sight<'_>) -> impl Iterator<Item = &str> {
    let turns = sight.desired.strategy.takes_turns();
    let gates = sight.desired.gates.iter().filter(move |gate| turns && gate.before == GateBefore::SwitchOver);
    gates.map(|gate| gate.name.as_str())
}
