//! What may be thought of a target, and what weighs how much for it.

use crate::api::v1alpha1::condition::Reason;

/// What is to be thought of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is too early to say.
    Pending,
    /// All its pods are ready, and what else is asked of it is looked at.
    Proving(String),
    /// All its pods were ready, and what else is asked of it holds.
    Proven,
    /// Its content is wrong.
    Refused {
        /// In a word.
        reason: Reason,
        /// In a sentence.
        message: String,
        /// What showed it.
        evidence: String,
    },
    /// Something that is not its fault is in the way.
    InTheWay {
        /// In a word.
        reason: Reason,
        /// In a sentence.
        message: String,
    },
}

/// What one pod shows. The first kind found among all pods decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// The content is wrong, whatever else is the matter.
    Proof,
    /// Broker or database do not answer: then ends that nothing explains say nothing.
    Backend,
    /// Nothing explains it but the content.
    Doubt,
    /// Something else keeps this pod from serving.
    Obstacle,
}

/// What a pod shows, and how much that weighs.
pub(super) type Finding = (Weight, Verdict);

/// Something that is not its fault.
pub(super) fn in_the_way(weight: Weight, reason: Reason, message: String) -> Finding {
    (weight, Verdict::InTheWay { reason, message })
}

/// Its content.
pub(super) fn refused(weight: Weight, reason: Reason, message: String, evidence: &str) -> Finding {
    (weight, Verdict::Refused { reason, message, evidence: evidence.to_owned() })
}
