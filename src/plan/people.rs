//! What people decided that still holds.

use super::releases::Release;

/// The decisions in force.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing<'a> {
    /// The release that has to run, whatever is newer.
    pub pinned: Option<&'a Release>,
}
