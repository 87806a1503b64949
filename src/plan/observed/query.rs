//! What Prometheus answered to the query of a check.

use jiff::Timestamp;

/// What is known of one query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuerySeen {
    /// A number, or why there is none, and when that came.
    pub answer: Option<(Result<f64, String>, Timestamp)>,
    /// Whether it is being asked.
    pub running: bool,
}
