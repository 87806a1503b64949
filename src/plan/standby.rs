//! `strategy.type: ActiveStandby`: cores of the same release that wait beside those that serve, and take over where those die.
//!
//! A version is handed over as with `HandOver`: the one that waits gets it first, while nothing is wrong with what serves; then the two
//! change over. Once it is verified, the place that was left gets it, too, and waits there, in a turn of its own:
//!
//! | step | who serves | who waits |
//! |---|---|---|
//! | the standby is upgraded | the old version | the new one, once it has loaded |
//! | switch-over | the new version, once the old one is gone | nobody |
//! | what served is upgraded | the new version | the new version |
//!
//! With `standby: Serves` those of the other place do not wait but serve, too, with the same version (*active–active*): they join once they have it and
//! what was left has proven it. For a version they end first, so that it is loaded where nobody serves; from then on all is as above. So no two
//! versions serve at once. Who serves alone is not drained for a version.
//!
//! A person may say that those that wait take over: the same steps, without the first one.
//!
//! Where all cores that serve are gone, or ended and not up again, the turn goes to those that wait, by the same steps: nobody begins before
//! the API server knows no core of another turn. What a node that is silent does is not known, so nobody takes over from it.

use super::effect::Track;
use super::hand_over;
use super::lineup::{Lineup, Seat, is_taken_up};
use super::member::{self, phase};
use super::observed::{Pod, PodTrouble};
use super::releases::Release;
use super::sight::Sight;
use super::silence;
use crate::api::v1alpha1::{Standby, StrategyType};
use jiff::{SignedDuration, Timestamp};

/// So long cores have to have run before they take over from others that died: what kills one after the other, such as an event, does not
/// make them take turns at it.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Lines the cores of a release up, and as many behind them.
pub fn line_up<'a>(sight: Sight<'a>, release: &'a Release, held: bool) -> Track<Lineup<'a>> {
    let mut lineup = hand_over::line_up(sight, release, held);
    let serves = lineup.seats.first().filter(|seat| !seat.waits).copied();
    let Some(serves) = serves.filter(|_| sight.desired.replicas > 0) else { return Track::found(lineup) };
    let standby = seat(sight, release, &serves);
    // One that comes out as what waits already, such as a commit that changes no content, is nothing new for anybody.
    let waits = sight.posts().any(|post| post.place == standby.place && post.turn == standby.turn);
    let may_follow = release.verified_at().is_some()
        && (member::may(sight, release, phase::FOLLOWED) || member::is_brought_back(sight, release));
    if !may_follow && !waits {
        return Track::found(lineup);
    }
    lineup.joins = joins(sight, release, &standby);
    let goes_back = member::goes_back(sight, release, &serves) && waits_whole(sight, &standby);
    // For their end nobody could begin.
    let is_asked = (goes_back || switches(sight, &standby)) && silence::silent(sight).is_none();
    let asked = is_asked.then_some(sight.now);
    let takes_over = asked.or_else(|| takes_over_at(sight, &serves, &standby));
    if let (Some(_), Some(turn)) = (takes_over.filter(|at| *at <= sight.now), standby.turn) {
        return Track::found(hand_over::line_up_in(sight, release, (standby.place, turn), false));
    }
    lineup.stays = sight.posts().find(|post| post.place == standby.place).map(|post| post.name.to_owned());
    lineup.standby = Some(standby);
    Track { due: takes_over, ..Track::found(lineup) }
}

/// The release that serves and the turn of those that wait with it, where all of them do and nothing else is under way.
///
/// # Errors
/// What is in the way, and what to do.
pub fn who_may_take_over<'a>(sight: Sight<'a>, chosen: Option<&'a Release>) -> Result<(&'a Release, i64), String> {
    let desired = sight.desired;
    if desired.strategy != StrategyType::ActiveStandby {
        return Err(format!("spec.strategy.type is {:?}: only with ActiveStandby somebody waits", desired.strategy));
    }
    if desired.fleet.is_some() {
        return Err("its instances take over each for itself: name the TengineDeployment of one".to_owned());
    }
    if desired.replicas == 0 {
        return Err("spec.replicas is 0: nobody serves, and nobody waits".to_owned());
    }
    let release = chosen.ok_or("nothing serves yet: ask again once StandbyReady is True")?;
    if let Some(silent) = silence::silent(sight) {
        let (pod, node) = (&silent.name, silent.node.as_deref().unwrap_or("its node"));
        return Err(format!(
            "pod {pod} may serve on {node}, which does not answer: nobody takes over before it is known to be gone"
        ));
    }
    let lineup = hand_over::line_up(sight, release, false);
    let Some(serves) = lineup.seats.first().filter(|seat| !seat.waits) else {
        return Err(format!(
            "{} is about to take over: ask again once StandbyReady is True, or Abort it as long as it only waits",
            release.short()
        ));
    };
    let standby = seat(sight, release, serves);
    let post = sight.posts().find(|post| post.place == standby.place && post.turn == standby.turn);
    match (post, standby.turn) {
        (Some(post), Some(turn)) if hand_over::all_wait(sight, &post, &standby) => Ok((release, turn)),
        (post, _) => {
            let waiting = post.map_or(0, |post| hand_over::loaded(sight, &post).count());
            let (all, short) = (desired.replicas, release.short());
            Err(format!("{waiting} of {all} cores have loaded {short} and wait: ask again once StandbyReady is True"))
        }
    }
}

/// The turn of those that may serve beside the others, where some of them were not told so.
fn joins(sight: Sight<'_>, release: &Release, standby: &Seat<'_>) -> Option<i64> {
    let may = sight.desired.standby == Standby::Serves
        && release.verified_at().is_some()
        && member::may(sight, release, phase::SWITCHED_BACK);
    let mut cores = sight.cores().filter(|pod| pod.turn == standby.turn && !pod.is_deleting());
    standby.turn.filter(|_| may && cores.any(|pod| !pod.is_told))
}

