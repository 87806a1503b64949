//! The load path holds no .rb file.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "no-ruby-file",
    verdict: Verdict::Nothing,
    title: "The load path holds no .rb file.",
    why: "The core would start and do nothing. Usually the path is wrong. This rule is about running, not about loading.",
    wrong: "",
    right: "",
};
