//! How a round of a shared question is asked.

use super::turns::Urgency;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which question it is, how urgent, and whether it waits for its turn.
#[derive(Debug, Clone)]
pub struct Call {
    /// By the key that all share who ask it.
    pub question: Arc<str>,
    pub urgency: Urgency,
    begun: Begun,
}

/// Whether the turn of something has come. A clone tells the same.
#[derive(Debug, Clone, Default)]
pub struct Begun(Arc<AtomicBool>);

impl Begun {
    /// It has.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Call {
    /// One that has no turn yet.
    pub fn new(question: impl Into<Arc<str>>, urgency: Urgency) -> Self {
        Self { question: question.into(), urgency, begun: Begun::default() }
    }

    /// Its turn has come: from now on somebody is being asked.
    pub fn begins(&self) {
        self.begun.set();
    }

    /// Whether it would only be in the way of one that is so urgent: it waits for a turn that the other one gets sooner.
    pub(super) fn gives_way_to(&self, urgency: Urgency) -> bool {
        urgency < self.urgency && !self.begun.is_set()
    }
}
