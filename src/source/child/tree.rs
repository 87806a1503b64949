//! Reads the files below a path straight from the object database.
//!
//! Names are checked here as far as Git's own form of a tree makes it necessary (one name must be one step); what may get into an
//! image is decided by [`layer`](crate::image::layer). What `.gitattributes` keep out of an archive is not read at all.

use git2::{ObjectType, Odb, Oid, Tree};

use super::commit::Commit;
use super::host::Host;
use crate::domain::TreePath;
use crate::image::layer::{TreeFile, TreeFileKind};
use crate::source::attributes::{self, Attributes, Kind, TooMany};
use crate::source::pack_error::PackFault;
use crate::source::refusal::join;
use crate::source::{Limits, Refusal};

/// The kinds of a tree's entries, which Git keeps in the upper bits of the mode.
const KIND: i32 = 0o170_000;
const FOLDER: i32 = 0o040_000;
const FILE: i32 = 0o100_000;
const LINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// What a commit has below a path.
pub(super) struct Found {
    /// The files, in the order Git has them.
    pub(super) files: Vec<TreeFile>,
    /// How many files and folders `export-ignore` left out.
    pub(super) left_out: u64,
}

/// All files below `path`, except what `export-ignore` leaves out. The path itself was asked for, so it is read in any case.
pub(super) fn read(host: &Host<'_>, commit: &Commit, path: &TreePath, limits: &Limits) -> Result<Found, PackFault> {
    let damaged = |error: git2::Error| PackFault::from(host.damaged(&error));
    let root = host.repository.find_tree(commit.tree).map_err(damaged)?;
    let odb = host.repository.odb().map_err(damaged)?;
    let found = Found { files: Vec::new(), left_out: 0 };
    let attributes = Attributes::default();
    let mut reading = Reading { host, odb, root: path, limits, attributes, found, entries: 0, bytes: 0 };
    let root = reading.descend(root, path)?;
    reading.folder(&root, "", 0)?;
    Ok(reading.found)
}

fn kind_of(kind: i32) -> &'static str {
    match kind {
        FILE => "a file",
        LINK => "a symbolic link",
        SUBMODULE => "a submodule",
        _ => "no folder",
    }
}

struct Reading<'h, 'a> {
    host: &'h Host<'a>,
    odb: Odb<'h>,
    root: &'h TreePath,
    limits: &'h Limits,
    attributes: Attributes,
    found: Found,
    entries: u64,
    bytes: u64,
}

