//! What the check calls an error, the core refuses: random definitions, judged by both.
//!
//! A definition is put together from lines of `differential/*.rb`: idioms that change what is known of a value, and jobnets that
//! use it; one of three has a second file, which is loaded by itself, by the first, or in the block of a jobnet, or all of that. The
//! core is the stand-in, which really runs them. `TENGINE_DIFFERENTIAL_CASES` says how many there are (600), `TENGINE_SEED` where
//! they begin; what fails is made small before it is shown.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // tests, their helpers included

mod core;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tengine_dsl::{CheckOptions, SourceFile, check};

const IDIOMS: &str = include_str!("differential/idioms.rb");
const NAMES: &str = include_str!("differential/names.rb");
const NETS: &str = include_str!("differential/nets.rb");
const LOADS: &str = include_str!("differential/loads.rb");
const PARTS: &str = include_str!("differential/parts.rb");

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

/// What the second file can be called: the core loads `.rb` by itself too, before or after the first, which is `a.rb`.
const SECOND: [&str; 4] = ["part.jobs", "parts/p.jobs", "b.rb", "0.rb"];

/// A line and what it is filled with.
#[derive(Debug, Clone)]
struct Line {
    from: From,
    template: prop::sample::Index,
    list: u8,
    hash: u8,
    text: u8,
    names: (u8, u8),
    value: prop::sample::Index,
}

/// Which lines it is one of.
#[derive(Debug, Clone, Copy)]
enum From {
    Idioms,
    Nets,
    Loads,
    Parts,
}

impl From {
    fn lines(self) -> Vec<&'static str> {
        lines(match self {
            Self::Idioms => IDIOMS,
            Self::Nets => NETS,
            Self::Loads => LOADS,
            Self::Parts => PARTS,
        })
    }
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.starts_with("# ") && !line.is_empty()).collect()
}

fn pick<'t>(from: &[&'t str], by: u8) -> &'t str {
    from[usize::from(by) % from.len()]
}

impl Line {
    /// The line in the first file.
    fn fill(&self, number: usize, second: &str) -> String {
        self.filled(number, second, [&["LA", "l", "LB"], &["HA", "h"], &["SA", "s"], &["PA", "pl"], &["OA", "o"]])
    }

    /// The line in the second file, where the first one's local variables are not seen.
    fn fill_apart(&self, number: usize) -> String {
        self.filled(number, "", [&["LA", "LB"], &["HA"], &["SA"], &["PA"], &["OA"]])
    }

    fn filled(&self, number: usize, second: &str, [lists, hashes, texts, blocks, options]: [&[&str]; 5]) -> String {
        let [template, value] =
            [(self.template, self.from.lines()), (self.value, lines(NAMES))].map(|(index, lines)| *index.get(&lines));
        let name = |by| pick(&["\"a\"", "\"b\"", "\"c\"", "\"b \""], by);
        let filled = [
            ("@L", pick(lists, self.list)),
            ("@H", pick(hashes, self.hash)),
            ("@S", pick(texts, self.text)),
            ("@P", pick(blocks, self.list)),
            ("@O", pick(options, self.hash)),
            ("@F", second),
            ("@E", value),
            ("@n", name(self.names.0)),
            ("@m", name(self.names.1)),
        ]
        .iter()
        .fold(template.to_owned(), |line, (mark, with)| line.replace(mark, with));
        filled.replace("@i", &number.to_string())
    }
}

fn line(from: From) -> impl Strategy<Value = Line> {
    let names = (any::<u8>(), any::<u8>());
    (any::<prop::sample::Index>(), 0..6_u8, 0..2_u8, 0..2_u8, names, any::<prop::sample::Index>()).prop_map(
        move |(template, list, hash, text, names, value)| Line { from, template, list, hash, text, names, value },
    )
}

