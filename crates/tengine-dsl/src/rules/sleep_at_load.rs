//! Loading sleeps.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "sleep-at-load",
    verdict: Verdict::Loads,
    title: "Loading sleeps.",
    why: "Every replica waits with it, at every start.",
    wrong: r#"sleep 3
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
