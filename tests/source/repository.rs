//! Repositories made object by object, so that they can be as hostile as a real attacker's.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{ObjectType, Oid, Repository, Signature, Time};

pub const FILE: u32 = 0o100_644;
pub const SCRIPT: u32 = 0o100_755;
pub const LINK: u32 = 0o120_000;
pub const FOLDER: u32 = 0o040_000;
pub const SUBMODULE: u32 = 0o160_000;

pub const DRIVER: &[u8] = b"driver :billing do\n  on :ping do\n    event\n  end\nend\n";

/// A bare repository.
pub struct Repo {
    git: Repository,
}

/// One entry of a tree, written as it is given.
pub type Entry<'a> = (u32, &'a [u8], Oid);

impl Repo {
    pub fn create(path: &Path) -> Self {
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("main");
        let git = Repository::init_opts(path, &options).unwrap();
        Self { git }
    }

    pub fn set(&self, key: &str, value: bool) {
        self.git.config().unwrap().set_bool(key, value).unwrap();
    }

    pub fn blob(&self, bytes: &[u8]) -> Oid {
        self.git.blob(bytes).unwrap()
    }

    /// A tree of these entries in this order, however wrong they are.
    pub fn tree(&self, entries: &[Entry<'_>]) -> Oid {
        let mut raw = Vec::new();
        for (mode, name, id) in entries {
            raw.extend_from_slice(format!("{mode:o} ").as_bytes());
            raw.extend_from_slice(name);
            raw.push(0);
            raw.extend_from_slice(id.as_bytes());
        }
        self.git.odb().unwrap().write(ObjectType::Tree, &raw).unwrap()
    }

    /// A commit on `reference`, on top of what that is at.
    pub fn commit(&self, reference: &str, message: &str, tree: Oid) -> String {
        let above = self.git.refname_to_id(reference).ok().map(|id| self.git.find_commit(id).unwrap());
        let id = self.orphan(message, tree, above.as_ref().map(git2::Commit::id));
        self.git.reference(reference, id.parse().unwrap(), true, "").unwrap();
        id
    }

    /// A commit that no reference has.
    pub fn orphan(&self, message: &str, tree: Oid, above: Option<Oid>) -> String {
        let author = Signature::new("Hanako Sato", "hanako@example.com", &Time::new(1_000_000_000, 540)).unwrap();
        let tree = self.git.find_tree(tree).unwrap();
        let above: Vec<_> = above.into_iter().map(|id| self.git.find_commit(id).unwrap()).collect();
        let above: Vec<_> = above.iter().collect();
        self.git.commit(None, &author, &author, message, &tree, &above).unwrap().to_string()
    }

    /// A commit on `main` whose object is written as it is given, but for its tree.
    pub fn raw_commit(&self, tree: Oid, rest: &[u8]) -> String {
        let raw = [format!("tree {tree}\n").as_bytes(), rest].concat();
        let id = self.git.odb().unwrap().write(ObjectType::Commit, &raw).unwrap();
        // libgit2 points no reference at what it cannot read itself.
        std::fs::write(self.git.path().join("refs/heads/main"), format!("{id}\n")).unwrap();
        id.to_string()
    }

    /// A commit on `main` with these files at the root.
    pub fn push(&self, files: &[(&str, &[u8])]) -> String {
        let entries: Vec<_> = files.iter().map(|(name, bytes)| (FILE, name.as_bytes(), self.blob(bytes))).collect();
        self.commit("refs/heads/main", "Bill at night\n\nwith a body", self.tree(&entries))
    }

    /// A tree with these files, in folders where their names say so.
    pub fn nested(&self, files: &BTreeMap<String, Vec<u8>>) -> Oid {
        let mut below: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        let mut entries: Vec<(u32, String, Oid)> = Vec::new();
        for (path, bytes) in files {
            match path.split_once('/') {
                Some((folder, rest)) => drop(below.entry(folder).or_default().insert(rest.to_owned(), bytes.clone())),
                None => entries.push((FILE, path.clone(), self.blob(bytes))),
            }
        }
        entries.extend(below.into_iter().map(|(folder, files)| (FOLDER, folder.to_owned(), self.nested(&files))));
        // As Git sorts them: a folder as if its name ended in a slash.
        entries.sort_by_key(|(mode, name, _)| if *mode == FOLDER { format!("{name}/") } else { name.clone() });
        let entries: Vec<_> = entries.iter().map(|(mode, name, id)| (*mode, name.as_bytes(), *id)).collect();
        self.tree(&entries)
    }

    /// An annotated tag of any object; the answer is the tag.
    pub fn annotate(&self, name: &str, commit: &str) -> String {
        let target = self.git.find_object(commit.parse().unwrap(), None).unwrap();
        let tagger = Signature::new("Taro", "taro@example.com", &Time::new(1_000_000_000, 0)).unwrap();
        self.git.tag(name, &target, &tagger, "release", false).unwrap().to_string()
    }

    /// The repository is one that was itself cloned with this commit as the last of its history.
    pub fn cut_at(&self, commit: &str) {
        std::fs::write(self.git.path().join("shallow"), format!("{commit}\n")).unwrap();
    }

    pub fn head_at(&self, reference: &str) {
        std::fs::write(self.git.path().join("HEAD"), format!("ref: {reference}\n")).unwrap();
    }

    /// Many references on one commit, as `git pack-refs` writes them.
    pub fn pack_references(&self, names: impl Iterator<Item = String>, commit: &str) {
        let mut lines: Vec<_> = names.map(|name| format!("{commit} {name}\n")).collect();
        lines.sort();
        let text = format!("# pack-refs with: peeled fully-peeled sorted \n{}", lines.concat());
        std::fs::write(self.git.path().join("packed-refs"), text).unwrap();
    }

    pub fn point(&self, reference: &str, commit: &str) {
        self.git.reference(reference, commit.parse().unwrap(), true, "").unwrap();
    }
}

/// Bytes that do not compress.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}
