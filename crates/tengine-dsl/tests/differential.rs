//! What the check calls an error, the core refuses: random definitions, judged by both.
//!
//! A definition is put together from lines of `differential/*.rb`: idioms that change what is known of a value, and jobnets that
//! use it. The core is the stand-in, which really runs them. `TENGINE_DIFFERENTIAL_CASES` says how many there are (600),
//! `TENGINE_SEED` where they begin; what fails is made small before it is shown.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // tests, their helpers included

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::path::{Path, PathBuf};
use std::process::Command;
use tengine_dsl::{CheckOptions, SourceFile, check};

const IDIOMS: &str = include_str!("differential/idioms.rb");
const NAMES: &str = include_str!("differential/names.rb");
const NETS: &str = include_str!("differential/nets.rb");

/// What the lines work on.
const BEGINNING: &str = r#"require 'tengine_job'
NAMES = %w[a b c d A B C ab ax bx cx ad bd aa bb a2 b2 c2]
LA = ["a", "b"]; LB = []; l = ["c"]
HA = { "a" => "b" }; h = {}
SA = +"a"; s = +"b"
OA = { :to => "c" }; o = { :to => ["b"] }
KEPT = []
PA = lambda { |n| LA << n }; pl = proc { |n| l << n }
"#;

/// How many failing definitions are shown.
const SHOWN: usize = 12;
/// How many definitions one process of the core is given.
const BATCH: usize = 500;

/// A line and what it is filled with.
#[derive(Debug, Clone)]
struct Line {
    template: prop::sample::Index,
    list: u8,
    hash: u8,
    text: u8,
    names: (u8, u8),
    value: prop::sample::Index,
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.starts_with("# ") && !line.is_empty()).collect()
}

fn pick<'t>(from: &[&'t str], by: u8) -> &'t str {
    from[usize::from(by) % from.len()]
}

impl Line {
    fn fill(&self, from: &str, number: usize) -> String {
        let [template, value] = [(self.template, lines(pick_file(from))), (self.value, lines(NAMES))]
            .map(|(index, lines)| *index.get(&lines));
        let name = |by| pick(&["\"a\"", "\"b\"", "\"c\"", "\"b \""], by);
        let filled = [
            ("@L", pick(&["LA", "l", "LB"], self.list)),
            ("@H", pick(&["HA", "h"], self.hash)),
            ("@S", pick(&["SA", "s"], self.text)),
            ("@P", pick(&["PA", "pl"], self.list)),
            ("@O", pick(&["OA", "o"], self.hash)),
            ("@E", value),
            ("@n", name(self.names.0)),
            ("@m", name(self.names.1)),
        ]
        .iter()
        .fold(template.to_owned(), |line, (mark, with)| line.replace(mark, with));
        filled.replace("@i", &number.to_string())
    }
}

fn pick_file(name: &str) -> &'static str {
    if name == "nets" { NETS } else { IDIOMS }
}

fn line() -> impl Strategy<Value = Line> {
    let names = (any::<u8>(), any::<u8>());
    (any::<prop::sample::Index>(), 0..3_u8, 0..2_u8, 0..2_u8, names, any::<prop::sample::Index>())
        .prop_map(|(template, list, hash, text, names, value)| Line { template, list, hash, text, names, value })
}

fn definitions() -> impl Strategy<Value = (Vec<Line>, Vec<Line>)> {
    (prop::collection::vec(line(), 0..6), prop::collection::vec(line(), 1..3))
}

/// The lines of a definition.
fn filled((idioms, nets): &(Vec<Line>, Vec<Line>)) -> Vec<String> {
    let idioms = idioms.iter().enumerate().map(|(at, line)| line.fill("idioms", at));
    let nets = nets.iter().enumerate().map(|(at, line)| line.fill("nets", 100 + at));
    idioms.chain(nets).collect()
}

fn written(lines: &[String]) -> String {
    lines.iter().fold(BEGINNING.to_owned(), |text, line| text + line + "\n")
}

/// The errors of the check, in words.
fn errors(text: &str) -> Vec<String> {
    let checked = check(&[SourceFile::new("a.rb", text)], &CheckOptions::default());
    let errors = checked.diagnostics.iter().filter(|found| found.severity == tengine_dsl::Severity::Error);
    errors.map(|found| format!("{}: {}: {}", found.line, found.code, found.message)).collect()
}

/// Whether the core loads each of these; `None` where there is no Ruby.
fn loads(texts: &[String]) -> Option<Vec<bool>> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..texts.len()).map(|at| folder.path().join(format!("d{at}.rb"))).collect();
    paths.iter().zip(texts).for_each(|(path, text)| std::fs::write(path, text).unwrap());
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hack/tengine-core/bin/tengine_load_only");
    let output = Command::new("ruby").arg(core).arg("--json").args(&paths).output().ok()?;
    let said = String::from_utf8(output.stdout).unwrap();
    let loads: Vec<bool> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|said| said["ok"] == true || said["class"] == "SystemExit")
        .collect();
    assert_eq!(loads.len(), texts.len(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(loads)
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Which of these the check refuses and the core loads.
fn wrongly_refused(definitions: Vec<Vec<String>>) -> Option<Vec<Vec<String>>> {
    let mut refused: Vec<_> = definitions.into_iter().filter(|lines| !errors(&written(lines)).is_empty()).collect();
    let mut wrong = Vec::new();
    while !refused.is_empty() {
        let batch = refused.split_off(refused.len().saturating_sub(BATCH));
        let loads = loads(&batch.iter().map(|lines| written(lines)).collect::<Vec<_>>())?;
        wrong.extend(batch.into_iter().zip(loads).filter(|(_, loads)| *loads).map(|(lines, _)| lines));
    }
    Some(wrong)
}

/// The same with as few lines as can be.
fn smallest(lines: Vec<String>) -> Vec<String> {
    let without =
        |at: usize| lines.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, l)| l.clone()).collect();
    match wrongly_refused((0..lines.len()).map(without).collect()).and_then(|mut smaller| smaller.pop()) {
        Some(smaller) => smallest(smaller),
        None => lines,
    }
}

#[test]
fn every_error_is_a_refusal_of_the_core() {
    let cases = number("TENGINE_DIFFERENTIAL_CASES", 600);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("TENGINE_SEED", 1).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = definitions();
    let made: Vec<_> = (0..cases).map(|_| filled(&strategy.new_tree(&mut runner).unwrap().current())).collect();
    let judged = made.iter().filter(|lines| !errors(&written(lines)).is_empty()).count();
    println!("{judged} of {cases} definitions have errors");
    assert!(judged > cases / 50, "nearly nothing is judged");
    let Some(wrong) = wrongly_refused(made) else {
        eprintln!("not compared with the core: there is no ruby here");
        return;
    };
    println!("{} of {cases} are refused wrongly", wrong.len());
    let told: Vec<String> = wrong
        .into_iter()
        .take(SHOWN)
        .map(|lines| written(&smallest(lines)))
        .map(|text| format!("{text}the check says: {}\n", errors(&text).join("; ")))
        .collect();
    let seed = number("TENGINE_SEED", 1);
    assert!(told.is_empty(), "with seed {seed} the core loads what the check calls an error:\n{}", told.join("\n"));
}
