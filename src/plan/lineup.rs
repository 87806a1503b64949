//! Who sits where: what a strategy answers.

use super::observed::Workload;
use super::releases::Release;
use crate::domain::Place;
use crate::manifest::Surge;

/// The seats that have to be filled.
#[derive(Debug, Clone, Default)]
pub struct Lineup<'a> {
    /// The target's first; none where nothing can be chosen. With hand-overs, what serves until the target does comes second.
    pub seats: Vec<Seat<'a>>,
    /// A Deployment of cores that is not removed, though the target does not have it.
    pub stays: Option<String>,
    /// Deployments whose cores have to end before the target's begin.
    pub stops: Vec<String>,
    /// The turn whose cores are to be told to begin.
    pub begins: Option<i64>,
    /// How far a hand-over is.
    pub words: Option<String>,
}

/// A release, and how many cores of it.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// What runs there.
    pub release: &'a Release,
    /// Where.
    pub place: Place,
    /// The turn in which they consume events, where they have to wait for it.
    pub turn: Option<i64>,
    /// Whether it has not come yet.
    pub waits: bool,
    /// How many cores of it are wanted now.
    pub cores: i32,
    /// Whether that is all of them.
    pub is_whole: bool,
    /// How many more may run while it takes another one's place.
    pub surge: Surge,
}

/// How many cores may be wanted at most. Kubernetes brings the pods of the template before to the number that is wanted before it takes a
/// new one up (`deployment/sync.go`): cores that nobody wants, of a version that may never have been loaded, and all at once.
pub fn until_taken_up(release: &Release, core: Option<&Workload>) -> i32 {
    let is_taken_up = |core: &&Workload| core.template.is_some() && core.release.as_ref() == Some(&release.name);
    match core {
        Some(core) if !is_taken_up(&core) => core.wanted.max(1),
        _ => i32::MAX,
    }
}
