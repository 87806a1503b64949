//! The README's table of STATUS words is the one in the code: every reason with its meaning and what to do.

use tengine_operator::api::v1alpha1::condition::Reason;

#[test]
fn every_reason_is_explained_as_in_the_code() {
    let readme = include_str!("../README.md");
    // Steps say Succeeded; Ready never does.
    for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::Succeeded) {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{reason}` |")));
        let row = row.unwrap_or_else(|| panic!("the README does not explain {reason}"));
        let advice = if reason.advice().is_empty() { "–" } else { reason.advice() };
        let want = format!("| `{reason}` | {} | {advice} |", reason.meaning().trim());
        assert_eq!(row, want);
    }
}
