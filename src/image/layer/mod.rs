//! Packs a definition tree into one image layer; pure, and the same tree always gives the same bytes.
//!
//! What it guarantees:
//!
//! - Every entry lies at [`DSL_ROOT`] or is one of its parent folders, whatever the tree holds: names that climb, absolute
//!   names, whiteouts and links that leave the tree are refused, not repaired.
//! - Nothing of the base image shows through: the root folder is opaque, by a whiteout of ours.
//! - `VERSION` at the root is ours. One that came with the tree is replaced ([`Layer::replaced_version`]).
//! - The bytes depend on nothing but the files and the version: entries are sorted, times are 0, the owner is 0:0, modes are
//!   0644, 0755 for what is executable and for folders, 0777 for links; there is no compressor whose release could
//!   matter.
//!
//! The parents `var`, `var/lib` and `var/lib/tengine` are written too, as root's and 0755, because some runtimes give a
//! folder that a layer only implies a mode nobody can enter. That is what the first two are on every
//! distribution; of `/var/lib/tengine` it follows that a base image cannot give this folder itself to another user (what
//! Tengine writes at run time belongs below `/var/run/tengine`).

mod path;
mod tree;

use std::io;

use crate::domain::Digest;

pub use path::PathError;
pub use tree::tree_digest;
use tree::{Entry, Tree};

/// Where the definition lies in the image, without the leading slash (as in a layer).
pub const DSL_ROOT: &str = "var/lib/tengine/dsl";

/// The file at the root of the tree that Tengine reads its DSL version from.
pub const VERSION_FILE: &str = "VERSION";

/// The name that makes a folder hide everything that lower layers have in it (OCI image specification, "opaque whiteout").
const OPAQUE_WHITEOUT: &str = ".wh..wh..opq";

/// One file of the definition, as Git has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Path below the definition's root, with `/` between its parts.
    pub path: String,
    /// What it is.
    pub kind: TreeFileKind,
    /// The content; empty for a link.
    pub bytes: Vec<u8>,
}

/// What a [`TreeFile`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeFileKind {
    /// A regular file.
    File {
        /// Whether Git has it as executable.
        executable: bool,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points, relative to its own folder.
        target: String,
    },
}

/// A packed layer: an uncompressed tar. Its digest is also its `diff_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The tar.
    pub bytes: Vec<u8>,
    /// The digest of [`Layer::bytes`].
    pub digest: Digest,
    /// Whether the tree brought a `VERSION` of its own, which ours replaced.
    pub replaced_version: bool,
}

impl Layer {
    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Why a tree cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A name that must not get into an image.
    #[error("{path:?} {why}")]
    Path {
        /// The path as the tree has it.
        path: String,
        /// The rule that it breaks.
        why: PathError,
    },
    /// The version is not one visible word.
    #[error("the version {0:?} is not one word of visible ASCII characters")]
    Version(String),
    /// The archive could not be written.
    #[error("the layer could not be written")]
    Write(#[source] io::Error),
}

/// Packs `files` and a `VERSION` file with `version` into a layer. The order of `files` does not matter.
pub fn pack(files: &[TreeFile], version: &str) -> Result<Layer, LayerError> {
    if version.is_empty() || !version.chars().all(|c| c.is_ascii_graphic()) {
        return Err(LayerError::Version(version.to_owned()));
    }
    let tree = Tree::of(files)?;
    let bytes = write_tar(&tree, version).map_err(LayerError::Write)?;
    Ok(Layer { digest: Digest::of(&bytes), bytes, replaced_version: tree.had_version })
}

fn write_tar(tree: &Tree<'_>, version: &str) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (end, _) in DSL_ROOT.match_indices('/') {
        append_folder(&mut tar, &DSL_ROOT[..end])?;
    }
    append_folder(&mut tar, DSL_ROOT)?;
    append_file(&mut tar, &format!("{DSL_ROOT}/{OPAQUE_WHITEOUT}"), &[], false)?;
    append_file(&mut tar, &format!("{DSL_ROOT}/{VERSION_FILE}"), version.as_bytes(), false)?;
    for (path, entry) in &tree.entries {
        let path = format!("{DSL_ROOT}/{path}");
        match entry {
            Entry::Folder => append_folder(&mut tar, &path)?,
            Entry::File { executable, bytes } => append_file(&mut tar, &path, bytes, *executable)?,
            Entry::Symlink { target } => {
                let mut header = header(tar::EntryType::Symlink, 0o777, 0);
                tar.append_link(&mut header, &path, target)?;
            }
        }
    }
    tar.into_inner()
}

fn append_folder(tar: &mut tar::Builder<Vec<u8>>, path: &str) -> io::Result<()> {
    let mut header = header(tar::EntryType::Directory, 0o755, 0);
    tar.append_data(&mut header, format!("{path}/"), io::empty())
}

fn append_file(tar: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8], executable: bool) -> io::Result<()> {
    let mode = if executable { 0o755 } else { 0o644 };
    let mut header = header(tar::EntryType::Regular, mode, bytes.len() as u64);
    tar.append_data(&mut header, path, bytes)
}

/// A header made by hand: the crate's own deterministic mode would set a time of its choice.
fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

#[cfg(test)]
mod tests;
