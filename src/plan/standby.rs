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
//! Where all cores that serve are gone, or ended and not up again, the turn goes to those that wait, by the same steps: nobody begins before
//! the API server knows no core of another turn. What a node that is silent does is not known, so nobody takes over from it.

use super::effect::Track;
use super::hand_over;
use super::lineup::{Lineup, Seat, is_taken_up};
use super::observed::{Pod, PodTrouble};
use super::releases::Release;
use super::sight::Sight;
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
    if release.verified_at().is_none() && !waits {
        return Track::found(lineup);
    }
    let takes_over = takes_over_at(sight, &serves, &standby);
    if let (Some(_), Some(turn)) = (takes_over.filter(|at| *at <= sight.now), standby.turn) {
        return Track::found(hand_over::line_up_in(sight, release, (standby.place, turn), false));
    }
    lineup.stays = sight.posts().find(|post| post.place == standby.place).map(|post| post.name.to_owned());
    lineup.standby = Some(standby);
    Track { due: takes_over, ..Track::found(lineup) }
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

/// From when on those that wait take the place of those that serve: all of them wait, and none of the others has the turn still.
fn takes_over_at(sight: Sight<'_>, serves: &Seat<'_>, standby: &Seat<'_>) -> Option<Timestamp> {
    let post = sight.posts().find(|post| post.place == standby.place && post.turn == standby.turn)?;
    let mut serving = sight.cores().filter(|pod| pod.turn == serves.turn);
    if serving.any(holds) || !hand_over::all_wait(sight, &post, standby) {
        return None;
    }
    hand_over::loaded(sight, &post).filter_map(|pod| pod.starting_since).max()?.checked_add(SETTLED).ok()
}
