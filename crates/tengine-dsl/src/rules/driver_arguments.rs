//! A driver or handler gets something it cannot take.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "driver-arguments",
    verdict: Verdict::Refuses,
    title: "A driver or handler gets something it cannot take.",
    why: "`driver` takes a name and a hash of options; `on` events, filters and options that can be stored.",
    wrong: r#"driver :closing, "closes the day" do
  on :closed do
  end
end"#,
    right: "driver :closing do
  on :closed do
  end
end",
};
