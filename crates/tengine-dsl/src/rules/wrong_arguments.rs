//! A word has too many arguments, or no name.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "wrong-arguments",
    verdict: Verdict::Refuses,
    title: "A word has too many arguments, or no name.",
    why: "Ruby stops with an ArgumentError or Tengine with its own.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  expansion
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
