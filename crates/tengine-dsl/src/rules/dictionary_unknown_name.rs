//! A dictionary.yml names what is not beside it.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "dictionary-unknown-name",
    verdict: Verdict::Loads,
    title: "A dictionary.yml names what is not beside it.",
    why: "The display name is never shown.",
    wrong: "",
    right: "",
};
