//! A dictionary.yml that is read cannot be read.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "dictionary-syntax",
    verdict: Verdict::Refuses,
    title: "A dictionary.yml that is read cannot be read.",
    why: "It maps names of the folders beside it to display names, and is read for each folder with a jobnet below it. One that is empty, not UTF-8, no hash or no YAML stops the load.",
    wrong: "",
    right: "",
};
