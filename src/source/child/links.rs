//! Links that Tengine would load and that lead to nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::image::layer::{TreeFile, TreeFileKind};
use crate::source::Refusal;

/// How many links are followed one after the other (Linux, `MAXSYMLINKS`).
const MOST_IN_A_ROW: usize = 40;

/// The first link that ends in `.rb` and leads to nothing, or in a circle: Ruby lists such names, and ends when it loads them.
pub(super) fn dangling(files: &[TreeFile]) -> Option<Refusal> {
    let there: BTreeSet<&str> = files.iter().flat_map(|file| with_folders(&file.path)).collect();
    let links: BTreeMap<&str, &str> = files.iter().filter_map(link).collect();
    let leads_to_nothing =
        |path: &str| follow(path, &links).is_none_or(|end| !end.is_empty() && !there.contains(&*end));
    let (path, target) = links.iter().find(|(path, _)| is_ruby(path) && leads_to_nothing(path))?;
    let why = match follow(path, &links) {
        Some(end) if end == leads_to(path, target) => {
            format!("is a link to {target:?}, which is not there; Tengine could not load it.")
        }
        Some(end) => format!(
            "is a link to {target:?}, and in the end to {end:?}, which is not there; Tengine could not load it."
        ),
        None => format!("is a link to {target:?}, which leads back to itself; Tengine could not load it."),
    };
    Some(Refusal::TreeRefused { path: (*path).to_owned(), why })
}

fn link(file: &TreeFile) -> Option<(&str, &str)> {
    match &file.kind {
        TreeFileKind::Symlink { target } => Some((file.path.as_str(), target.as_str())),
        TreeFileKind::File { .. } => None,
    }
}

/// What a path is where every link on its way is followed; none if that has no end.
fn follow(path: &str, links: &BTreeMap<&str, &str>) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..MOST_IN_A_ROW {
        let Some(step) = with_folders(&path).find(|step| links.contains_key(step)) else { return Some(path) };
        let rest = path[step.len()..].trim_start_matches('/');
        path = leads_to(step, &format!("{}/{rest}", links[step]));
    }
    None
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
