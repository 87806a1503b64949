//! A variable of Tengine's own is overwritten.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "own-variable",
    verdict: Verdict::Refuses,
    title: "A variable of Tengine's own is overwritten.",
    why: "Definitions are loaded into an object of Tengine's, which keeps its configuration in `@config`; the next jobnet or driver asks it for what yours has not.",
    wrong: r#"require 'tengine_job'

@config = { "server" => "batch1" }
jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

SERVERS = { "server" => "batch1" }
jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
