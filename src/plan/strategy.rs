//! Between "which release" and "which objects": who sits where.

use super::change_over;
use super::choose::{Because, Choice};
use super::effect::Track;
use super::gates::Passages;
use super::hand_over::{self, is_new};
use super::lineup::{Lineup, Seat, is_taken_up};
use super::member::{self, phase};
use super::observed::Workload;
use super::releases::Release;
use super::sight::{Post, Sight};
use super::silence;
use super::standby;
use crate::api::v1alpha1::StrategyType;
use crate::domain::Place;
use crate::manifest::Surge;

/// So many cores go one by one without being told to.
const FEW: i32 = 4;

/// Whether gates keep the chosen release from taking over. Who brings a release back, or what falls back, need not wait: it passed once.
pub fn is_held(sight: Sight<'_>, choice: &Choice<'_>, passages: &Passages<'_>) -> bool {
    let falls_back = matches!(choice.because, Because::HandedOver | Because::Pinned | Because::LastServed);
    let Some(release) = choice.release.filter(|_| change_over::are_asked(sight) && !falls_back) else { return false };
    !change_over::is_brought_back(sight, release) && !passages.let_take_over(release)
}

/// Seats the chosen release; where it is `held`, it loads, and waits.
pub fn line_up<'a>(sight: Sight<'a>, choice: &Choice<'a>, held: bool) -> Track<Lineup<'a>> {
    let in_turns = match (sight.desired.strategy, choice.release) {
        (StrategyType::RollingUpdate | StrategyType::Recreate, release) => {
            return Track::found(release.map(|release| in_one_place(sight, release)).unwrap_or_default());
        }
        (_, None) => Track::found(Lineup::default()),
        (StrategyType::ActiveStandby, Some(release)) => {
            standby::line_up(sight, release, waits(sight, choice, release, held))
        }
        (StrategyType::HandOver, Some(release)) => {
            Track::found(hand_over::line_up(sight, release, waits(sight, choice, release, held)))
        }
    };
    let Track { found, mut effects, due } = in_turns;
    let minded = silence::minded(sight, found);
    effects.extend(minded.effects);
    let due = due.into_iter().chain(minded.found.settles).min();
    Track { found: minded.found, effects, due }
}

/// Whether a release that has loaded does not take over yet. Once others were told to end, nothing is asked any more.
fn waits(sight: Sight<'_>, choice: &Choice<'_>, release: &Release, held: bool) -> bool {
    let is_committed = choice.because == Because::HandedOver;
    let may = member::may(sight, release, phase::SWITCHED) && silence::silent(sight).is_none();
    held || !(is_committed || may)
}

/// All cores in the first place. Where another strategy left some in the second, they go once these serve, or with `Recreate`
/// before these start.
fn in_one_place<'a>(sight: Sight<'a>, release: &'a Release) -> Lineup<'a> {
    let all = sight.desired.replicas;
    let first = sight.posts().find(|post| post.place == Place::First);
    let beside = sight.posts().find(|post| post.place == Place::Second);
    let core = first.map(|post| post.workload);
    let loads_alone = loads_alone(sight, release, core);
    let mut cores = if loads_alone && nothing_serves(sight, release, core) { all.min(1) } else { all };
    // They grow in number once the present template is taken up and its first core has loaded.
    if let Some(core) = core.filter(|core| loads_alone || !is_taken_up(release, core)) {
        cores = cores.min(core.wanted.max(1));
    }
    let mut stays = None;
    if sight.desired.strategy == StrategyType::Recreate {
        let others = sight.cores().any(|pod| pod.turn.is_some());
        cores = if others || beside.is_some() { 0 } else { cores };
    } else {
        let took_over =
            |first: &Post<'_>| first.turn.is_none() && first.workload.is_complete() && first.workload.wanted == all;
        stays = beside.filter(|_| !first.as_ref().is_some_and(took_over)).map(|post| post.name.to_owned());
    }
    // A quarter of few is one already.
    let surge = if loads_alone && all > FEW { Surge::One } else { Surge::Quarter };
    let seat = Seat { release, place: Place::First, turn: None, waits: false, cores, is_whole: cores == all, surge };
    Lineup { seats: vec![seat], stays, ..Lineup::default() }
}

/// Cores of a new version that start together race for its drivers in the database, and some of them die. The first one loads it
/// alone; once it is ready, the others follow.
fn loads_alone(sight: Sight<'_>, release: &Release, core: Option<&Workload>) -> bool {
    let core = core.filter(|core| core.release.as_deref() == Some(release.name.as_str()));
    is_new(sight, release) && core.is_none_or(|core| !first_is_ready(sight, core))
}

/// Whether no core runs in this place that could be taken away by wanting fewer. Where some do, the surge lets the first start
/// alone.
fn nothing_serves(sight: Sight<'_>, release: &Release, core: Option<&Workload>) -> bool {
    let Some(core) = core else { return true };
    if core.release.as_deref() == Some(release.name.as_str()) {
        return core.wanted <= 1;
    }
    core.replicas == 0 || sight.desired.strategy == StrategyType::Recreate
}

fn first_is_ready(sight: Sight<'_>, core: &Workload) -> bool {
    sight.cores().any(|pod| pod.ready && !pod.is_deleting() && core.template.is_some() && pod.template == core.template)
}
