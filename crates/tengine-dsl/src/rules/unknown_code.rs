//! A comment asks to ignore a rule that does not exist.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-code",
    verdict: Verdict::Aside,
    title: "A comment asks to ignore a rule that does not exist.",
    why: "Usually a misspelt code, so that the finding is told all the same.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh") # tengine:ignore no-such-rule for now
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
