//! Definitions as people write them, judged by the check and by the core.
//!
//! `written/loads/*.rb`: what the core takes, of which the check must not say error. `written/refused/*.rb`: what it refuses, which the
//! check must tell, unless the case says why it cannot know.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

mod cases;
mod core;

use cases::{Case, cases};
use core::judged;
use tengine_dsl::Checked;

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
        let checked = cases::checked(&case.files);
        checked.has_errors().then(|| format!("{}: {:?}", case.name, findings(&checked)))
    };
    let wrong: Vec<_> = cases.iter().filter_map(told).collect();
    assert!(wrong.is_empty(), "{} false errors of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_refused_is_told_or_says_why_not() {
    let cases = cases("refused");
    let as_meant = |case: &Case| {
        let checked = cases::checked(&case.files);
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
