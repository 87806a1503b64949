//! How far one of another deployment's instances is through the phases ([`super::fleet`]).

use super::hand_over;
use super::lineup::{Lineup, Seat};
use super::member::{self, phase};
use super::rollout::Rollout;
use super::sight::Sight;
use super::standby;
use super::verify::Verdict;
use crate::api::v1alpha1::{Phases, Standby};
use crate::domain::Place;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What the record of the release that should run is to say. It never goes back within a passage: what was reached was reached, whatever
/// died since.
pub fn phases(sight: Sight<'_>, lineup: &Lineup<'_>, rollout: &Rollout, verdict: &Verdict) -> Option<Phases> {
    let release = lineup.seats.first()?.release;
    let before = release.status.phases.clone();
    let Some(theirs) = member::phases_told(sight, release) else { return before };
    let own = before.filter(|own| own.passage >= theirs.passage);
    let done = reached(sight, lineup, rollout, verdict).max(own.as_ref().map_or(0, |own| own.done));
    let is_same = own.as_ref().is_some_and(|own| own.done == done);
    if is_same {
        return own;
    }
    Some(Phases {
        passage: theirs.passage,
        begun: done,
        done,
        last: theirs.last,
        since: Time(sight.now),
        stood_still: None,
    })
}

/// How far it is, by what is seen now.
fn reached(sight: Sight<'_>, lineup: &Lineup<'_>, rollout: &Rollout, verdict: &Verdict) -> i32 {
    let Some(seat) = lineup.seats.first() else { return 0 };
    let all_wait = |seat: &Seat<'_>| {
        let post = sight.posts().find(|post| post.place == seat.place && post.turn == seat.turn);
        post.is_some_and(|post| hand_over::all_wait(sight, &post, seat))
    };
    // Of no cores all have loaded it, and nobody has.
    if seat.waits {
        return if sight.desired.replicas > 0 && all_wait(seat) { phase::LOADED } else { 0 };
    }
    let proven = seat.release.verified_at().is_some() || *verdict == Verdict::Proven;
    if !(rollout.complete && rollout.ready > 0 && proven) {
        return 0;
    }
    match lineup.standby.filter(|standby| all_wait(standby)) {
        None => phase::SWITCHED,
        Some(standby) if sight.desired.standby == Standby::Serves => {
            if standby::all_serve(sight, &standby) {
                phase::SWITCHED_BACK
            } else {
                phase::FOLLOWED
            }
        }
        Some(_) if seat.place == Place::First => phase::SWITCHED_BACK,
        Some(_) => phase::FOLLOWED,
    }
}
