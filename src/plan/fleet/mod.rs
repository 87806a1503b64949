//! Several engines that go from version to version together (`strategy.activeStandby.instances`).
//!
//! The deployment has no cores. Each instance is a `TengineDeployment` of its own, with two places, a queue and a database, that takes the
//! release which its spec names; everything that goes wrong with it stays there. What is decided here is how far all of them may go:
//!
//! | phase | what each instance does | in its own words ([`super::standby`]) |
//! |---|---|---|
//! | 1 | those that wait get the version | the next turn is loaded, and waits |
//! | 2 | they take over | the hand-over |
//! | 3 | those that served get the version | the place that was left is started anew |
//! | 4 | they take over | the hand-over, within the version |
//!
//! How far a version is stands in its release (`status.phases`), and nowhere else: the phase that has *begun* is the leave of the instances
//! to go so far, the one that is *done* has ended in all of them but those that failed. An instance writes how far it is into its own
//! release. So each side writes for itself, and reads what the other wrote; nothing is lost by who ends at any write. Each time that a
//! version begins to go through the phases is a *passage*, with a number that only goes up: a version that comes back goes through them again.

mod advance;
mod pause;
mod reports;
mod serve;

pub use advance::{Fleet, advance, phases_told};
pub use pause::paused;
pub use serve::serve;

use super::effect::Effect;
use super::member::phase;
use super::releases::Release;
use super::sight::Sight;
use crate::api::v1alpha1::Phases;

/// What is done, and said, about instances that there still are though none are wanted any more; `None` where there are none. Until they are gone,
/// with their pods, no cores of the deployment's own begin: an instance may be on the same queue.
pub fn dissolved(sight: Sight<'_>) -> Option<(Vec<Effect>, String)> {
    let first = &sight.instances().next()?.name;
    let words = format!("no core begins before TengineDeployment {first}, which is an instance, is gone");
    let stay = sight.instances().filter(|child| !child.deleting);
    Some((stay.map(Effect::delete).collect(), words))
}

/// The release that instances were told last, where they were let to take over with it.
pub fn switched_to(sight: Sight<'_>) -> Option<&Release> {
    sight.desired.fleet.as_ref()?;
    let told = sight.observed.releases.named(sight.told()?)?;
    told.status.phases.as_ref().is_some_and(|phases| phases.begun >= phase::SWITCHED).then_some(told)
}

/// Whether too many instances failed for the next phase to begin, or for the one that has begun to end.
pub fn is_stuck(sight: Sight<'_>, told: &Release, phases: &Phases) -> bool {
    sight.desired.fleet.as_ref().is_some_and(|fleet| !reports::are_within(sight, fleet, told, phases))
}

/// The release that is brought to its end before a newer one begins: instances have changed over to it, and nothing keeps the others from
/// doing so.
pub fn committed(sight: Sight<'_>) -> Option<&Release> {
    let fleet = sight.desired.fleet.as_ref()?;
    let told = sight.observed.releases.named(sight.told()?).filter(|told| told.is_eligible())?;
    let phases = told.status.phases.as_ref()?;
    let switched = phases.begun >= phase::SWITCHED && phases.done < phases.last;
    (switched && reports::are_within(sight, fleet, told, phases)).then_some(told)
}
