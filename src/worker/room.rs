//! The folders that children work in, and those that nobody works in any more.

use std::path::Path;

use tempfile::TempDir;

/// What the name of a room begins with; then come its owner's process id and a random part.
const PREFIX: &str = "tengine-worker-";

/// A new room of this process.
pub(super) fn make(scratch: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir_in(scratch)
}

/// Removes the rooms of processes that are gone.
///
/// `own` is the caller's process id, and it must not have made a room yet: in a container the operator always has the same id,
/// so rooms of that id were left by the one before. What cannot be removed stays; it is only disk space.
pub(super) fn sweep(scratch: &Path, own: u32) {
    let Ok(entries) = std::fs::read_dir(scratch) else { return };
    for entry in entries.flatten() {
        let Some(owner) = entry.file_name().to_str().and_then(owner_of) else { continue };
        if owner == own || !Path::new("/proc").join(owner.to_string()).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn owner_of(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_operator_left_is_removed_and_nothing_else() {
        let scratch = TempDir::new().unwrap();
        let living = make(scratch.path()).unwrap();
        // No process has an id above the kernel's limit of 2^22.
        for name in
            ["tengine-worker-4999999-a", "tengine-worker-4999998-b", "tengine-worker-x-c", "else", "tengine-worker-"]
        {
            std::fs::create_dir_all(scratch.path().join(name).join("repository")).unwrap();
        }
        sweep(scratch.path(), 4_999_998);
        let mut left: Vec<_> =
            std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(
            left,
            ["else", "tengine-worker-", living.path().file_name().unwrap().to_str().unwrap(), "tengine-worker-x-c"]
        );
        sweep(scratch.path(), std::process::id());
        assert!(!living.path().exists());
    }
}
