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
use crate::api::v1alpha1::StrategyType;
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
    let may_follow = release.verified_at().is_some() && member::may(sight, release, phase::FOLLOWED);
    if !may_follow && !waits {
        return Track::found(lineup);
    }
    let goes_back = member::goes_back(sight, release, &serves) && waits_whole(sight, &standby);
    let asked = (goes_back || switches(sight, &standby)).then_some(sight.now);
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

/// The release that serves, where a person said that those that wait with it take over, and all of them wait: that comes before anything
/// that is newer.
pub fn switching(sight: Sight<'_>) -> Option<&Release> {
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
    let turn = turn.unwrap_or_else(|| hand_over::next_turn(sight));
    let here = sight.posts().find(|post| post.place == place).map(|post| post.workload);
    // Those of a version that was refused before are not made more of.
    let most = here.filter(|here| !is_taken_up(release, here)).map(|here| here.wanted.max(1));
    let cores = sight.desired.replicas.min(most.unwrap_or(i32::MAX));
    Seat { release, place, turn: Some(turn), waits: true, cores, is_whole: true, surge: hand_over::SURGE }
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
    hand_over::loaded(sight, &post).filter_map(|pod| pod.starting_since).max()?.checked_add(SETTLED).ok()
}
