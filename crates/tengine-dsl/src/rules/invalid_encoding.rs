//! A byte is not valid in the file's encoding.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "invalid-encoding",
    verdict: Verdict::Refuses,
    title: "A byte is not valid in the file's encoding.",
    why: "Ruby reads UTF-8 unless a comment on the first line names another encoding (Shift_JIS and EUC-JP are understood here).",
    wrong: "",
    right: "",
};
