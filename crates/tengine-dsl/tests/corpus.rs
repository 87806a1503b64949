//! The corpus of definitions: what the check says of each, and what the core does with each.
//!
//! `definitions/RULE/wrong-N` must be found by RULE, `right-N` and everything in `clean` must be clean. What is
//! said of a definition stands beside it (`.txt`); `UPDATE_EXPECTED=1` writes it again.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tengine_dsl::{CheckOptions, Checked, Extent, SourceFile, catalogue, check};

/// Rules about what comes after loading: the core loads such a definition.
const ABOUT_RUNNING: &[&str] = &["no-ruby-file"];

/// What the stand-in core takes and Tengine's own loader refuses, as `verdicts.rs` holds it.
const REFUSED_BY_TENGINE_ALONE: &[&str] = &["invalid-filter", "name-not-text"];

struct Case {
    family: String,
    name: String,
    path: PathBuf,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions")
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for family in entries(&root()) {
        for path in entries(&family) {
            if path.extension().is_none_or(|extension| extension == "rb") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                cases.push(Case { family: family.file_name().unwrap().to_string_lossy().into_owned(), name, path });
            }
        }
    }
    assert!(cases.len() > 150, "the corpus is there");
    cases
}

fn files(path: &Path, prefix: &str, out: &mut Vec<SourceFile>) {
    for entry in entries(path) {
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
    if case.path.is_dir() {
        files(&case.path, "", &mut tree);
        return check(&tree, &CheckOptions::default());
    }
    let name = case.path.file_name().unwrap().to_string_lossy().into_owned();
    tree.push(SourceFile::new(name, fs::read(&case.path).unwrap()));
    // A single file of the corpus is a whole load path; nothing stands beside it that it might require.
    check(&tree, &CheckOptions { extent: Extent::Whole, ..CheckOptions::default() })
}

fn told(checked: &Checked) -> String {
    let mut out = String::new();
    for found in &checked.diagnostics {
        let (path, severity, code) = (&found.path, found.severity, &found.code);
        let place = format!("{}:{}-{}:{}", found.line, found.column, found.end_line, found.end_column);
        let help = found.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        writeln!(out, "{path}:{place} {severity}[{code}] {}{help}", found.message).unwrap();
    }
    writeln!(out, "{}", checked.summary).unwrap();
    out
}

#[test]
fn every_definition_is_judged_as_written_beside_it() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let beside = case.path.with_file_name(format!("{}.txt", case.name));
        let told = told(&checked(&case));
        if update {
            fs::write(&beside, &told).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected != told {
            wrong.push(format!("{}/{}\nexpected:\n{expected}\ntold:\n{told}", case.family, case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_finds_what_is_wrong_and_leaves_what_is_right() {
    let mut failures = Vec::new();
    for case in cases() {
        let checked = checked(&case);
        let found = checked.diagnostics.iter().any(|found| found.code == case.family);
        let as_meant = if case.name.starts_with("wrong-") { found } else { checked.diagnostics.is_empty() };
        if !as_meant {
            failures.push(format!("{}/{}:\n{}", case.family, case.name, told(&checked)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_rule_has_a_wrong_and_a_right_definition() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in cases() {
        let count = counts.entry(case.family).or_default();
        count.0 += usize::from(case.name.starts_with("wrong-"));
        count.1 += usize::from(case.name.starts_with("right-"));
    }
    for rule in catalogue::RULES {
        // Those of the catalogue are checked in `catalogue.rs`.
        let (wrong, right) = counts.get(rule.code).copied().unwrap_or_default();
        let shown = !rule.wrong.is_empty();
        assert!(shown || (wrong >= 2 && right >= 2), "{} has {wrong} wrong and {right} right definitions", rule.code);
    }
}

#[test]
fn the_core_agrees() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hack/tengine-core/bin/tengine_load_only");
    let cases = cases();
    let output = Command::new("ruby").arg(&core).arg("--json").args(cases.iter().map(|case| &case.path)).output();
    let Ok(output) = output else {
        eprintln!("not compared with the core: there is no ruby here");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let results: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.len(), cases.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut failures = Vec::new();
    for (case, result) in cases.iter().zip(&results) {
        let checked = checked(case);
        let loads = result["ok"].as_bool().unwrap();
        let errors = checked.diagnostics.iter().filter(|found| found.severity == tengine_dsl::Severity::Error);
        let refused = errors
            .filter(|found| ![ABOUT_RUNNING, REFUSED_BY_TENGINE_ALONE].concat().contains(&found.code.as_str()))
            .count()
            > 0;
        if (refused && loads) || (!loads && checked.diagnostics.is_empty()) {
            failures.push(format!("{}/{}: core says {result}\n{}", case.family, case.name, told(&checked)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