/// Whether all of them serve beside the others.
pub fn all_serve(sight: Sight<'_>, standby: &Seat<'_>) -> bool {
    let serving = sight.ready_in(standby.turn).filter(|pod| pod.is_told);
    i32::try_from(serving.count()).is_ok_and(|serving| serving >= sight.desired.replicas)
}

/// The release that serves, where it is taken over before anything else is decided.
pub fn stays(sight: Sight<'_>) -> Option<&Release> {
    switching(sight).or_else(|| left_alone(sight))
}

/// The release of those that joined, where the others serve no more: the turn goes to them before a newer version gets their place. Not where a
/// person decided what is to run.
fn left_alone(sight: Sight<'_>) -> Option<&Release> {
    let (desired, said) = (sight.desired, sight.turn());
    if desired.strategy != StrategyType::ActiveStandby || desired.standby != Standby::Serves || desired.replicas == 0 {
        return None;
    }
    let serves = sight.posts().find(|post| post.turn == Some(said) && post.workload.wanted > 0)?;
    let beside = sight.posts().find(|post| post.turn > serves.turn)?;
    let is_ready = |turn| sight.ready_in(turn).next().is_some();
    let release = sight.observed.releases.named(serves.workload.release.as_deref()?)?;
    let is_alone = hand_over::is_of(sight, &beside, release) && is_ready(beside.turn) && !is_ready(serves.turn);
    (is_alone && sight.observed.words.pin.is_none() && release.is_eligible()).then_some(release)
}

/// The release that serves, where a person said that those that wait with it take over, and all of them wait: that comes before anything
/// that is newer.
fn switching(sight: Sight<'_>) -> Option<&Release> {
    let asked = sight.observed.words.switches_to.filter(|asked| *asked > sight.turn())?;
    let serves = sight.posts().find(|post| post.turn == Some(sight.turn()) && post.workload.wanted > 0)?;
    let release = sight.observed.releases.named(serves.workload.release.as_deref()?)?;
    let (release, turn) = who_may_take_over(sight, Some(release)).ok()?;
    (turn == asked && release.is_eligible()).then_some(release)
}

/// Whether a person said that these take over, and all of them wait.
fn switches(sight: Sight<'_>, standby: &Seat<'_>) -> bool {
    let asked = sight.observed.words.switches_to.is_some_and(|asked| Some(asked) == standby.turn);
    asked && waits_whole(sight, standby)
}

/// Whether a core keeps the turn: its process is up, also one that was told to end and may have an event in hand, or that is on a node that is
/// silent; or it lost the broker, which those that wait would not reach either.
fn holds(pod: &Pod) -> bool {
    pod.is_up || matches!(&pod.trouble, Some(PodTrouble::Crash(crash)) if crash.had_no_broker())
}

/// Where the release waits already, or is to wait: in the other place.
fn seat<'a>(sight: Sight<'a>, release: &'a Release, serves: &Seat<'_>) -> Seat<'a> {
    let place = serves.place.other();
    let post = sight.posts().find(|post| post.place == place && post.turn > serves.turn);
    let turn = post.filter(|post| hand_over::is_of(sight, post, release)).and_then(|post| post.turn);
    let turn = turn.filter(|turn| !is_astray(sight, serves, *turn));
    let turn = turn.unwrap_or_else(|| hand_over::next_turn(sight));
    let here = sight.posts().find(|post| post.place == place).map(|post| post.workload);
    // Those of a version that was refused before are not made more of.
    let most = here.filter(|here| !is_taken_up(release, here)).map(|here| here.wanted.max(1));
    let cores = sight.desired.replicas.min(most.unwrap_or(i32::MAX));
    Seat { release, place, turn: Some(turn), waits: true, cores, is_whole: true, surge: hand_over::SURGE }
}

/// Whether some of those that should wait were told to serve beside the others: only pods of a turn of their own wait again. Those that take over
/// are told, too, but then the others are gone.
fn is_astray(sight: Sight<'_>, serves: &Seat<'_>, turn: i64) -> bool {
    let is_told = sight.cores().any(|pod| pod.turn == Some(turn) && pod.is_told);
    let are_there = sight.cores().any(|pod| pod.turn == serves.turn && pod.ready);
    sight.desired.standby == Standby::Waits && is_told && are_there
}

/// Whether all of them wait.
fn waits_whole(sight: Sight<'_>, standby: &Seat<'_>) -> bool {
    let post = sight.posts().find(|post| post.place == standby.place && post.turn == standby.turn);
    post.is_some_and(|post| hand_over::all_wait(sight, &post, standby))
}

/// From when on those that wait take the place of those that serve: all of them wait, and none of the others has the turn still.
fn takes_over_at(sight: Sight<'_>, serves: &Seat<'_>, standby: &Seat<'_>) -> Option<Timestamp> {
    let post = sight.posts().find(|post| post.place == standby.place && post.turn == standby.turn)?;
    let mut serving = sight.cores().filter(|pod| pod.turn == serves.turn);
    if serving.any(holds) || !hand_over::all_wait(sight, &post, standby) {
        return None;
    }
    // By the node's clock; one that is ahead keeps nobody waiting for longer than it has been seen here.
    let since = hand_over::loaded(sight, &post).filter_map(|pod| {
        let told = pod.starting_since.or(pod.ready_since);
        told.into_iter().chain(pod.loaded_since).min()
    });
    since.max()?.checked_add(SETTLED).ok()
}
