//! What people decided, held against the releases there are.

use super::words::{Pin, Words};
use crate::plan::releases::{Release, Releases};

/// The decisions in force.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing<'a> {
    /// What a person pinned.
    pub pin: Option<&'a Pin>,
    /// The release that has to run, whatever is newer: the pinned one, while it may run.
    pub pinned: Option<&'a Release>,
}

/// Finds the pinned release. A release that was removed by hand, or refused by its content, is pinned in name only.
pub fn standing<'a>(words: &'a Words, releases: &'a Releases) -> Standing<'a> {
    let pin = words.pin.as_ref();
    let pinned = pin.and_then(|pin| releases.named(&pin.release)).filter(|release| release.is_eligible());
    Standing { pin, pinned }
}
