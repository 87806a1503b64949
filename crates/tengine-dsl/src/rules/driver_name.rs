//! A driver's name cannot be made into a class, or into its record.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "driver-name",
    verdict: Verdict::Refuses,
    title: "A driver's name cannot be made into a class, or into its record.",
    why: "Tengine makes a class of each driver: `close_of_day` becomes `CloseOfDay`.",
    wrong: r#"driver "close-of-day" do
  on :closed do
  end
end"#,
    right: "driver :close_of_day do
  on :closed do
  end
end",
};
