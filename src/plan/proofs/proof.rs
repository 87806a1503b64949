//! What checks say, and when they are made.

use crate::api::v1alpha1::{StepName, condition::Reason};
use jiff::Timestamp;

/// What the checks of one step say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// All passed, or none was asked for.
    Passed,
    /// They are under way.
    Running(String),
    /// Something that is not the release's fault is in the way.
    Held(Reason, String),
    /// One failed.
    Failed {
        /// Which, and how.
        message: String,
        /// What it said.
        evidence: String,
    },
}

/// When checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before its tests: Tengine loads its definitions.
    Preflight,
    /// Before its roll-out.
    Tests,
    /// After it.
    Verification,
}

impl Stage {
    /// The step of a release that it belongs to.
    pub const fn step(self) -> StepName {
        match self {
            Self::Preflight => StepName::Preflight,
            Self::Tests => StepName::Tests,
            Self::Verification => StepName::Verification,
        }
    }

    /// What a release is refused for that does not come through it.
    pub const fn refusal(self) -> Reason {
        match self {
            Self::Preflight => Reason::LoadFailed,
            Self::Tests => Reason::TestFailed,
            Self::Verification => Reason::VerificationFailed,
        }
    }
}

/// The checks of a step, made once.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// The step.
    pub stage: Stage,
    /// What was looked at before was looked at with other pods, and says nothing of these.
    pub since: Option<Timestamp>,
    /// The time of the schedule that asked for it, where it is made again.
    pub scheduled: Option<Timestamp>,
}

impl From<Stage> for Round {
    fn from(stage: Stage) -> Self {
        Self { stage, since: None, scheduled: None }
    }
}
