//! Which gates let which release pass.
//!
//! Judged are the releases that may take the place of what runs: the one that has the wanted inputs, and those between it and
//! what the cluster was last told, so that a stream of commits starves nobody. What the cluster was told has passed: its gates
//! are not asked again, but for those before its change-over, until what serves is told to end for it.

mod approval;
mod judge;
mod passage;
mod statuses;
mod window;

pub use approval::{may_say, speaks_of};
pub use judge::judge;
pub use passage::{Judged, Passage, Passages};
