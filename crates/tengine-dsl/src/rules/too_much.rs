//! The definition does too much while it is loaded to be followed.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "too-much",
    verdict: Verdict::Aside,
    title: "The definition does too much while it is loaded to be followed.",
    why: "Loops are followed step by step, up to a limit. What comes after the limit is not checked.",
    wrong: "",
    right: "",
};
