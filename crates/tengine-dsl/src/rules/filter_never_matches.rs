//! A handler can never run.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "filter-never-matches",
    verdict: Verdict::Loads,
    title: "A handler can never run.",
    why: "It names no event, or something that is no event's name.",
    wrong: "driver :closing do
  on nil do
  end
end",
    right: "driver :closing do
  on :paid & :sent do
  end
end",
};
