//! A jobnet or finally has nothing in it.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "empty-jobnet",
    verdict: Verdict::Loads,
    title: "A jobnet or finally has nothing in it.",
    why: "It ends as soon as it starts.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("later") do
  end
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
