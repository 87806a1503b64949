//! docs/release.md, held against the code: how far a release is, what it goes on to, and which one should run.

use super::pages::{table, words};
use crate::api::v1alpha1::{ReleaseState, TengineReleaseStatus};
use crate::plan::releases::Fate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const PAGE: &str = "release.md";

/// What each state goes on to.
static GOES_ON: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let rows = table(PAGE, "| state | while ");
    let each = |row: Vec<&'static str>| {
        let refused: Vec<&str> =
            words(row[0]).into_iter().filter(|_| row[2].contains("another of these words")).collect();
        words(row[0]).into_iter().map(move |state| (state, [words(row[2]), refused.clone()].concat()))
    };
    rows.into_iter().flat_map(each).collect()
});

fn word(state: Option<ReleaseState>) -> String {
    let Value::String(word) = json!(state) else { return "-".to_owned() };
    word
}

/// Panics where a release gets from one state to another on a way that the page does not have.
pub fn admit(before: &TengineReleaseStatus, after: &TengineReleaseStatus) {
    let (from, to) = (word(before.state), word(after.state));
    let follows = |from: &str| GOES_ON.get(from).is_some_and(|all| all.contains(&to.as_str()));
    let is_first = before.state.is_none() && (to == "Building" || follows("Building"));
    let goes_on = follows(&from);
    assert!(from == to || is_first || goes_on, "docs/release.md lets {from} not go on to {to}: {after:?}");
}

#[test]
fn the_page_has_every_state_and_no_other() {
    let crds = crate::api::crds();
    let release = crds.iter().find(|crd| crd["spec"]["names"]["kind"] == "TengineRelease").unwrap();
    let schema = &release["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
    let known: BTreeSet<&str> =
        schema["properties"]["state"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(GOES_ON.keys().copied().collect::<BTreeSet<_>>(), known);
    assert!(GOES_ON.values().flatten().all(|state| known.contains(state)), "{GOES_ON:?}");
}

#[test]
fn a_fate_is_what_is_written_down() {
    let rows = table(PAGE, "| fate |");
    for row in &rows {
        let mut status = json!({ "state": "CoreFailed" });
        for said in row[1].split(", ").filter(|said| !said.starts_with("no ")) {
            for field in words(said).into_iter().filter(|field| *field != "state") {
                status[field] = json!(if field == "image" { "r/x@sha256:0" } else { "2026-01-01T00:00:00Z" });
            }
        }
        let fate = format!("{:?}", Fate::of(&serde_json::from_value(status).unwrap()));
        assert!(fate.starts_with(row[0]), "{}: {fate}", row[0]);
    }
    assert_eq!(rows.len(), 4);
}

/// The rows of the page are those of the code, in their order.
#[test]
fn which_one_should_run_is_asked_in_this_order() {
    let code = include_str!("../choose.rs");
    let rows = code.split("const ROWS: ").nth(1).and_then(|rest| rest.split("= [").nth(1)).unwrap();
    let rows: Vec<String> = rows
        .split(']')
        .next()
        .unwrap()
        .split(',')
        .map(|row| row.trim().replace('_', " "))
        .filter(|row| !row.is_empty())
        .collect();
    let told: Vec<&str> = table(PAGE, "| row |").into_iter().map(|row| row[0]).collect();
    assert_eq!(told, rows);
}
