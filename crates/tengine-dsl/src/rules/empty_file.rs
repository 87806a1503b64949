//! A file defines nothing.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "empty-file",
    verdict: Verdict::Loads,
    title: "A file defines nothing.",
    why: "Nothing in it has any effect: no jobnet, driver, method or constant.",
    wrong: "require 'tengine_job'",
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
