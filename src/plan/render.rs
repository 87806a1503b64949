//! What a seat's objects look like.

use super::lineup::Seat;
use super::sight::Sight;
use crate::domain::CommitId;
use crate::manifest::{self, Child, Workload};

/// The objects of a seat. `None` where the Secrets in use are not complete and nothing runs yet that could say what they were.
pub fn render(sight: Sight<'_>, seat: &Seat<'_>) -> Option<Vec<Child>> {
    with_workload(sight, seat, manifest::children)
}

/// The same, for what is made of it.
pub fn with_workload<T>(sight: Sight<'_>, seat: &Seat<'_>, then: impl FnOnce(&Workload) -> T) -> Option<T> {
    let Sight { desired, observed, .. } = sight;
    let release = seat.release;
    let image = release.image()?;
    let commit: CommitId = release.spec.commit.parse().ok()?;
    // A Secret is gone: what runs is repaired as it was, and nothing new is rolled out.
    let as_it_was = || {
        let core = sight.posts().find(|post| post.place == seat.place)?.workload;
        core.secrets_hash.as_deref().filter(|_| core.release.as_ref() == Some(&release.name))
    };
    let hash = observed.references.hashes.get(&release.name).map(String::as_str).or_else(as_it_was)?;
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
