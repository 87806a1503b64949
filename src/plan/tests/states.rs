//! docs/states.md, held against every world there is: what `Ready` says of any of them, and what stands beside it, is a row of the
//! table; and the table has no word that nobody says.

use super::pages::{table, words};
use super::world::World;
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::{blocked, invalid};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

const PAGE: &str = "states.md";

/// Conditions that are not there unless a row names them.
const SAID_OR_ABSENT: [&str; 3] = ["Stalled", "Reconciling", "HeldBack"];

/// Reasons of other conditions only.
const NEVER_READY: [Reason; 7] = [
    Reason::Succeeded,
    Reason::NotChecked,
    Reason::FellBack,
    Reason::UpstreamRejected,
    Reason::QueueShared,
    Reason::DatabaseShared,
    Reason::PassingOn,
];

/// Rows of which no world speaks, because the shell says them where there is no plan. `what_the_shell_says` does.
const OF_THE_SHELL: [Reason; 2] = [Reason::InvalidSpec, Reason::WriteRefused];

struct Row {
    situation: &'static str,
    /// What READY may be.
    truths: Vec<&'static str>,
    /// The words of STATUS.
    reasons: Vec<&'static str>,
    besides: Vec<Beside>,
}

/// What a row says of another condition.
struct Beside {
    kind: &'static str,
    truth: &'static str,
    /// Whether it is so always, and not only *where* something else is so.
    always: bool,
}

static TABLE: LazyLock<Vec<Row>> =
    LazyLock::new(|| table(PAGE, "| situation ").iter().map(|cells| row(cells)).collect());

fn row(cells: &[&'static str]) -> Row {
    let &[situation, truths, reasons, besides] = cells else { panic!("four cells: {cells:?}") };
    Row {
        situation,
        truths: truths.split(' ').filter(|word| ["True", "False", "Unknown"].contains(word)).collect(),
        reasons: words(reasons),
        besides: beside(besides),
    }
}

/// Each word in backticks, with what is said of it before the next one.
fn beside(cell: &'static str) -> Vec<Beside> {
    let parts: Vec<&str> = cell.split('`').skip(1).collect();
    let said = parts.chunks(2).map(|said| (said[0], said.get(1).copied().unwrap_or_default()));
    said.map(|(kind, of_it)| {
        let of_it = of_it.trim();
        let truth = of_it.split([',', ';', ' ']).next().filter(|word| ["False", "Unknown"].contains(word));
        Beside { kind, truth: truth.unwrap_or("True"), always: !of_it.contains("where ") }
    })
    .collect()
}

impl Row {
    /// What of a status is not as this row has it.
    fn complaints(&self, status: &TengineDeploymentStatus) -> Vec<String> {
        let truth = |kind: &str| find(status, kind).map_or("absent", |found| found.status.as_str());
        let wrong = |beside: &&Beside| beside.always && truth(beside.kind) != beside.truth;
        let lacking = self.besides.iter().filter(wrong).map(|beside| {
            let is = truth(beside.kind);
            format!("{} is {is} and not {}", beside.kind, beside.truth)
        });
        let named = |kind: &str| self.besides.iter().any(|beside| beside.kind == kind);
        let more = SAID_OR_ABSENT
            .into_iter()
            .filter(|kind| truth(kind) != "absent" && !named(kind) && !is_older(status, kind));
        lacking.chain(more.map(|kind| format!("{kind} is not named"))).collect()
    }
}

/// Whether it is what may stand beside every row that is not True: that a roll-out was taken back, while something newer is on its way.
fn is_older(status: &TengineDeploymentStatus, kind: &str) -> bool {
    let fell_back = |held: &Condition| held.type_ == kind && held.reason == Reason::FellBack.word();
    let is_well = find(status, "Ready").is_some_and(|ready| ready.status == "True");
    kind == "HeldBack" && find(status, kind).is_some_and(fell_back) && !is_well && status.next.is_some()
}

fn find<'a>(status: &'a TengineDeploymentStatus, kind: &str) -> Option<&'a Condition> {
    status.conditions.iter().find(|condition| condition.type_ == kind)
}

/// Panics where no row has what `Ready` says together with what stands beside it.
pub fn admit(status: &TengineDeploymentStatus) {
    let Some(ready) = find(status, "Ready") else { return };
    let said = |row: &&Row| row.truths.contains(&ready.status.as_str()) && row.reasons.contains(&ready.reason.as_str());
    let complaints: Vec<_> = TABLE.iter().filter(said).map(|row| (row.situation, row.complaints(status))).collect();
    if complaints.iter().any(|(_, complaints)| complaints.is_empty()) {
        return;
    }
    panic!("docs/states.md has no row for {} {}: {}\n{complaints:#?}", ready.status, ready.reason, ready.message);
}

/// Both ways: a word that is new has a row, and a word that is gone has none.
#[test]
fn the_table_has_every_reason_that_ready_can_have() {
    let told: BTreeSet<&str> = TABLE.iter().flat_map(|row| row.reasons.iter().copied()).collect();
    let known = Reason::ALL.iter().filter(|reason| !NEVER_READY.contains(reason)).map(|reason| reason.word());
    assert_eq!(told, known.collect());
}

/// What the shell says where it does not plan, or cannot carry a plan out.
#[test]
fn what_the_shell_says() {
    let mut world = World::new(&Value::Null);
    world.settle();
    let seen = world.object.status.clone().unwrap();
    world.edit(|spec| spec.source.git.as_mut().unwrap().url = "nowhere".into());
    let problems = crate::plan::validate(&world.object).unwrap_err();
    let invalid = invalid(&problems, 2, &seen, world.now);
    let blocked = [Reason::WriteRefused, Reason::ReadRefused, Reason::NameTaken]
        .map(|reason| blocked(seen.clone(), reason, "applying Deployment x: forbidden", world.now));
    for status in blocked.iter().chain([&invalid]) {
        admit(status);
    }
    let said = |status: &TengineDeploymentStatus| find(status, "Ready").unwrap().reason.clone();
    assert_eq!(said(&invalid), "InvalidSpec");
    assert_eq!(blocked.each_ref().map(said), ["WriteRefused", "ReadRefused", "NameTaken"]);
}

/// Each row is one that a story ends at or comes through: `world.line()` is compared with READY and STATUS as people see them.
#[test]
fn every_row_is_met_by_a_story() {
    let stories = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/tests"));
    let is_told = |row: &&Row| {
        let all = row.truths.iter().flat_map(|truth| row.reasons.iter().map(move |reason| format!("{truth} {reason}")));
        all.into_iter().any(|line| stories.contains(&line))
            || OF_THE_SHELL.iter().any(|reason| row.reasons == [reason.word()] || row.reasons[0] == reason.word())
    };
    let unmet: Vec<&str> = TABLE.iter().filter(|row| !is_told(row)).map(|row| row.situation).collect();
    assert!(unmet.is_empty(), "no story tells of: {}", unmet.join("\n"));
}

/// All stories but this file.
fn texts(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let stories = entries.filter(|path| !path.ends_with("states.rs"));
    stories.map(|path| if path.is_dir() { texts(&path) } else { std::fs::read_to_string(path).unwrap() }).collect()
}
