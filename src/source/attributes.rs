//! What a commit's `.gitattributes` leave out of an archive (`export-ignore`), by the rules of `git archive`.
//!
//! Patterns are matched by `gix-attributes`, which follows Git. Only what is committed counts: neither the host's configuration
//! nor a file outside the commit.

use std::path::{Path, PathBuf};

use gix_attributes::glob::pattern::Case;
use gix_attributes::search::{MetadataCollection, Outcome};
use gix_attributes::{Search, StateRef};

use super::refusal::join;

/// The name of the files, which count for the folder they are in and all below.
pub(crate) const FILE: &str = ".gitattributes";

const EXPORT_IGNORE: &str = "export-ignore";

/// The attributes of the folder that is being read: its own file and those of all folders above.
#[derive(Default)]
pub(crate) struct Attributes {
    search: Search,
    names: MetadataCollection,
    outcome: Outcome,
}

impl Attributes {
    /// Enters `folder`, seen from the commit's root, whose file has these bytes. Nested ones go before those above.
    pub(crate) fn enter(&mut self, folder: &str, bytes: &[u8]) -> std::io::Result<()> {
        let source = PathBuf::from(join(folder, FILE));
        // As in Git, only the root's file can give several attributes one name.
        let may_define = folder.is_empty();
        self.search.add_patterns_buffer(bytes, source, Some(Path::new("")), &mut self.names, may_define)?;
        self.outcome.initialize_with_selection(&self.names, [EXPORT_IGNORE]);
        Ok(())
    }

    /// Leaves the folder that was entered last.
    pub(crate) fn leave(&mut self) {
        self.search.pop_pattern_list();
    }

    /// Whether `path`, seen from the commit's root, stays out of an archive; a folder with all that is in it.
    pub(crate) fn leave_out(&mut self, path: &str, kind: Kind) -> bool {
        if self.search.num_pattern_lists() == 0 {
            return false;
        }
        self.outcome.reset();
        let is_folder = Some(kind == Kind::Folder);
        self.search.pattern_matching_relative_path(path.into(), Case::Sensitive, is_folder, &mut self.outcome);
        self.outcome.iter_selected().any(|found| found.assignment.state == StateRef::Set)
    }
}

/// What a pattern that ends in `/` wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder, or a submodule, which would be one.
    Folder,
    /// Everything else.
    File,
}

/// What is said of so much that was left out, if anything was.
pub(crate) fn left_out(entries: u64) -> Option<String> {
    match entries {
        0 => None,
        1 => Some("One file or folder is left out: export-ignore in .gitattributes.".to_owned()),
        more => Some(format!("{more} files and folders are left out: export-ignore in .gitattributes.")),
    }
}
