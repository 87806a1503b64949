//! Who sits where: what a strategy answers.

use super::observed::Workload;
use super::releases::Release;
use crate::domain::Place;
use crate::manifest::Surge;
use jiff::Timestamp;

/// The seats that have to be filled.
#[derive(Debug, Clone, Default)]
pub struct Lineup<'a> {
    /// The target's first; none where nothing can be chosen. With hand-overs, what serves until the target does comes second.
    pub seats: Vec<Seat<'a>>,
    /// The cores that wait beside the target, to take over from it.
    pub standby: Option<Seat<'a>>,
    /// A Deployment of cores that is not removed, though the target does not have it.
    pub stays: Option<String>,
    /// Deployments whose cores have to end before the target's begin.
    pub stops: Vec<String>,
    /// The turn whose cores are to be told to begin.
    pub begins: Option<i64>,
    /// The turn whose cores are to be told to serve beside the target's.
    pub joins: Option<i64>,
    /// When the target's cores, which wait, take over.
    pub settles: Option<Timestamp>,
    /// Whether all of the target's cores wait, and gates keep them from taking over.
    pub at_gate: bool,
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

/// Whether Kubernetes has taken up the template of this release. Until then it brings the pods of the template before to the number that
/// is wanted (`deployment/sync.go`): more of them would be cores that nobody wants, of a version that may never have been loaded, and all
/// at once.
pub fn is_taken_up(release: &Release, core: &Workload) -> bool {
    core.template.is_some() && core.release.as_ref() == Some(&release.name)
}
