//! What `Ready` can say: a word, a sentence, and whether anything goes on.

use super::super::observed::Trouble;
use super::super::reading::Reading;
use super::conditions::Truth;
use super::outside::Outside;
use super::words::{sentences, serving};
use crate::api::v1alpha1::condition::Reason;

/// Whether anything goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    /// Nothing is left to do.
    Settled,
    /// Work is under way or is tried again.
    Reconciling,
    /// Somebody has to change something.
    Stalled,
}

/// What `Ready` says, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub truth: Truth,
    pub reason: Reason,
    pub message: String,
    pub motion: Motion,
    /// Why something older serves on purpose, where it does.
    pub held_back: Option<Reason>,
}

impl Answer {
    pub(super) fn new(truth: Truth, reason: Reason, motion: Motion, fact: &str, reading: &Reading<'_>) -> Self {
        Self::advising(reason.advice(), (truth, reason, motion), fact, reading)
    }

    /// The same with advice that knows more of the case.
    pub(super) fn advising(
        advice: &str,
        (truth, reason, motion): (Truth, Reason, Motion),
        fact: &str,
        reading: &Reading<'_>,
    ) -> Self {
        // A fact may come with the same advice; once, and last, is enough.
        let fact = fact.strip_suffix(advice).unwrap_or(fact);
        let message = sentences(&[fact, &serving(reading, reason), advice]);
        Self { truth, reason, message, motion, held_back: None }
    }

    /// The same, and something older serves on purpose: for this reason, where it is one for that; else because what is newer was refused.
    pub(super) fn holding_back(self) -> Self {
        let reason = self.reason;
        let says_why = matches!(reason, Reason::Pinned | Reason::PinLost | Reason::WaitingForStart)
            || reason.is_about_a_gate()
            || reason.is_about_a_tag();
        Self { held_back: Some(if says_why { reason } else { Reason::FellBack }), ..self }
    }

    /// The same where that is so.
    pub(super) fn holding_back_if(self, does: bool) -> Self {
        if does { self.holding_back() } else { self }
    }

    /// What somebody outside says no to, or nothing.
    pub(super) fn of_trouble((place, trouble): (Outside, &Trouble), reading: &Reading<'_>) -> Self {
        let told = (Truth::No, trouble.reason, Motion::Reconciling);
        Self::advising(place.advice(trouble.reason), told, &trouble.message, reading)
    }
}
