//! A driver handles one event twice.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-handler",
    verdict: Verdict::Loads,
    title: "A driver handles one event twice.",
    why: "Handlers are methods named after their event: the second takes the place of the first.",
    wrong: "driver :closing do
  on :closed do
  end
  on :closed do
  end
end",
    right: "driver :closing do
  on :closed do
  end
  on :opened do
  end
end",
};
