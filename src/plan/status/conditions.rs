//! The conditions of a status to be.

use crate::api::v1alpha1::condition::{ConditionType, Reason};
use crate::plan::texts;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// The three values a condition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// `True`.
    Yes,
    /// `False`.
    No,
    /// `Unknown`.
    Open,
}

/// Conditions of a status to be: a condition that keeps its truth keeps its time.
pub(super) struct Conditions<'a> {
    before: &'a [Condition],
    generation: i64,
    now: Timestamp,
    set: Vec<(ConditionType, Condition)>,
}

impl<'a> Conditions<'a> {
    /// Those of `before` are where times come from.
    pub(super) fn new(before: &'a [Condition], generation: i64, now: Timestamp) -> Self {
        Self { before, generation, now, set: Vec::new() }
    }

    fn find(&self, kind: ConditionType) -> Option<&'a Condition> {
        self.before.iter().find(|condition| condition.type_ == kind.to_string())
    }

    /// Says something.
    pub(super) fn set(&mut self, kind: ConditionType, truth: Truth, reason: Reason, message: &str) {
        let status = match truth {
            Truth::Yes => "True",
            Truth::No => "False",
            Truth::Open => "Unknown",
        };
        let since = self.find(kind).filter(|before| before.status == status);
        let condition = Condition {
            type_: kind.to_string(),
            status: status.into(),
            reason: reason.to_string(),
            message: texts::message(message),
            observed_generation: Some(self.generation),
            last_transition_time: since.map_or(Time(self.now), |before| before.last_transition_time.clone()),
        };
        self.set.push((kind, condition));
    }

    /// What was said before stays, of this generation or another.
    pub(super) fn keep(&mut self, kinds: &[ConditionType]) {
        for kind in kinds {
            if let Some(before) = self.find(*kind) {
                self.set.push((*kind, before.clone()));
            }
        }
    }

    /// What was said before of this very generation stays; without it, the question is open.
    pub(super) fn keep_or(&mut self, kind: ConditionType, reason: Reason, message: &str) {
        let same = self.find(kind).filter(|before| before.observed_generation == Some(self.generation));
        match same {
            Some(before) => self.set.push((kind, before.clone())),
            None => self.set(kind, Truth::Open, reason, message),
        }
    }

    /// In the order of the reference.
    pub(super) fn finish(mut self) -> Vec<Condition> {
        self.set.sort_by_key(|(kind, _)| *kind);
        self.set.into_iter().map(|(_, condition)| condition).collect()
    }
}
