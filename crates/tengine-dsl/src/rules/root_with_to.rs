//! A root jobnet has :to.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "root-with-to",
    verdict: Verdict::Refuses,
    title: "A root jobnet has :to.",
    why: "Nothing follows a root jobnet.",
    wrong: r#"require 'tengine_job'

jobnet("nightly", :to => "weekly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
