//! Older Ruby takes what newer Ruby does not.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "older-syntax",
    verdict: Verdict::Depends,
    title: "Older Ruby takes what newer Ruby does not.",
    why: "Some names are reserved in newer versions only.",
    wrong: r#"require 'tengine_job'

_1 = "load"
jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

name = "load"
jobnet("nightly") do
  job(name, "$HOME/load.sh")
end"#,
};
