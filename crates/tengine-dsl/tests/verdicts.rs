//! Definitions with the verdict of Tengine's own loader: 1.2.2 with its models and validations, on Ruby 3.1.
//!
//! `tests/verdicts/cases/NAME` is a load path, `verdicts.tsv` says what became of it. The check must not say error where Tengine
//! loads. Where Tengine refuses and the check has nothing to say, `silent.tsv` says why it cannot know; where it says no more
//! than a warning, `warned.tsv` says why it is not certain.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tengine_dsl::{CheckOptions, Checked, SourceFile, check};

struct Case {
    name: String,
    loads: bool,
    /// What the loader said, where it refused.
    said: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts")
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| row.split('\t').map(str::to_owned).collect()).collect()
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = rows("verdicts.tsv")
        .into_iter()
        .map(|row| Case { name: row[0].clone(), loads: row[1] == "loads", said: row[2..].join(" ") })
        .collect();
    assert!(cases.len() > 600, "the corpus is there");
    cases
}

fn files(path: &Path, prefix: &str, out: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("{prefix}{}", entry.file_name().unwrap().to_string_lossy());
        if entry.is_dir() {
            files(&entry, &format!("{name}/"), out);
        } else {
            out.push(SourceFile::new(name, fs::read(&entry).unwrap()));
        }
    }
}

fn checked(case: &Case) -> Checked {
    let mut tree = Vec::new();
    files(&root().join("cases").join(&case.name), "", &mut tree);
    check(&tree, &CheckOptions::default())
}

fn told(checked: &Checked) -> String {
    let mut out = String::new();
    for found in &checked.diagnostics {
        write!(out, " | {}:{} {} {}", found.path, found.line, found.code, found.message).unwrap();
    }
    out
}

/// The cases of a list, each with its reason.
fn listed(file: &str) -> BTreeMap<String, String> {
    let rows = rows(file).into_iter();
    rows.map(|row| {
        assert!(row.len() == 2 && row[1].len() > 10, "{file}: {} has no reason", row[0]);
        (row[0].clone(), row[1].clone())
    })
    .collect()
}

#[test]
fn an_error_is_only_told_where_tengine_refuses() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter(|case| case.loads)
        .map(|case| (case, checked(case)))
        .filter(|(_, checked)| checked.has_errors())
        .map(|(case, checked)| format!("{}{}", case.name, told(&checked)))
        .collect();
    assert!(wrong.is_empty(), "{} false errors:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_tengine_refuses_is_told_or_listed_with_the_reason_why_not() {
    let (silent, warned) = (listed("silent.tsv"), listed("warned.tsv"));
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| !case.loads) {
        let checked = checked(case);
        let said = match (checked.has_errors(), checked.has_findings()) {
            (true, _) => "error",
            (false, true) => "warning",
            (false, false) => "nothing",
        };
        let expected = match (warned.contains_key(&case.name), silent.contains_key(&case.name)) {
            (true, _) => "warning",
            (false, true) => "nothing",
            (false, false) => "error",
        };
        if said != expected {
            wrong.push(format!("{}: says {said}, not {expected}: {}{}", case.name, case.said, told(&checked)));
        }
    }
    assert!(wrong.is_empty(), "{} not as listed:\n{}", wrong.len(), wrong.join("\n"));
    assert!(silent.len() <= 20, "{} are not told", silent.len());
}

#[test]
fn what_the_ruby_of_the_base_cannot_read_is_an_error() {
    let told = |ruby: &str| {
        let mut tree = Vec::new();
        files(&root().join("cases/s_anon_splat"), "", &mut tree);
        check(&tree, &CheckOptions { ruby: Some(ruby.parse().unwrap()), ..CheckOptions::default() })
    };
    assert!(told("3.1.4").has_errors());
    assert!(!told("3.2").has_findings());
}
