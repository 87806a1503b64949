//! A file or load path is larger than is checked.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "too-large",
    verdict: Verdict::Aside,
    title: "A file or load path is larger than is checked.",
    why: "Files beyond 256 KiB are passed over, and so is everything that depends on them.",
    wrong: "",
    right: "",
};
