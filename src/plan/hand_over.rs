//! `strategy.type: HandOver`: who takes over from whom, and when.
//!
//! There are two places for cores. What serves stands in one of them; what is to serve is started in the other, in a turn of its
//! own, and waits there, loaded. Once all of it waits, what serves is told to stop, and once that is gone, the turn begins:
//!
//! | step | is over when |
//! |---|---|
//! | the next one loads | all its cores have waited for a moment, and no core pod of a third turn is left |
//! | the other one ends | its Deployment has no cores, and no core pod of another turn is left |
//! | the next one begins | its turn is the one that is said, and each core that waits was told |
//!
//! All of it is read off the cluster. Nothing is lost by an operator that ends at any of them, nor by a sight that is late: a
//! turn is never given twice, only goes up, and cores consume events in their own turn alone.

use super::change_over::{committed, loaded_in};
use super::lineup::{Lineup, Seat, is_taken_up};
use super::member;
use super::observed::Pod;
use super::releases::{Fate, Release};
use super::render::render;
use super::sight::{Post, Sight};
use crate::domain::Place;
use crate::manifest::{self, ChildKind, Surge};
use jiff::{SignedDuration, Timestamp};

/// In its own place a version was loaded by one core before the others came, and rolls only onto itself.
pub(super) const SURGE: Surge = Surge::Quarter;

/// So long cores that have loaded wait before what serves is told to end for them: the kubelet tells a container a word within a fraction of a
/// second, but where it has just looked at the pod, not before it has gone through all of its containers again, as it does each second
/// (`podCache.GetNewerThan` in `kubelet/pod_workers.go`). That second would be one in which nobody serves.
pub(super) const SETTLED: SignedDuration = SignedDuration::from_millis(1500);

/// Whether its definitions were never loaded by anybody into its database, as far as is known.
pub fn is_new(sight: Sight<'_>, release: &Release) -> bool {
    let into =
        |release: &Release| (release.spec.settings.tengine.database.clone(), release.spec.settings.config.clone());
    let same = |other: &Release| other.image() == release.image() && into(other) == into(release);
    let mut releases = sight.observed.releases.iter();
    let was_loaded = releases.any(|other| same(other) && other.verified_at().is_some());
    release.fate == Fate::Built && !was_loaded
}

/// Lines the cores of a release up behind those that serve; where gates hold it, they load and wait, and nothing more.
pub fn line_up<'a>(sight: Sight<'a>, release: &'a Release, held: bool) -> Lineup<'a> {
    line_up_in(sight, release, seat_of(sight, release, sight.turn()), held)
}

/// The same, in this place and this turn.
pub(super) fn line_up_in<'a>(
    sight: Sight<'a>,
    release: &'a Release,
    (place, turn): (Place, i64),
    held: bool,
) -> Lineup<'a> {
    let said = sight.turn();
    let mut seat =
        Seat { release, place, turn: Some(turn), waits: turn != said, cores: 0, is_whole: true, surge: SURGE };
    let post = sight.posts().find(|post| post.place == place && post.turn == Some(turn));
    let all = sight.desired.replicas;
    // Only before the others came: wanting fewer would end cores that wait, or serve.
    let has_grown = post.is_some_and(|post| post.workload.wanted > 1 || is_loaded(sight, &post));
    let loads_alone = is_new(sight, release) && !has_grown;
    seat.cores = if loads_alone { all.min(1) } else { all };
    let here = sight.posts().find(|post| post.place == place).map(|post| post.workload);
    if let Some(here) = here.filter(|here| !is_taken_up(release, here)) {
        seat.cores = seat.cores.min(here.wanted.max(1));
    }
    seat.is_whole = seat.cores == all;
    let mut lineup = Lineup { seats: vec![seat], ..Lineup::default() };
    if !seat.waits {
        lineup.begins = loaded_in(sight, Some(turn)).any(|pod| !pod.is_told).then_some(turn);
        return lineup;
    }
    let other = sight.posts().find(|post| post.place != place);
    let told_to_end = || committed(sight).is_some_and(|committed| committed.is(release));
    let is_gone = other.is_none_or(|other| other.is_empty()) && sight.cores().all(|pod| pod.turn == Some(turn));
    let all_wait = post.is_some_and(|post| all_wait(sight, &post, &lineup.seats[0]));
    lineup.at_gate = held && all_wait && all > 0;
    lineup.settles = post.filter(|_| all_wait && !held).and_then(|post| settles(sight, &post));
    match other {
        _ if is_gone && !held => lineup.begins = post.map(|_| turn),
        None if held => lineup.seats.extend(as_it_served(sight, &lineup.seats[0])),
        None => {}
        Some(other)
            if !held
                && (all_wait && of_others(sight, [Some(turn), other.turn]).is_none() && lineup.settles.is_none()
                    || told_to_end()) =>
        {
            lineup.stays = Some(other.name.to_owned());
            lineup.stops.extend((other.workload.wanted > 0).then(|| other.name.to_owned()));
        }
        Some(other) => {
            lineup.stays = Some(other.name.to_owned());
            lineup.seats.extend(as_it_serves(sight, &other));
        }
    }
    lineup.words = words(sight, &lineup, turn);
    lineup
}