impl<'h> Reading<'h, '_> {
    /// The tree at `path`, with the attributes of the folders above it; links on the way are not followed.
    fn descend(&mut self, root: Tree<'h>, path: &TreePath) -> Result<Tree<'h>, PackFault> {
        if path.is_root() {
            return Ok(root);
        }
        let not_found =
            |found: Option<&str>| Refusal::PathNotFound { path: path.to_string(), found: found.map(str::to_owned) };
        let (mut tree, mut above) = (root, String::new());
        for part in path.as_ref().split('/') {
            let (kind, id) = match tree.get_name_bytes(part.as_bytes()) {
                Some(entry) => (entry.filemode_raw() & KIND, entry.id()),
                None => return Err(not_found(None).into()),
            };
            if kind != FOLDER {
                return Err(not_found(Some(kind_of(kind))).into());
            }
            self.enter(&tree, &above)?;
            above = join(&above, part);
            tree = self.host.repository.find_tree(id).map_err(|error| self.host.damaged(&error))?;
        }
        Ok(tree)
    }

    /// Whether the folder at `path`, seen from the commit's root, has attributes, which count from now on.
    fn enter(&mut self, tree: &Tree<'_>, path: &str) -> Result<bool, PackFault> {
        // As with Git, a link is not followed.
        let own = tree.get_name(attributes::FILE).filter(|entry| entry.filemode_raw() & KIND == FILE);
        let Some(id) = own.map(|entry| entry.id()) else { return Ok(false) };
        let bytes = self.content(attributes::FILE, id)?;
        self.attributes.enter(path, &bytes).map_err(|TooMany| TooMany::refusal(path))?;
        Ok(true)
    }

    fn folder(&mut self, tree: &Tree<'_>, above: &str, depth: u64) -> Result<(), PackFault> {
        if depth > self.limits.depth {
            return Err(too_large(format!("Folders lie more than {} deep in each other", self.limits.depth)).into());
        }
        let folder = join(self.root.as_ref(), above);
        let folder = folder.trim_end_matches('/');
        let entered = self.enter(tree, folder)?;
        let here = if folder.is_empty() { String::new() } else { join(folder, "") };
        for entry in tree {
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(too_large(format!("There are more than {} files and folders", self.limits.entries)).into());
            }
            let name = entry.name_bytes();
            if is_gits_own(name) {
                step(name, above)?;
                continue;
            }
            let kind = entry.filemode_raw() & KIND;
            let may_hold = if matches!(kind, FOLDER | SUBMODULE) { Kind::Folder } else { Kind::File };
            // Before anything is said of its name: what is left out may have any that is one step.
            let is_a_step = !name.contains(&b'/');
            if is_a_step && self.attributes.leave_out(&[here.as_bytes(), name].concat(), may_hold) {
                self.found.left_out += 1;
                continue;
            }
            self.entry(join(above, step(name, above)?), entry.filemode_raw(), entry.id(), depth)?;
        }
        if entered {
            self.attributes.leave();
        }
        Ok(())
    }

    fn entry(&mut self, path: String, mode: i32, id: Oid, depth: u64) -> Result<(), PackFault> {
        match mode & KIND {
            FOLDER => {
                let below = self.host.repository.find_tree(id).map_err(|error| self.host.damaged(&error))?;
                self.folder(&below, &path, depth + 1)
            }
            FILE => self.file(path, TreeFileKind::File { executable: mode & 0o111 != 0 }, id),
            LINK => self.link(path, id),
            SUBMODULE => Err(refused(path, "is a submodule; put its files into this repository").into()),
            _ => Err(refused(path, "is neither a file nor a folder; remove it").into()),
        }
    }

    fn file(&mut self, path: String, kind: TreeFileKind, id: Oid) -> Result<(), PackFault> {
        let bytes = self.content(&path, id)?;
        if is_lfs_pointer(&bytes) {
            return Err(refused(path, "is a Git LFS pointer, not the file itself; commit the file without LFS").into());
        }
        self.found.files.push(TreeFile { path, kind, bytes });
        Ok(())
    }

    fn link(&mut self, path: String, id: Oid) -> Result<(), PackFault> {
        let target = self.content(&path, id)?;
        let Ok(target) = String::from_utf8(target) else {
            return Err(refused(path, "is a link to a name that is not UTF-8; rename it").into());
        };
        self.found.files.push(TreeFile { path, kind: TreeFileKind::Symlink { target }, bytes: Vec::new() });
        Ok(())
    }

    /// The bytes of a blob, whose size is looked at before it is unpacked.
    fn content(&mut self, path: &str, id: Oid) -> Result<Vec<u8>, PackFault> {
        let damaged = |error: git2::Error| PackFault::from(self.host.damaged(&error));
        let (size, kind) = self.odb.read_header(id).map_err(damaged)?;
        if kind != ObjectType::Blob {
            return Err(refused(path.to_owned(), "is not what its mode says; the repository is damaged").into());
        }
        let size = size as u64;
        if size > self.limits.file_bytes {
            let path = join(self.root.as_ref(), path);
            let what =
                format!("{path:?} has {size} bytes, and the limit for a file is {}", exactly(self.limits.file_bytes));
            return Err(too_large(what).into());
        }
        self.bytes += size;
        if self.bytes > self.limits.tree_bytes {
            return Err(
                too_large(format!("The files have more than {} in all", exactly(self.limits.tree_bytes))).into()
            );
        }
        Ok(self.odb.read(id).map_err(damaged)?.data().to_vec())
    }
}

/// The name of an entry, if it is one step down and can be said.
fn step<'n>(name: &'n [u8], above: &str) -> Result<&'n str, Refusal> {
    let shown = || join(above, &String::from_utf8_lossy(name));
    let Ok(text) = std::str::from_utf8(name) else {
        return Err(refused(shown(), "has a name that is not UTF-8; rename it"));
    };
    if text.starts_with('/') {
        return Err(refused(shown(), "has an absolute name; remove it, Git itself would not check it out"));
    }
    if matches!(text, "." | "..") || text.contains('/') {
        return Err(refused(shown(), "has a name that leads elsewhere; remove it, Git itself would not check it out"));
    }
    if text.eq_ignore_ascii_case(".git") {
        return Err(refused(shown(), "has Git's own name; remove it, Git itself would not check it out"));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(shown(), "has a control character in its name; rename it"));
    }
    Ok(text)
}

/// What Git LFS commits in place of a file (git-lfs/docs/spec.md: the version comes first, and it is never longer).
fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.len() < 1024
        && [&b"version https://git-lfs.github.com/spec/"[..], b"version https://hawser.github.com/spec/"]
            .iter()
            .any(|first| bytes.starts_with(first))
}

/// What Git and its hosts keep beside the content: ignore rules, attributes, their folders.
fn is_gits_own(name: &[u8]) -> bool {
    name.starts_with(b".git")
}

fn refused(path: String, why: &str) -> Refusal {
    Refusal::TreeRefused { path, why: format!("{why}.") }
}

fn too_large(what: String) -> Refusal {
    Refusal::TooLarge { what }
}

/// With what people configured it as, where that is whole.
fn exactly(bytes: u64) -> String {
    match bytes % (1 << 20) {
        0 => format!("{bytes} bytes ({} MiB)", bytes >> 20),
        _ => format!("{bytes} bytes"),
    }
}
