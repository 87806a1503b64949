//! A folder is called like a Ruby file.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "folder-named-rb",
    verdict: Verdict::Refuses,
    title: "A folder is called like a Ruby file.",
    why: "Tengine loads whatever ends in .rb, folders too: a LoadError.",
    wrong: "",
    right: "",
};