/// Where a release stands or will stand, and in which turn: where it serves or waits already, else beside what serves.
fn seat_of(sight: Sight<'_>, release: &Release, said: i64) -> (Place, i64) {
    let mut known: Vec<(i64, Post<'_>)> =
        sight.posts().filter_map(|post| Some((post.turn?, post))).filter(|(turn, _)| *turn >= said).collect();
    known.sort_by_key(|(turn, _)| *turn);
    known.retain(|(_, post)| is_of(sight, post, release));
    // Those that were told to end make room for those that take over, also of the same release.
    let stays = |(_, post): &&(i64, Post<'_>)| post.workload.wanted > 0;
    if let Some((turn, post)) = known.iter().find(stays).or(known.first()) {
        return (post.place, *turn);
    }
    let serves =
        sight.posts().find(|post| post.turn == Some(said)).or_else(|| sight.posts().find(|post| post.turn.is_none()));
    (serves.map_or(Place::First, |post| post.place.other()), next_turn(sight))
}

/// A turn that nobody ever had. Where all that is left of one is a person's word that it comes, that word is about nobody else.
pub(super) fn next_turn(sight: Sight<'_>) -> i64 {
    let latest = sight.posts().filter_map(|post| post.turn).chain(sight.cores().filter_map(|pod| pod.turn)).max();
    let latest = latest.max(sight.observed.words.switches_to);
    latest.unwrap_or(0).max(sight.turn()) + 1
}

/// Whether these cores run the release, or another one that comes out the same.
pub(super) fn is_of(sight: Sight<'_>, post: &Post<'_>, release: &Release) -> bool {
    if post.workload.release.as_deref() == Some(release.name.as_str()) {
        return true;
    }
    let (place, turn) = (post.place, post.turn);
    comes_out_as(sight, post, &Seat { release, place, turn, waits: false, cores: 0, is_whole: false, surge: SURGE })
}

/// Whether the pods of these cores are what would be rendered now.
fn comes_out_as(sight: Sight<'_>, post: &Post<'_>, seat: &Seat<'_>) -> bool {
    let children = render(sight, seat).into_iter().flatten();
    let mut cores = children.filter(|child| matches!(child.kind, ChildKind::Deployment(_))).take(1);
    cores.any(|child| manifest::pods_in_sync(&child.object, post.object))
}

/// What serves goes on as it is. Of a release that nobody knows any more, nothing can be said.
fn as_it_serves<'a>(sight: Sight<'a>, post: &Post<'a>) -> Option<Seat<'a>> {
    let release = sight.observed.releases.named(post.workload.release.as_deref()?)?;
    // One that never served is not repaired: it has nothing to do but to make room. Nor is one without a turn that another strategy left
    // without cores, as long as any are there but its own and such as wait: they may be at work still, and its own would begin beside them.
    let waits = |pod: &Pod| pod.turn > Some(sight.turn()) && !pod.is_told;
    let is_its_own = |pod: &Pod| pod.turn.is_none() && pod.template.is_some() && pod.template == post.workload.template;
    let has_served = || post.workload.wanted > 0 || sight.cores().all(|pod| waits(pod) || is_its_own(pod));
    let serves = post.turn.map_or_else(has_served, |turn| turn == sight.turn());
    let (place, turn, cores) = (post.place, post.turn, sight.desired.replicas);
    serves.then_some(Seat { release, place, turn, waits: false, cores, is_whole: true, surge: SURGE })
}

/// What served comes back where somebody removed its Deployment: what waits at a gate does not begin for that.
fn as_it_served<'a>(sight: Sight<'a>, waits: &Seat<'_>) -> Option<Seat<'a>> {
    let release = sight.observed.releases.last_served().filter(|served| !served.is(waits.release))?;
    let (place, turn) = (waits.place.other(), Some(sight.turn()).filter(|said| *said > 0));
    Some(Seat { release, place, turn, waits: false, cores: sight.desired.replicas, is_whole: true, surge: SURGE })
}

/// The cores of a Deployment that have loaded the definitions.
pub(super) fn loaded<'a>(sight: Sight<'a>, post: &Post<'a>) -> impl Iterator<Item = &'a Pod> {
    let template = post.workload.template.as_ref();
    sight.cores().filter(move |pod| has_loaded(pod, template))
}

/// Whether a core has loaded the definitions, and is not about to be replaced: it is of the present template of its Deployment.
pub(super) fn has_loaded(pod: &Pod, template: Option<&String>) -> bool {
    template.is_some() && pod.template.as_ref() == template && !pod.is_deleting() && (pod.is_loaded || pod.ready)
}

fn is_loaded(sight: Sight<'_>, post: &Post<'_>) -> bool {
    loaded(sight, post).next().is_some()
}

/// Whether all cores of the seat wait, and none of them has to be replaced first (a Secret that changed, a template that was not
/// taken yet).
pub(super) fn all_wait(sight: Sight<'_>, post: &Post<'_>, seat: &Seat<'_>) -> bool {
    let (workload, all) = (post.workload, sight.desired.replicas);
    let known = workload.is_current && workload.wanted == all && workload.updated == all && workload.replicas == all;
    let waiting = i32::try_from(loaded(sight, post).count()).unwrap_or(i32::MAX);
    known && waiting >= all && comes_out_as(sight, post, seat)
}

/// When those that wait have waited long enough to be told at once, where that is to come and others serve meanwhile.
fn settles(sight: Sight<'_>, post: &Post<'_>) -> Option<Timestamp> {
    sight.cores().find(|pod| pod.turn != post.turn && pod.ready)?;
    let last = loaded(sight, post).filter_map(|pod| pod.loaded_since).max()?;
    last.checked_add(SETTLED).ok().filter(|at| *at > sight.now)
}

fn words(sight: Sight<'_>, lineup: &Lineup<'_>, turn: i64) -> Option<String> {
    let post = sight.posts().find(|post| post.turn == Some(turn));
    let waiting = post.map_or(0, |post| loaded(sight, &post).count());
    let stopping = lineup.stays.is_some() && lineup.seats.len() == 1;
    (lineup.begins.is_none()).then(|| match of_nobody(sight, turn) {
        Some(pod) if post.is_some_and(|post| all_wait(sight, &post, &lineup.seats[0])) => format!(
            "{waiting} cores wait until pod {} is gone: it has the labels of a core, and no Deployment of this \
             TengineDeployment has it. Remove it, or what makes it",
            pod.name
        ),
        _ if stopping => format!("{waiting} cores wait until the others have ended the event in hand"),
        _ => {
            let leave = member::waits_for(sight, lineup.seats[0].release).map(|words| format!(" {words}"));
            let wait = leave.unwrap_or_default();
            format!("{waiting} of {} cores have loaded the definitions and wait{wait}", sight.desired.replicas)
        }
    })
}

/// A core of none of these turns. As long as there is one, nobody may begin, so nobody is told to end for that.
fn of_others(sight: Sight<'_>, turns: [Option<i64>; 2]) -> Option<&Pod> {
    sight.cores().find(|pod| !turns.contains(&pod.turn))
}

/// A core that this hand-over waits for, and that nobody ends: what should have made it is not there, or wants none.
fn of_nobody(sight: Sight<'_>, turn: i64) -> Option<&Pod> {
    let has_cores = |of: Option<i64>| sight.posts().any(|post| post.turn == of && !post.is_empty());
    sight.cores().find(|pod| pod.turn != Some(turn) && !pod.is_deleting() && !has_cores(pod.turn))
}
