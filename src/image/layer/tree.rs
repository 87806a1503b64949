//! The checked, sorted form of a definition tree, and its digest.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use sha2::{Digest as _, Sha256};

use super::path::{self, PathError};
use super::{LayerError, TreeFile, TreeFileKind, VERSION_FILE};
use crate::domain::Digest;

/// What lies at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    Folder,
    File { executable: bool, bytes: &'a [u8] },
    Symlink { target: &'a str },
}

/// The whole tree without a `VERSION` at its root, every folder named, in the order of the bytes of the paths (so
/// that a folder always comes before what is in it).
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) entries: BTreeMap<&'a str, Entry<'a>>,
    pub(super) had_version: bool,
}

impl<'a> Tree<'a> {
    pub(super) fn of(files: &'a [TreeFile]) -> Result<Self, LayerError> {
        let mut tree = Tree { entries: BTreeMap::new(), had_version: false };
        for file in files {
            tree.add(file).map_err(|why| LayerError::Path { path: file.path.clone(), why })?;
        }
        Ok(tree)
    }

    fn add(&mut self, file: &'a TreeFile) -> Result<(), PathError> {
        path::check(&file.path)?;
        let entry = match &file.kind {
            TreeFileKind::File { executable } => Entry::File { executable: *executable, bytes: &file.bytes },
            TreeFileKind::Symlink { target } => {
                path::check_target(&file.path, target)?;
                Entry::Symlink { target }
            }
        };
        if file.path == VERSION_FILE {
            let twice = std::mem::replace(&mut self.had_version, true);
            return if twice { Err(PathError::Duplicate) } else { Ok(()) };
        }
        self.add_folders_above(&file.path)?;
        match self.entries.entry(&file.path) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
                Ok(())
            }
            Slot::Occupied(slot) if *slot.get() == Entry::Folder => Err(PathError::FileAndFolder),
            Slot::Occupied(_) => Err(PathError::Duplicate),
        }
    }

    fn add_folders_above(&mut self, path: &'a str) -> Result<(), PathError> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if folder == VERSION_FILE || *self.entries.entry(folder).or_insert(Entry::Folder) != Entry::Folder {
                return Err(PathError::FileAndFolder);
            }
        }
        Ok(())
    }
}

/// The digest of a tree's content: paths, kinds and bytes, whatever the order they come in.
///
/// A `VERSION` at the root does not count: the packed layer has ours in its place, which is made of this digest. Two trees
/// of one digest therefore pack to the same layer under the same version.
pub fn tree_digest(files: &[TreeFile]) -> Result<Digest, LayerError> {
    let tree = Tree::of(files)?;
    let mut hash = Sha256::new();
    for (path, entry) in &tree.entries {
        let (kind, content): (u8, &[u8]) = match entry {
            Entry::Folder => continue,
            Entry::File { executable: false, bytes } => (b'f', bytes),
            Entry::File { executable: true, bytes } => (b'x', bytes),
            Entry::Symlink { target } => (b'l', target.as_bytes()),
        };
        // Each part is preceded by its length, so that no two trees run together into one input.
        hash.update([kind]);
        for part in [path.as_bytes(), content] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    Ok(Digest::from_sha256(hash.finalize().into()))
}
