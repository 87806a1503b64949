//! Definitions that people wrote, changed at random: what the check calls an error in them, the core refuses.
//!
//! The cases of `tests/written`, each changed in one to three places: a word for another of the same text, a line gone, doubled, moved or
//! wrapped by a line of `differential/wraps.rb`. So what the check rests on is taken away in ways nobody thinks of.
//! `TENGINE_DIFFERENTIAL_CASES` says how many there are (600), `TENGINE_SEED` where they begin.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

#[allow(dead_code)] // What they are called is told elsewhere.
mod cases;
mod core;

use cases::{File, cases, checked};
use core::judged;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const WRAPS: &str = include_str!("differential/wraps.rb");

/// What a changed definition must not do to the machine it runs on, or would wait for.
const NOT_RUN: &str = "system exec fork spawn popen ` %x kill rm_ mkdir touch unlink File Dir FileUtils IO. IO:: Tempfile Tmp Logger PStore \
    Process trap sleep socket Socket http gets STDIN $stdin ARGF Marshal GC ObjectSpace loop while until retry cycle load( load\u{20} select( test( \
    open( Open3 Etc Timeout Thread Fiber __END__ coding Float::INFINITY ** produce";

#[derive(Debug, Clone)]
enum Change {
    Word(Index, Index),
    Gone(Index),
    Twice(Index, Index),
    Moved(Index, Index),
    Wrapped(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let two = || (any::<Index>(), any::<Index>());
    prop_oneof![
        4 => two().prop_map(|(at, by)| Change::Word(at, by)),
        1 => any::<Index>().prop_map(Change::Gone),
        1 => two().prop_map(|(at, to)| Change::Twice(at, to)),
        1 => two().prop_map(|(at, to)| Change::Moved(at, to)),
        4 => two().prop_map(|(at, by)| Change::Wrapped(at, by)),
    ]
}

impl Change {
    fn make(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match self {
            Self::Word(at, by) => {
                let words = words(text);
                let (start, end) = *at.get(&words);
                let (from, to) = *by.get(&words);
                return [&text[..start], &text[from..to], &text[end..]].concat();
            }
            Self::Gone(at) => drop(lines.remove(at.index(lines.len()))),
            Self::Twice(at, to) => lines.insert(to.index(lines.len()), at.get(&lines).clone()),
            Self::Moved(at, to) => {
                let line = lines.remove(at.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
            }
            Self::Wrapped(at, by) => {
                let wraps: Vec<&str> = WRAPS.lines().filter(|line| !line.starts_with("# ")).collect();
                let at = at.index(lines.len());
                lines[at] = by.get(&wraps).replace("@@", &lines[at]);
            }
        }
        lines.join("\n") + "\n"
    }
}

/// Where the words of a text are.
fn words(text: &str) -> Vec<(usize, usize)> {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    let parts = text.split(|c| !inner(c)).filter(|word| !word.is_empty());
    parts
        .map(|word| word.as_ptr() as usize - text.as_ptr() as usize)
        .map(|at| (at, at + text[at..].find(|c| !inner(c)).unwrap_or(text.len() - at)))
        .collect()
}

fn runs_harmlessly(files: &[File]) -> bool {
    files.len() == 1 && !NOT_RUN.split(' ').filter(|part| !part.is_empty()).any(|part| files[0].1.contains(part))
}

/// Definitions that differ a little from what somebody wrote, and that the check refuses.
fn refused(cases: usize, seed: usize) -> Vec<Vec<File>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let written: Vec<Vec<File>> = ["loads", "refused"]
        .into_iter()
        .flat_map(self::cases)
        .map(|case| case.files)
        .filter(|files| runs_harmlessly(files))
        .collect();
    assert!(written.len() > 200, "nearly nothing is changed");
    let strategy = (any::<Index>(), prop::collection::vec(change(), 1..4));
    let changed = |(of, changes): (Index, Vec<Change>)| {
        let (path, text) = of.get(&written)[0].clone();
        vec![(
            path,
            changes.iter().fold(text, |text, change| if text.trim().is_empty() { text } else { change.make(&text) }),
        )]
    };
    let made = (0..cases).map(|_| changed(strategy.new_tree(&mut runner).unwrap().current()));
    made.filter(|files| runs_harmlessly(files) && checked(files).has_errors()).collect()
}

#[test]
fn every_error_in_a_changed_definition_is_a_refusal_of_the_core() {
    let number = |name: &str, otherwise| std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (cases, seed) = (number("TENGINE_DIFFERENTIAL_CASES", 600), number("TENGINE_SEED", 1));
    let refused = refused(cases, seed);
    assert!(refused.len() > cases / 10, "nearly nothing is judged");
    let mut wrong = Vec::new();
    for batch in refused.chunks(500) {
        let Some(said) = judged(batch) else { return };
        wrong.extend(batch.iter().zip(said).filter(|(_, said)| said.is_ok()).map(|(files, _)| files));
    }
    println!("of {cases} changed definitions {} have errors, {} of them wrongly", refused.len(), wrong.len());
    let shown = |files: &&Vec<File>| {
        let told: Vec<_> =
            checked(files).diagnostics.iter().map(|it| format!("{}: {}: {}", it.line, it.code, it.message)).collect();
        format!("{}the check says: {}\n", files[0].1, told.join("; "))
    };
    let told: Vec<_> = wrong.iter().take(12).map(shown).collect();
    assert!(told.is_empty(), "with seed {seed} the core loads what the check calls an error:\n{}", told.join("\n"));
}
