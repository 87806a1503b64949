//! A word that has a block has none.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "no-block",
    verdict: Verdict::Loads,
    title: "A word that has a block has none.",
    why: "There is nothing in it to run; a driver without a block is not registered.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("later")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
