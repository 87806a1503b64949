//! The README's tables of conditions and STATUS words are those of the code, with their meaning and what to do.

use tengine_operator::api::v1alpha1::condition::{ConditionType, Reason};

#[test]
fn every_reason_is_explained_as_in_the_code() {
    let readme = include_str!("../README.md");
    // Steps say Succeeded and HeldBack says FellBack; neither is a STATUS.
    let elsewhere = [Reason::Succeeded, Reason::FellBack];
    let mut missing = Vec::new();
    for reason in Reason::ALL.iter().filter(|reason| !elsewhere.contains(reason)) {
        let advice = if reason.advice().is_empty() { "–" } else { reason.advice() };
        let row = format!("| `{reason}` | {} | {advice} |", reason.meaning().trim());
        if !readme.lines().any(|line| line == row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "the README lacks these rows:\n{}", missing.join("\n"));
}

#[test]
fn every_condition_is_explained_as_in_the_code() {
    let readme = include_str!("../README.md");
    for condition in ConditionType::ALL {
        let row = format!("| `{condition}` | {} |", condition.meaning().trim());
        assert!(readme.lines().any(|line| line == row), "the README lacks: {row}");
    }
}
