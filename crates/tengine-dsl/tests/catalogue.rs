//! Every example of the rule catalogue does what it says.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use tengine_dsl::{CheckOptions, Checked, SourceFile, catalogue, check};

fn checked(text: &str) -> Checked {
    check(&[SourceFile::new("nightly.rb", text)], &CheckOptions::default())
}

#[test]
fn every_wrong_example_is_found() {
    for rule in catalogue::RULES.iter().filter(|rule| !rule.wrong.is_empty()) {
        let found: Vec<_> = checked(rule.wrong).diagnostics.into_iter().map(|found| found.code).collect();
        assert!(found.iter().any(|code| code == rule.code), "{}: found {found:?} in\n{}", rule.code, rule.wrong);
    }
}

#[test]
fn every_right_example_is_clean() {
    for rule in catalogue::RULES.iter().filter(|rule| !rule.right.is_empty()) {
        let found = checked(rule.right).diagnostics;
        assert!(found.is_empty(), "{}: {found:#?} in\n{}", rule.code, rule.right);
    }
}

#[test]
fn codes_are_unique_and_in_kebab_case() {
    let mut codes: Vec<_> = catalogue::RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn the_page_of_rules_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let page = catalogue::page();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/rules.md is old: tengine-operator check --explain all > docs/rules.md");
}
