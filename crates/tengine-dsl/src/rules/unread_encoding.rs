//! The file's encoding is not one that is read here.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unread-encoding",
    verdict: Verdict::Aside,
    title: "The file's encoding is not one that is read here.",
    why: "UTF-8, Shift_JIS (Windows-31J) and EUC-JP are. The file is not checked; the core may read it.",
    wrong: "",
    right: "",
};
