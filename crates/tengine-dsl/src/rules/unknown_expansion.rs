//! An expansion names no root jobnet of the load path.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-expansion",
    verdict: Verdict::Loads,
    title: "An expansion names no root jobnet of the load path.",
    why: "It stands for the root jobnet of that name; without one there is nothing to run when its turn comes.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
};
