//! A word that Tengine 1.2.2 does not have.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "removed-word",
    verdict: Verdict::Refuses,
    title: "A word that Tengine 1.2.2 does not have.",
    why: "`ruby_job` and `ssh_job` are in documents and in branches that were never released: a NoMethodError.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  ruby_job("load") { puts 1 }
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
