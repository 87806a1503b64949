//! What became of a release: the states of docs/release.md.

use crate::api::v1alpha1::{ReleaseState, TengineReleaseStatus, condition::Reason};
use jiff::Timestamp;

/// What became of a release, as far as it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has no image yet.
    Pending,
    /// Its image is there; it was never seen with all its pods ready.
    Built,
    /// It was seen with all its pods ready.
    Verified {
        /// First.
        at: Timestamp,
    },
    /// Its content was refused: it never runs again, unless it is all there is.
    Rejected {
        /// Why.
        reason: Reason,
        /// When.
        at: Timestamp,
        /// When it had been seen with all its pods ready, if it had.
        verified: Option<Timestamp>,
    },
}

impl Fate {
    /// Reads what was written down.
    pub fn of(status: &TengineReleaseStatus) -> Self {
        let verified = status.verified_at.as_ref().map(|at| at.0);
        if let Some(at) = &status.rejected_at {
            let reason = status.state.and_then(refusal).unwrap_or(Reason::DefinitionInvalid);
            return Self::Rejected { reason, at: at.0, verified };
        }
        match (verified, &status.image) {
            (Some(at), Some(_)) => Self::Verified { at },
            (None, Some(_)) => Self::Built,
            (_, None) => Self::Pending,
        }
    }
}

/// The state that stands for a refusal.
pub fn refused_state(reason: Reason) -> ReleaseState {
    match reason {
        Reason::PathNotFound => ReleaseState::PathNotFound,
        Reason::NoDefinition => ReleaseState::NoDefinition,
        Reason::TreeRefused | Reason::TooLarge => ReleaseState::TreeRefused,
        Reason::PackageMissing => ReleaseState::PackageMissing,
        Reason::CoreFailed => ReleaseState::CoreFailed,
        Reason::ProgressDeadlineExceeded => ReleaseState::ProgressDeadlineExceeded,
        Reason::LoadFailed => ReleaseState::LoadFailed,
        Reason::TestFailed => ReleaseState::TestFailed,
        Reason::VerificationFailed => ReleaseState::VerificationFailed,
        Reason::Unhealthy => ReleaseState::Unhealthy,
        Reason::Aborted => ReleaseState::Aborted,
        Reason::OutOfMemory => ReleaseState::OutOfMemory,
        Reason::ConfigurationInvalid => ReleaseState::ConfigurationInvalid,
        _ => ReleaseState::DefinitionInvalid,
    }
}

/// The reason by which a refusal is known once it is written down; before that, too, so that it has one name.
pub fn lasting(reason: Reason) -> Reason {
    refusal(refused_state(reason)).unwrap_or(reason)
}

/// The reason that a refused release's state stands for; `None` where it was not refused.
pub fn refusal(state: ReleaseState) -> Option<Reason> {
    match state {
        ReleaseState::DefinitionInvalid => Some(Reason::DefinitionInvalid),
        ReleaseState::PathNotFound => Some(Reason::PathNotFound),
        ReleaseState::NoDefinition => Some(Reason::NoDefinition),
        ReleaseState::TreeRefused => Some(Reason::TreeRefused),
        ReleaseState::PackageMissing => Some(Reason::PackageMissing),
        ReleaseState::CoreFailed => Some(Reason::CoreFailed),
        ReleaseState::ProgressDeadlineExceeded => Some(Reason::ProgressDeadlineExceeded),
        ReleaseState::LoadFailed => Some(Reason::LoadFailed),
        ReleaseState::TestFailed => Some(Reason::TestFailed),
        ReleaseState::VerificationFailed => Some(Reason::VerificationFailed),
        ReleaseState::Unhealthy => Some(Reason::Unhealthy),
        ReleaseState::Aborted => Some(Reason::Aborted),
        ReleaseState::OutOfMemory => Some(Reason::OutOfMemory),
        ReleaseState::ConfigurationInvalid => Some(Reason::ConfigurationInvalid),
        ReleaseState::Building
        | ReleaseState::Built
        | ReleaseState::Preflight
        | ReleaseState::Testing
        | ReleaseState::RollingOut
        | ReleaseState::Verifying
        | ReleaseState::Verified
        | ReleaseState::Superseded => None,
    }
}
