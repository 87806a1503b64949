//! How much of a repository we are willing to handle.

use serde::{Deserialize, Serialize};

use crate::settings::WorkerLimits;

/// The limits of one [`pack()`](super::pack). A definition is kilobytes of text; these leave room for fixtures beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes received from the host, compressed.
    pub received_bytes: u64,
    /// Objects received from the host.
    pub received_objects: u64,
    /// Bytes of one file below the path.
    pub file_bytes: u64,
    /// Bytes of all files below the path.
    pub tree_bytes: u64,
    /// Files and folders below the path.
    pub entries: u64,
    /// Folders within folders below the path.
    pub depth: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            received_bytes: 256 << 20,
            received_objects: 1_000_000,
            file_bytes: 10 << 20,
            tree_bytes: 64 << 20,
            entries: 20_000,
            depth: 64,
        }
    }
}

impl From<&WorkerLimits> for Limits {
    fn from(limits: &WorkerLimits) -> Self {
        Self {
            received_bytes: limits.fetch,
            file_bytes: limits.file,
            tree_bytes: limits.tree,
            entries: limits.entries,
            ..Self::default()
        }
    }
}
