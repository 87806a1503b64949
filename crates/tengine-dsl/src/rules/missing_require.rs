//! Jobnet words are used before tengine_job is required.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "missing-require",
    verdict: Verdict::Refuses,
    title: "Jobnet words are used before tengine_job is required.",
    why: "`jobnet` and its words come with the library tengine_job; without it the first of them is a NoMethodError. Files are loaded by name, so a `require` in a file that comes later is too late.",
    wrong: r#"jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
