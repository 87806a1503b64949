//! What a seat's objects look like.

use super::lineup::Seat;
use super::proofs;
use super::sight::{Post, Sight};
use crate::domain::CommitId;
use crate::manifest::{self, Child, Workload};

/// The objects of a seat. `None` where the Secrets in use are not complete and nothing runs yet that could say what they were.
pub fn render(sight: Sight<'_>, seat: &Seat<'_>) -> Option<Vec<Child>> {
    with_workload(sight, seat, manifest::children)
}

/// The same, for what is made of it.
pub fn with_workload<T>(sight: Sight<'_>, seat: &Seat<'_>, then: impl FnOnce(&Workload) -> T) -> Option<T> {
    let desired = sight.desired;
    let release = seat.release;
    let image = release.image()?;
    let commit: CommitId = release.spec.commit.parse().ok()?;
    let hash = content(sight, seat)?;
    let platform = release.platform();
    Some(then(&Workload {
        namespace: &desired.namespace,
        deployment: &desired.name,
        uid: &desired.uid,
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
        seat: manifest::Seat { place: seat.place, turn: seat.turn, waits: seat.waits },
        secrets_hash: hash,
    }))
}

/// What stands for the content that the cores of a seat are to read.
fn content<'a>(sight: Sight<'a>, seat: &Seat<'_>) -> Option<&'a str> {
    let now = sight.observed.references.hashes.get(&seat.release.name).map(String::as_str);
    if proofs::is_content_untested(sight, seat.release) {
        return in_use(sight, seat).or(now);
    }
    // A Secret is gone: what runs is repaired as it was, and nothing new is rolled out.
    let as_it_was = || {
        let core = sight.posts().find(|post| post.place == seat.place)?.workload;
        core.secrets_hash.as_deref().filter(|_| core.release.as_ref() == Some(&seat.release.name))
    };
    now.or_else(as_it_was)
}

/// What stands for the content that cores with the same settings run with, those of this seat before all others.
fn in_use<'a>(sight: Sight<'a>, seat: &Seat<'_>) -> Option<&'a str> {
    let wanted = &seat.release.spec;
    let mut posts: Vec<Post<'_>> = sight.posts().collect();
    posts.sort_by_key(|post| post.place != seat.place);
    posts.into_iter().find_map(|post| {
        let told = &sight.observed.releases.named(post.workload.release.as_deref()?)?.spec;
        let same = told.settings == wanted.settings && told.rendering == wanted.rendering;
        post.workload.secrets_hash.as_deref().filter(|_| same)
    })
}
