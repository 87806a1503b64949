//! A root jobnet has no block.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "missing-block",
    verdict: Verdict::Refuses,
    title: "A root jobnet has no block.",
    why: "Tengine asks the block where it stands: a NoMethodError.",
    wrong: r#"require 'tengine_job'

jobnet("nightly")"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
