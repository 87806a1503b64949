//! A random number is drawn while the definition is loaded.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "random-at-load",
    verdict: Verdict::Loads,
    title: "A random number is drawn while the definition is loaded.",
    why: "Every replica draws another, and would load different things under one version.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{rand(60)}")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $RANDOM")
end"#,
};
