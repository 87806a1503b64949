//! Definitions as people write them, judged by the check and by the core.
//!
//! `written/loads/*.rb`: what the core takes, of which the check must not say error. `written/refused/*.rb`: what it refuses, which the
//! check must tell, unless the case says why it cannot know. Cases are parted by lines `#== NAME`, in `refused` followed by `: CODE` or
//! `: nothing, WHY`; a further file of a load path begins with `#-- PATH`. Each begins with `require 'tengine_job'` unless its first
//! line is a comment.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

mod core;

use core::{File, judged};
use std::path::Path;
use tengine_dsl::{CheckOptions, Checked, RubyVersion, SourceFile, check};

struct Case {
    name: String,
    /// What is to be told of it: a code, or `nothing, WHY`. Empty where it loads.
    told: String,
    files: Vec<File>,
}

fn cases(folder: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/written").join(folder);
    let mut groups: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    groups.sort();
    let of_group = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let group = path.file_stem().unwrap().to_string_lossy().into_owned();
        format!("\n{text}").split("\n#== ").skip(1).map(|case| of_case(&group, case)).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

fn of_case(group: &str, text: &str) -> Case {
    let (title, text) = text.split_once('\n').unwrap();
    let (name, told) = title.split_once(": ").unwrap_or((title, ""));
    let mut parts = text.split("\n#-- ");
    let first = parts.next().unwrap();
    let first = if first.starts_with('#') { first.to_owned() } else { format!("require 'tengine_job'\n{first}") };
    let others = parts.map(|part| {
        part.split_once('\n').map(|(path, text)| (path.to_owned(), format!("{}\n", text.trim_end()))).unwrap()
    });
    let files = std::iter::once(("a.rb".to_owned(), first.trim_end().to_owned() + "\n")).chain(others).collect();
    Case { name: format!("{group}: {name}"), told: told.to_owned(), files }
}

impl Case {
    fn checked(&self) -> Checked {
        let files: Vec<_> = self.files.iter().map(|(path, text)| SourceFile::new(path.clone(), text.clone())).collect();
        let ruby: RubyVersion = "3.1".parse().unwrap();
        check(&files, &CheckOptions { ruby: Some(ruby), ..CheckOptions::default() })
    }
}

fn findings(checked: &Checked) -> Vec<String> {
    let told =
        |found: &tengine_dsl::Diagnostic| format!("{}:{} {}: {}", found.path, found.line, found.code, found.message);
    checked.diagnostics.iter().map(told).collect()
}

/// Those of `cases` that the core does not treat as `loads` says.
fn otherwise(cases: &[Case], loads: bool) -> Vec<String> {
    let trees: Vec<_> = cases.iter().map(|case| case.files.clone()).collect();
    let said = judged(&trees).unwrap_or_default();
    let wrong = cases.iter().zip(said).filter(|(_, said)| said.is_ok() != loads);
    wrong.map(|(case, said)| format!("{}: {said:?}", case.name)).collect()
}

#[test]
fn what_loads_is_no_error() {
    let cases = cases("loads");
    let told = |case: &Case| {
        let checked = case.checked();
        checked.has_errors().then(|| format!("{}: {:?}", case.name, findings(&checked)))
    };
    let wrong: Vec<_> = cases.iter().filter_map(told).collect();
    assert!(wrong.is_empty(), "{} false errors of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_refused_is_told_or_says_why_not() {
    let cases = cases("refused");
    let as_meant = |case: &Case| {
        let checked = case.checked();
        let as_meant = match case.told.split_once("nothing, ") {
            Some((_, why)) => why.len() > 10 && !checked.has_errors(),
            None => checked.has_errors() && checked.diagnostics.iter().any(|found| found.code == case.told),
        };
        (!as_meant).then(|| format!("{} is not {}: {:?}", case.name, case.told, findings(&checked)))
    };
    let wrong: Vec<_> = cases.iter().filter_map(as_meant).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_core_loads_and_refuses_as_they_say() {
    let [loads, refused] =
        [("loads", true), ("refused", false)].map(|(folder, loads)| otherwise(&cases(folder), loads));
    assert!(loads.is_empty(), "the core refuses:\n{}", loads.join("\n"));
    assert!(refused.is_empty(), "the core loads:\n{}", refused.join("\n"));
}
