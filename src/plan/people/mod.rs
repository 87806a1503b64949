//! What people decided: `TengineAction`s, each answered once.
//!
//! An action is answered by one write of its status, and what it means follows from the answers alone: nothing else has to
//! be written for it to hold, so a process that ends between two writes neither forgets a decision nor carries it out
//! twice. [`words`] reads what was decided off the answers; [`standing()`] holds it against the releases; [`verbs`] gives the
//! answers, [`at_gate`] those to what is said at gates.

mod at_gate;
mod standing;
mod start_phase;
mod switch_over;
mod tags;
mod verbs;
mod words;

pub use crate::plan::texts::fit_answer;
pub use standing::{Standing, standing};
pub use verbs::{answer, are_open, is_answered};
pub use words::{Decision, Pin, Say, Words};