/// A load path, line by line.
#[derive(Debug, Clone)]
struct Definition {
    first: Vec<String>,
    /// The second file's name and lines.
    second: Option<(&'static str, Vec<String>)>,
}

fn definitions() -> impl Strategy<Value = Definition> {
    prop_oneof![2 => of_one_file(), 1 => of_two_files()]
}

fn of_one_file() -> impl Strategy<Value = Definition> {
    (prop::collection::vec(line(From::Idioms), 0..6), prop::collection::vec(line(From::Nets), 1..3))
        .prop_map(|(idioms, nets)| Definition { first: first(&[idioms, nets], ""), second: None })
}

fn of_two_files() -> impl Strategy<Value = Definition> {
    let some = |from, most: usize| prop::collection::vec(line(from), 0..most);
    let before = (some(From::Idioms, 3), prop::collection::vec(line(From::Loads), 1..3), some(From::Idioms, 3));
    (before, some(From::Nets, 3), some(From::Idioms, 3), some(From::Parts, 3), prop::sample::select(&SECOND)).prop_map(
        |((before, loads, after), nets, apart, parts, name)| {
            let apart = parts.iter().chain(&apart).enumerate().map(|(at, line)| line.fill_apart(200 + at)).collect();
            Definition { first: first(&[before, loads, after, nets], name), second: Some((name, apart)) }
        },
    )
}

fn first(lines: &[Vec<Line>], second: &str) -> Vec<String> {
    lines.iter().flatten().enumerate().map(|(at, line)| line.fill(at, second)).collect()
}

impl Definition {
    /// The files, by path and text.
    fn written(&self) -> Vec<(&'static str, String)> {
        let text = |beginning: &str, lines: &[String]| {
            lines.iter().fold(beginning.to_owned(), |text, line| text + line + "\n")
        };
        let second = self.second.iter().map(|(name, lines)| (*name, text("", lines)));
        std::iter::once(("a.rb", text(BEGINNING, &self.first))).chain(second).collect()
    }

    /// The errors of the check, in words.
    fn errors(&self) -> Vec<String> {
        let files: Vec<_> = self.written().into_iter().map(|(path, text)| SourceFile::new(path, text)).collect();
        let checked = check(&files, &CheckOptions::default());
        let errors = checked.diagnostics.iter().filter(|found| found.severity == tengine_dsl::Severity::Error);
        errors.map(|found| format!("{}:{}: {}: {}", found.path, found.line, found.code, found.message)).collect()
    }

    /// The same without one of its lines, for each.
    fn smaller(&self) -> Vec<Self> {
        let without = |lines: &[String], at: usize| [&lines[..at], &lines[at + 1..]].concat();
        let first = (0..self.first.len()).map(|at| Self { first: without(&self.first, at), ..self.clone() });
        let second = self.second.iter().flat_map(|(name, lines)| {
            (0..lines.len()).map(move |at| Self { second: Some((*name, without(lines, at))), ..self.clone() })
        });
        let alone = self.second.iter().map(|_| Self { second: None, ..self.clone() });
        first.chain(second).chain(alone).collect()
    }

    /// The same with as few lines as can be.
    fn smallest(self) -> Self {
        match wrongly_refused(self.smaller()).and_then(|mut smaller| smaller.pop()) {
            Some(smaller) => smaller.smallest(),
            None => self,
        }
    }

    fn shown(&self) -> String {
        let files = self.written().into_iter().map(|(path, text)| format!("== {path}\n{text}"));
        format!("{}the check says: {}\n", files.collect::<String>(), self.errors().join("; "))
    }
}

/// Whether the core loads each of these; `None` where there is no Ruby.
fn loads(definitions: &[Definition]) -> Option<Vec<bool>> {
    let owned = |it: &Definition| it.written().into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
    let trees: Vec<_> = definitions.iter().map(owned).collect();
    Some(core::judged(&trees)?.into_iter().map(|said| said.is_ok()).collect())
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Which of these the check refuses and the core loads.
fn wrongly_refused(definitions: Vec<Definition>) -> Option<Vec<Definition>> {
    let mut refused: Vec<_> = definitions.into_iter().filter(|definition| !definition.errors().is_empty()).collect();
    let mut wrong = Vec::new();
    while !refused.is_empty() {
        let batch = refused.split_off(refused.len().saturating_sub(BATCH));
        let loads = loads(&batch)?;
        wrong.extend(batch.into_iter().zip(loads).filter(|(_, loads)| *loads).map(|(definition, _)| definition));
    }
    Some(wrong)
}

#[test]
fn every_error_is_a_refusal_of_the_core() {
    let cases = number("TENGINE_DIFFERENTIAL_CASES", 600);
    let seed = number("TENGINE_SEED", 1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = definitions();
    let made: Vec<_> = (0..cases).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let refused = |two: bool| made.iter().filter(|it| it.second.is_some() == two && !it.errors().is_empty()).count();
    let [one, two] = [false, true].map(refused);
    println!("of {cases} definitions, {one} of one file and {two} of two have errors");
    assert!(one > cases / 50 && two > cases / 50, "nearly nothing is judged");
    let Some(wrong) = wrongly_refused(made) else {
        return;
    };
    println!("{} of {cases} are refused wrongly", wrong.len());
    let told: Vec<_> = wrong.into_iter().take(SHOWN).map(|definition| definition.smallest().shown()).collect();
    assert!(told.is_empty(), "with seed {seed} the core loads what the check calls an error:\n{}", told.join("\n"));
}
