//! `dictionary.yml`: display names of the files and folders beside it.

use crate::parse::Finding;
use crate::rules::Code;
use crate::source::{SourceFile, Span, Text, offset};
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};

/// Whether Tengine reads the dictionary at `path`: a root jobnet is certainly defined in a folder beside it.
pub fn is_read<'f>(path: &str, mut defining: impl Iterator<Item = &'f str>) -> bool {
    let folder = path.strip_suffix("dictionary.yml").unwrap_or(path);
    defining.any(|file| file.strip_prefix(folder).is_some_and(|below| below.contains('/')))
}

/// The finding that a dictionary cannot be read; `read` says whether Tengine tries.
pub fn unreadable(read: bool, span: Span, message: String) -> Finding {
    Finding::new(if read { Code::DictionarySyntax } else { Code::DictionaryUnread }, span, message)
}

/// What is wrong with the dictionary `file`, whose index is `index`; `paths` are all files of the load path.
pub fn check(index: u32, file: &SourceFile, text: &Text, paths: &BTreeSet<&str>, read: bool) -> Vec<Finding> {
    let at = |start: u32, end: u32| Span { file: index, start, end };
    let source = text.as_str();
    if source.contains("<%") {
        return Vec::new();
    }
    let entries = match parse(source) {
        Ok(entries) => entries,
        Err((offset, message)) => {
            return vec![unreadable(read, at(offset, offset), message)];
        }
    };
    let folder = file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let is_there = |name: &str| {
        let path = format!("{folder}{name}");
        let inside = format!("{path}/");
        paths.contains(path.as_str()) || paths.range(inside.as_str()..).next().is_some_and(|p| p.starts_with(&inside))
    };
    entries
        .iter()
        .filter(|name| !is_there(name) && !is_there(&format!("{name}.rb")))
        .map(|name| {
            let start = source.find(name.as_str()).map_or(0, offset);
            let message = format!("dictionary.yml names \"{name}\", which is not beside it");
            Finding::new(Code::DictionaryUnknownName, at(start, start + offset(name.len())), message)
        })
        .collect()
}

/// The keys, or where and why it cannot be read. Whether Tengine minds is known of a list, of nothing, and of what is no YAML;
/// anything else has no keys that could be judged.
fn parse(source: &str) -> Result<Vec<String>, (u32, String)> {
    #[expect(clippy::zero_sized_map_values, reason = "a YAML map is read; its values do not matter")]
    let names = |map: BTreeMap<String, IgnoredAny>| map.into_keys().collect();
    if source.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Err((0, "dictionary.yml is empty: it must be a list of name: \"display name\"".to_owned()));
    }
    if let Ok(map) = serde_saphyr::from_str(source) {
        return Ok(names(map));
    }
    if serde_saphyr::from_str::<Vec<IgnoredAny>>(source).is_ok() {
        return Err((0, "dictionary.yml must be a list of name: \"display name\", not a list of items".to_owned()));
    }
    match serde_saphyr::from_str::<IgnoredAny>(source) {
        Err(error) if !error.to_string().contains("duplicate") => {
            let place =
                error.location().map_or(0, |place| byte_of(source, number(place.line()), number(place.column())));
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            Err((place, format!("dictionary.yml must be a list of name: \"display name\": {first}")))
        }
        Ok(_) | Err(_) => Ok(Vec::new()),
    }
}

fn byte_of(source: &str, line: usize, column: usize) -> u32 {
    let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = source.get(start..).unwrap_or_default();
    let within: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    offset(start + within)
}

fn number(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
