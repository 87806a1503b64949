//! What tracks answer with: what they found, what is to be done, and when they want to be asked again.

use super::observed::{LiveChild, LiveKind, Seen};
use crate::api::v1alpha1::{TengineActionStatus, TengineDeploymentStatus, TengineRelease, TengineReleaseStatus};
use crate::manifest::Child;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// One thing to do. Every one of them can be repeated without harm.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ask the Git host what the ref points at.
    LookAtSource,
    /// Ask the registry what the base image's tag points at.
    LookAtBase,
    /// Ask the registry for the right to push.
    CheckPush,
    /// Ask the registry whether it still has the image that the cluster was told to run.
    LookForImage,
    /// Make a release.
    CreateRelease(Box<TengineRelease>),
    /// Fetch, check, pack, append and push what this release holds.
    Build {
        /// The release's name.
        release: String,
        /// The release that serves, to say what changes.
        against: Option<String>,
    },
    /// Push what `promotion.onVerified` asks for.
    PassOn {
        /// The release's name.
        release: String,
    },
    /// Write down how far a release got.
    RecordRelease {
        /// The release's name.
        release: String,
        /// Which one: on another nothing is written.
        seen: Seen,
        /// All of its status.
        status: Box<TengineReleaseStatus>,
    },
    /// Create or change a child.
    Apply {
        /// As rendered.
        child: Box<Child>,
        /// What it was compared with, where there was one: another is left alone.
        seen: Option<Seen>,
    },
    /// Let the cores of a Deployment finish what they have in hand and end.
    Stop {
        /// Its name.
        name: String,
        /// Which one: another is left alone.
        seen: Seen,
    },
    /// Let the cores of this turn begin, unless some of another are still there.
    Begin {
        /// The turn.
        turn: i64,
        /// What says so to cores that start later.
        word: Box<Child>,
    },
    /// Let no core of this turn begin from now on that is not told so itself.
    Hold {
        /// The turn.
        turn: i64,
        /// What says so to cores that start later.
        word: Box<Child>,
    },
    /// Let these cores begin.
    Tell {
        /// Their turn, which has come.
        turn: i64,
        /// Their names, those that come first before the others.
        pods: Vec<String>,
        /// As long as fewer of the turn were told; those that end count.
        most: usize,
    },
    /// Let the cores of this turn serve beside those whose turn it is: they have the same version.
    Join {
        /// The turn.
        turn: i64,
    },
    /// Remove a child.
    Delete {
        /// Its kind.
        kind: LiveKind,
        /// Its name.
        name: String,
        /// Which one: another is left alone.
        seen: Seen,
    },
    /// Start the Job of a check, unless there is one of the name.
    StartJob {
        /// Its name.
        name: String,
        /// The UID of the release, or of the deployment, that controls it.
        owner: String,
        /// All of it.
        object: Box<Value>,
    },
    /// Remove the Job of a check, and its pods.
    DeleteJob {
        /// Its name.
        name: String,
        /// Which one: another is left alone.
        seen: Seen,
    },
    /// Ask Prometheus.
    Ask(Box<Query>),
    /// Remove a release beyond the history's limit.
    DeleteRelease {
        /// The release's name.
        release: String,
        /// Which one: another is left alone.
        seen: Seen,
    },
    /// Answer a person's action; what was done holds from then on.
    AnswerAction {
        /// The action's name.
        action: String,
        /// The answer.
        status: Box<TengineActionStatus>,
    },
    /// Remove an old action.
    DeleteAction {
        /// The action's name.
        action: String,
        /// Which one: another is left alone.
        seen: Seen,
    },
}

impl Effect {
    /// Remove a child as it was seen.
    pub fn delete(child: &LiveChild) -> Self {
        Self::Delete { kind: child.kind, name: child.name.clone(), seen: child.seen.clone() }
    }
}

impl Effect {
    /// Whether somebody serves, or makes room for who is to, because of it.
    pub const fn gives_turns(&self) -> bool {
        matches!(self, Self::Stop { .. } | Self::Begin { .. } | Self::Tell { .. } | Self::Join { .. })
    }

    /// Whether it takes this release away.
    pub fn removes(&self, name: &str) -> bool {
        matches!(self, Self::DeleteRelease { release, .. } if release == name)
    }
}

/// A question to Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What its answer is found by.
    pub identity: String,
    /// Where Prometheus is.
    pub url: String,
    /// What it is asked.
    pub expression: String,
}

/// The answer of one track.
#[derive(Debug, Clone)]
pub struct Track<T> {
    /// What it found out.
    pub found: T,
    /// What it wants done.
    pub effects: Vec<Effect>,
    /// When its answer may change by the clock alone.
    pub due: Option<Timestamp>,
}

impl<T> Track<T> {
    /// A track that only found something out.
    pub fn found(found: T) -> Self {
        Self { found, effects: Vec::new(), due: None }
    }

    /// What was found; what is to be done and when goes to the plan.
    pub fn into_plan(self, effects: &mut Vec<Effect>, due: &mut Vec<Timestamp>) -> T {
        effects.extend(self.effects);
        due.extend(self.due);
        self.found
    }
}

/// What to do now, what to wait for, and when to look again.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In this order.
    pub effects: Vec<Effect>,
    /// The status that follows from what was seen.
    pub status: TengineDeploymentStatus,
    /// When to plan again if nothing happens before.
    pub next: Duration,
}
