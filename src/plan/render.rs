//! What a seat's objects look like.

use super::lineup::Seat;
use super::proofs;
use super::releases::Release;
use super::sight::{Post, Sight};
use crate::domain::{CommitId, Place};
use crate::manifest::{self, Child, Workload};

/// The objects of a seat. `None` where the Secrets in use are not complete and nothing runs yet that could say what they were.
pub fn render(sight: Sight<'_>, seat: &Seat<'_>) -> Option<Vec<Child>> {
    let desired = sight.desired;
    let release = seat.release;
    let image = release.image()?;
    let commit: CommitId = release.spec.commit.parse().ok()?;
    let hash = content(sight, seat)?;
    let platform = release.platform();
    Some(manifest::children(&Workload {
        owner: desired.as_owner(),
        release: &release.name,
        commit: &commit,
        image,
        platform: platform.as_ref(),
        settings: &release.spec.settings,
        rendering: release.spec.rendering,
        replicas: seat.cores,
        strategy: desired.strategy,
        surge: seat.surge,
        budget: desired.budget,
        // Where both places serve, one core of all of them may be evicted at a time.
        guarded: sight.active_turn().filter(|_| !sight.both_serve()),
        seat: manifest::Seat { place: seat.place, turn: seat.turn, waits: seat.waits },
        secrets_hash: hash,
    }))
}

/// What says whose turn it is, or that it is `held`. It needs no seat that can be rendered.
pub fn whose_turn(sight: Sight<'_>, turn: i64, held: bool) -> Child {
    manifest::whose_turn(sight.desired.as_owner(), turn, held)
}

/// Whether what serves of this release keeps the content that it was started with, and another is there that was not tested yet.
pub fn holds_content_back(sight: Sight<'_>, release: &Release) -> bool {
    let now = present(sight, release);
    proofs::is_content_untested(sight)
        && now.is_some()
        && in_use(sight, release, None).is_some_and(|used| Some(used) != now)
}

/// What stands for the content that the cores of a seat are to read.
fn content<'a>(sight: Sight<'a>, seat: &Seat<'_>) -> Option<&'a str> {
    let now = present(sight, seat.release);
    if proofs::is_content_untested(sight) {
        return in_use(sight, seat.release, Some(seat.place)).or(now);
    }
    // A Secret is gone: what runs is repaired as it was, and nothing new is rolled out.
    let as_it_was = || {
        let core = sight.posts().find(|post| post.place == seat.place)?.workload;
        core.secrets_hash.as_deref().filter(|_| core.release.as_ref() == Some(&seat.release.name))
    };
    now.or_else(as_it_was)
}

/// What stands for the content that there is now, where it is complete.
fn present<'a>(sight: Sight<'a>, release: &Release) -> Option<&'a str> {
    sight.observed.references.hashes.get(&release.name).map(String::as_str)
}

/// What stands for the content that cores with the same settings run with, those in this place before all others. By the first rules of
/// rendering it is another than by all later ones.
fn in_use<'a>(sight: Sight<'a>, release: &Release, place: Option<Place>) -> Option<&'a str> {
    let wanted = &release.spec;
    let mut posts: Vec<Post<'_>> = sight.posts().collect();
    posts.sort_by_key(|post| Some(post.place) != place);
    posts.into_iter().find_map(|post| {
        let told = &sight.observed.releases.named(post.workload.release.as_deref()?)?.spec;
        let same = told.settings == wanted.settings && (told.rendering > 1) == (wanted.rendering > 1);
        post.workload.secrets_hash.as_deref().filter(|_| same)
    })
}
