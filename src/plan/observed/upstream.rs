//! What is seen of another deployment: the words that it attached to versions.

use crate::plan::releases::Releases;

/// Another deployment, as far as this one may see it.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub struct UpstreamSeen {
    /// Its `metadata.uid`.
    pub uid: String,
    /// The name of its environment: what its words begin with.
    pub environment: Option<String>,
    /// Its releases.
    pub releases: Releases,
}

/// The word of an environment's verified versions.
pub fn word_of(environment: &str) -> String {
    format!("{environment}_OK")
}
