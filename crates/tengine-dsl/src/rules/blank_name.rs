//! A name is empty or blank.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "blank-name",
    verdict: Verdict::Refuses,
    title: "A name is empty or blank.",
    why: "Tengine refuses it; blanks of Unicode are blanks too.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
