//! What `require`, `require_relative` and `load` name.

use crate::vocabulary::{LIBRARIES, closest, is_known_library};

/// What a name leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The file with this index.
    InTree(usize),
    /// A library or gem, or something that cannot be known here.
    Library,
    /// A file that is not there; with advice, where there is some.
    Missing(Option<String>),
}

/// Finds what `word name` in the file `here` leads to. The load path's root is on Ruby's own.
pub fn resolve(word: &str, name: &str, here: &str, find: impl Fn(&str) -> Option<usize>) -> Resolved {
    let with_suffix = |path: &str| format!("{}.rb", path.strip_suffix(".rb").unwrap_or(path));
    let wanted = if word == "load" { name.to_owned() } else { with_suffix(name) };
    let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
    let relative = normal(&format!("{folder}/{wanted}"));
    if word == "require_relative" {
        return match relative {
            Some(path) => find(&path).map_or(Resolved::Missing(None), Resolved::InTree),
            None => Resolved::Library,
        };
    }
    if name.starts_with('/') || name.starts_with('~') {
        return Resolved::Missing(Some("a path of one machine is not there on another".to_owned()));
    }
    if let Some(found) = normal(&wanted).and_then(|path| find(&path)) {
        return Resolved::InTree(found);
    }
    if is_known_library(name) {
        return Resolved::Library;
    }
    if let Some(path) = relative.filter(|path| find(path).is_some()) {
        let advice = format!("{path} is there: write require_relative \"{name}\"");
        return Resolved::Missing(Some(advice));
    }
    if name.starts_with("./") || name.starts_with("../") || word == "load" {
        Resolved::Missing(None)
    } else if let Some(near) = near_library(name) {
        Resolved::Missing(Some(format!("did you mean \"{near}\"?")))
    } else {
        Resolved::Library
    }
}

/// A library that is probably meant. Short names of gems are close to each other by chance.
fn near_library(name: &str) -> Option<&'static str> {
    const SHORT: usize = 6;
    (name.len() >= SHORT).then(|| closest(name, LIBRARIES.iter().copied())).flatten()
}

/// `a/../b` as `b`; `None` if it leaves the load path.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
