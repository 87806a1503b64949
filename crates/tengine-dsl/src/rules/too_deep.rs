//! Code is nested deeper than is followed.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "too-deep",
    verdict: Verdict::Aside,
    title: "Code is nested deeper than is followed.",
    why: "What lies deeper is treated as unknown.",
    wrong: "",
    right: "",
};
