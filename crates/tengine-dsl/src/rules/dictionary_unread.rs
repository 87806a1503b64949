//! A dictionary.yml that is never read has a fault.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "dictionary-unread",
    verdict: Verdict::Loads,
    title: "A dictionary.yml that is never read has a fault.",
    why: "It is read for folders beside it with a jobnet below; there is none.",
    wrong: "",
    right: "",
};
