//! Which object something was decided on.

use kube::{Resource, ResourceExt as _};

/// The very object that was looked at, as it was: whoever removes an object names it, so that another one of the same name stays,
/// and so does one that somebody changed since.
///
/// Both are asked for of every kind. What changes without harm, such as the counts in a status, changes a few times and then
/// rests, and costs one more look; while a Job that ended meanwhile has had its say, a release may be the one that another leader
/// rolls out by now, and a Deployment may have been given what serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its UID. An empty one is nobody's.
    pub uid: String,
    /// Its `resourceVersion`.
    pub version: String,
}

impl Seen {
    /// What was looked at.
    pub fn of<K: Resource>(object: &K) -> Self {
        Self { uid: object.uid().unwrap_or_default(), version: object.resource_version().unwrap_or_default() }
    }
}
