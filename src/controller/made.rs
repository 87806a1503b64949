//! What comes of a build, for all that share it.

use super::board::{About, BuildOutcome, Worth};
use super::wishes::Name;
use crate::plan::observed::Changes;
use std::collections::BTreeMap;

/// What came of a build that several may wait for.
#[derive(Debug, Clone)]
pub struct Made {
    pub outcome: BuildOutcome,
    /// How many bytes went to the registry.
    pub pushed: u64,
    /// What it changes, against what each of those had who waited for it when it was packed, where that could be told; nothing at all where no
    /// core loads it.
    pub compared: Option<Compared>,
}

/// `None` for what could not be compared.
pub type Compared = BTreeMap<Name, Option<Changes>>;

impl Made {
    /// Of a build that came to no image.
    pub const fn nothing(outcome: BuildOutcome) -> Self {
        Self { outcome, pushed: 0, compared: None }
    }

    /// Whether somebody who has this is still to be told what changes.
    pub fn lacks(&self, name: &str) -> bool {
        self.compared.as_ref().is_some_and(|compared| !compared.contains_key(name))
    }

    /// What it is to those who share it.
    pub const fn worth(&self) -> Worth {
        match &self.outcome {
            BuildOutcome::Failed(_, failure) if matches!(failure.about, About::Asker) => Worth::Own,
            BuildOutcome::Failed(..) => Worth::Passing,
            BuildOutcome::Built(_) | BuildOutcome::Refused(_) => Worth::Lasting,
        }
    }
}
