//! Two drivers have the same name.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-driver",
    verdict: Verdict::Loads,
    title: "Two drivers have the same name.",
    why: "Tengine keeps the first one's record; the handlers of the second are not registered.",
    wrong: "driver :closing do
  on :closed do
  end
end

driver :closing do
  on :opened do
  end
end",
    right: "driver :closing do
  on :closed do
  end
end

driver :opening do
  on :opened do
  end
end",
};
