//! A driver's name is that of a class Ruby or Tengine lives on.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "driver-class-taken",
    verdict: Verdict::Refuses,
    title: "A driver's name is that of a class Ruby or Tengine lives on.",
    why: "Tengine takes the constant of that name away before it makes its class: `driver :file` takes away `File`.",
    wrong: "driver :file do
  on :closed do
  end
end",
    right: "driver :closing do
  on :closed do
  end
end",
};
