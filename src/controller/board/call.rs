//! How a round of a shared question is asked.

use super::turns::Urgency;
use std::sync::Arc;

/// Which question it is, and how urgent.
#[derive(Debug, Clone)]
pub struct Call {
    /// By the key that all share who ask it.
    pub question: Arc<str>,
    pub urgency: Urgency,
}

impl Call {
    /// One that nobody has answered yet.
    pub fn new(question: impl Into<Arc<str>>, urgency: Urgency) -> Self {
        Self { question: question.into(), urgency }
    }
}
