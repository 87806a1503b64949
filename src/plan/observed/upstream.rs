//! What is seen of another deployment: the words that it attached to versions.

use crate::api::v1alpha1::TengineDeployment;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::releases::Releases;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

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
    /// What it says where a person has it run a version, and it does.
    pub pinned: Option<String>,
    /// Whether it says that there are core pods of it.
    pub has_core_pods: bool,
    /// Whether its versions go through the phases of several instances.
    pub has_phases: bool,
}

/// What a deployment says of itself where it is not ready.
pub fn trouble(object: &TengineDeployment) -> Option<String> {
    says(object, |ready| ready.status == "False")
}

/// What a deployment says of itself where it runs what a person brought back.
pub fn pinned(object: &TengineDeployment) -> Option<String> {
    says(object, |ready| ready.status == "True" && ready.reason == Reason::Pinned.word())
}

/// Whether a deployment says that there are core pods of it.
pub fn has_core_pods(object: &TengineDeployment) -> bool {
    object.status.as_ref().is_some_and(|status| status.replicas.is_some_and(|replicas| replicas > 0))
}

fn says(object: &TengineDeployment, counts: impl Fn(&Condition) -> bool) -> Option<String> {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let ready = conditions.into_iter().find(|condition| condition.type_ == "Ready" && counts(condition))?;
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
