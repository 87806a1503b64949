//! Pushing what `promotion.onVerified` asks for, and what came of it.

use super::look::Trouble;

/// The push for one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passing {
    /// Under way; with what was in the way of the try before.
    Running(Option<Trouble>),
    /// The host has it: the branch that has the commit, and the tag that is on it, as far as they were asked for.
    Done {
        /// The branch.
        branch: Option<String>,
        /// The tag.
        tag: Option<String>,
    },
    /// Something was in the way.
    Trouble(Trouble),
}

impl Passing {
    /// What is in the way, as far as is known.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Trouble(trouble) | Self::Running(Some(trouble)) => Some(trouble),
            Self::Running(None) | Self::Done { .. } => None,
        }
    }
}
