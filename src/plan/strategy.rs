//! Between "which release" and "which objects": who sits where.

use super::choose::Choice;
use super::effect::Track;
use super::observed::Workload;
use super::releases::{Fate, Release};
use super::sight::Sight;
use crate::api::v1alpha1::StrategyType;
use crate::domain::Component;
use crate::manifest::Surge;

/// So many cores go one by one without being told to.
const FEW: i32 = 4;

/// The seats that have to be filled.
#[derive(Debug, Clone)]
pub struct Lineup<'a> {
    /// One for `RollingUpdate` and `Recreate`, none where nothing can be chosen.
    pub seats: Vec<Seat<'a>>,
}

/// A release, and how many cores of it.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// What runs there.
    pub release: &'a Release,
    /// How many cores of it are wanted now.
    pub cores: i32,
    /// Whether that is all of them.
    pub is_whole: bool,
    /// How many more may run while it takes another one's place.
    pub surge: Surge,
}

/// Seats the chosen release.
pub fn line_up<'a>(sight: Sight<'a>, choice: &Choice<'a>) -> Track<Lineup<'a>> {
    let seats = choice.release.map(|release| {
        let all = sight.desired.replicas;
        let loads_alone = loads_alone(sight, release);
        let cores = if loads_alone && nothing_serves(sight, release) { all.min(1) } else { all };
        // A quarter of few is one already.
        let surge = if loads_alone && all > FEW { Surge::One } else { Surge::Quarter };
        Seat { release, cores, is_whole: cores == all, surge }
    });
    Track::found(Lineup { seats: seats.into_iter().collect() })
}

/// Cores of a new version that start together race for its drivers in the database, and some of them die. The first one loads it
/// alone; once it is ready, the others follow.
fn loads_alone(sight: Sight<'_>, release: &Release) -> bool {
    let mut releases = sight.observed.releases.iter();
    let was_loaded = releases.any(|other| other.image() == release.image() && other.verified_at().is_some());
    if release.fate != Fate::Built || was_loaded {
        return false;
    }
    let core = sight.workload(Component::Core).filter(|core| core.release.as_deref() == Some(release.name.as_str()));
    core.is_none_or(|core| !first_is_ready(sight, core))
}

/// Whether no core runs that could be taken away by wanting fewer. Where some do, the surge lets the first start alone.
fn nothing_serves(sight: Sight<'_>, release: &Release) -> bool {
    let Some(core) = sight.workload(Component::Core) else { return true };
    if core.release.as_deref() == Some(release.name.as_str()) {
        return core.wanted <= 1;
    }
    core.replicas == 0 || sight.desired.strategy == StrategyType::Recreate
}

fn first_is_ready(sight: Sight<'_>, core: &Workload) -> bool {
    let mut cores = sight.observed.pods.iter().filter(|pod| pod.component == Some(Component::Core));
    cores.any(|pod| pod.ready && !pod.is_deleting() && core.template.is_some() && pod.template == core.template)
}
