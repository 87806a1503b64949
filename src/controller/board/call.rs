//! How a round of a shared question is asked.

use super::turns::Urgency;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which question it is, how urgent, whether a person asks, and whether it waits for its turn.
#[derive(Debug, Clone)]
pub struct Call {
    /// By the key that all share who ask it.
    pub question: Arc<str>,
    pub urgency: Urgency,
    /// Somebody asks by hand, so nothing that was said before is taken for true.
    pub by_hand: bool,
    begun: Arc<AtomicBool>,
}

impl Call {
    /// One that has no turn yet.
    pub fn new(question: impl Into<Arc<str>>, urgency: Urgency) -> Self {
        Self { question: question.into(), urgency, by_hand: false, begun: Arc::default() }
    }

    /// The same, where a person asks.
    pub fn by_hand(self, by_hand: bool) -> Self {
        Self { by_hand, ..self }
    }

    /// Its turn has come: from now on somebody is being asked.
    pub fn begins(&self) {
        self.begun.store(true, Ordering::SeqCst);
    }

    /// Whether it would only be in the way of one that is so urgent: it waits for a turn that the other one gets sooner.
    pub(super) fn gives_way_to(&self, urgency: Urgency) -> bool {
        urgency < self.urgency && !self.begun.load(Ordering::SeqCst)
    }
}
