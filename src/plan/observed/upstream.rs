//! What is seen of another deployment: the words that it attached to versions.

use crate::api::v1alpha1::TengineDeployment;
use crate::plan::people::Pin;
use crate::plan::releases::Releases;
use jiff::Timestamp;

/// Another deployment, as far as this one may see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Upstream {
    /// Its namespace is not among those that the operator watches.
    NotWatched,
    /// Its namespace has not been read yet, by this process.
    NotRead,
    /// There is none of that name.
    Missing,
    /// It does not let this namespace read its words.
    NotGranted,
    /// It may be read.
    Seen(Box<UpstreamSeen>),
}

/// What another deployment is and has.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamSeen {
    /// Its `metadata.uid`.
    pub uid: String,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// The name of its environment: what its words begin with.
    pub environment: Option<String>,
    /// Its releases.
    pub releases: Releases,
    /// What its `Ready` says where that is not True.
    pub trouble: Option<String>,
    /// The version that a person has it run, of an instance of one's own.
    pub pinned: Option<Pin>,
    /// Whether there are core pods of it, those that end included; of an instance of one's own, where none are wanted.
    pub has_core_pods: bool,
    /// Whether its versions go through the phases of several instances.
    pub has_phases: bool,
}

/// What a deployment says of itself where it is not ready.
pub fn trouble(object: &TengineDeployment) -> Option<String> {
    let mut conditions = object.status.iter().flat_map(|status| &status.conditions);
    let ready = conditions.find(|condition| condition.type_ == "Ready" && condition.status == "False")?;
    Some(format!("{}: {}", ready.reason, ready.message))
}

/// The word of an environment's verified versions.
pub fn word_of(environment: &str) -> String {
    format!("{environment}_OK")
}

/// The word of versions that have been through this phase in all instances, and not through the last one.
pub fn phase_word_of(environment: &str, phase: i32) -> String {
    format!("{environment}_Phase{phase}_OK")
}

/// The last of the phases that a version goes through where there are several instances.
pub const LAST_PHASE: i32 = 4;
