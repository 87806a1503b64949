//! docs/states.md, held against every world there is: what `Ready` says of any of them stands in the table.

use crate::api::v1alpha1::TengineDeploymentStatus;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../../docs/states.md");

struct Row {
    /// What READY may be.
    truths: &'static str,
    /// The words of STATUS.
    reasons: Vec<&'static str>,
    /// Whether there may be others of their kind.
    is_open: bool,
    /// Which other conditions may be True.
    besides: &'static str,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = TEXT.lines().skip_while(|line| !line.starts_with("| situation ")).skip(2);
    let rows: Vec<Row> = lines.take_while(|line| line.starts_with('|')).map(row).collect();
    assert!(rows.len() > 20, "docs/states.md has no table");
    rows
});

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split(" | ").map(str::trim).collect();
    let [_, truths, reasons, besides @ ..] = &cells[..] else { panic!("{line}") };
    Row {
        truths,
        reasons: reasons.split('`').skip(1).step_by(2).collect(),
        is_open: reasons.contains('…') || reasons.contains("as below") || reasons.contains("in the way"),
        besides: besides.first().copied().unwrap_or_default(),
    }
}

/// Panics where the table does not have what `Ready` says, or not beside what else is said.
pub fn admit(status: &TengineDeploymentStatus) {
    let is = |kind: &str| status.conditions.iter().find(|condition| condition.type_ == kind);
    let Some(ready) = is("Ready") else { return };
    if ready.reason == "Suspended" {
        return;
    }
    let listed = TABLE.iter().any(|row| row.reasons.contains(&ready.reason.as_str()));
    let fits = |row: &&Row| {
        let told = row.reasons.contains(&ready.reason.as_str()) || (!listed && row.is_open);
        told && row.truths.contains(&ready.status)
    };
    let rows: Vec<&Row> = TABLE.iter().filter(fits).collect();
    let said = format!("{} {}: {}", ready.status, ready.reason, ready.message);
    assert!(!rows.is_empty(), "docs/states.md has no row for {said}");
    for kind in ["Stalled", "Reconciling"] {
        let holds = is(kind).is_some_and(|condition| condition.status == "True");
        assert!(!holds || rows.iter().any(|row| row.besides.contains(kind)), "docs/states.md says nothing of {kind} beside {said}");
    }
}

#[test]
fn the_table_is_read() {
    let all: Vec<&str> = TABLE.iter().flat_map(|row| row.reasons.iter().copied()).collect();
    for word in ["UpToDate", "CoreFailed", "ConnectionTestFailed", "DeploymentPaused"] {
        assert!(all.contains(&word), "{word}");
    }
}
