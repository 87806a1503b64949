//! An event filter joins something else than two symbols.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "invalid-filter",
    verdict: Verdict::Refuses,
    title: "An event filter joins something else than two symbols.",
    why: "`:a & :b` waits for both events; it cannot be joined again, texts have no `&`, and a filter is only stored together with a block.",
    wrong: "driver :closing do
  on :closed & (:paid & :sent) do
  end
end",
    right: "driver :closing do
  on :closed & :paid do
  end
end",
};
