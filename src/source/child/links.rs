//! Links that Tengine would load and that lead to nothing.

use std::collections::BTreeSet;
use std::path::Path;

use crate::image::layer::{TreeFile, TreeFileKind};
use crate::source::Refusal;

/// The first link that ends in `.rb` and leads to nothing: Ruby lists such names, and ends when it loads them.
///
/// What lies behind another link is not followed, and taken to be there.
pub(super) fn dangling(files: &[TreeFile]) -> Option<Refusal> {
    let there: BTreeSet<&str> = files.iter().flat_map(|file| with_folders(&file.path)).collect();
    let links = || {
        files.iter().filter_map(|file| match &file.kind {
            TreeFileKind::Symlink { target } => Some((file.path.as_str(), target)),
            TreeFileKind::File { .. } => None,
        })
    };
    let names: BTreeSet<&str> = links().map(|(path, _)| path).collect();
    let (path, target) = links().filter(|(path, _)| is_ruby(path)).find(|(path, target)| {
        let leads_to = leads_to(path, target);
        let behind_a_link = with_folders(&leads_to).any(|step| names.contains(step));
        !leads_to.is_empty() && !there.contains(leads_to.as_str()) && !behind_a_link
    })?;
    let why = format!("is a link to {target:?}, which is not there; Tengine could not load it.");
    Some(Refusal::TreeRefused { path: path.to_owned(), why })
}

fn is_ruby(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rb")
}

/// The path itself, after every folder above it.
fn with_folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end]).chain([path])
}

/// Where a relative link leads to by its text alone.
fn leads_to(path: &str, target: &str) -> String {
    let mut steps: Vec<_> = path.split('/').collect();
    steps.pop();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}
