//! An option has a value of the wrong kind.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "wrong-option-value",
    verdict: Verdict::Loads,
    title: "An option has a value of the wrong kind.",
    why: "The value is stored, and hurts when the job is run or killed.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => ["TERM"])
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => 10)
end"#,
};
