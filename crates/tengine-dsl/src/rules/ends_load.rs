//! Loading ends before the end of the file.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "ends-load",
    verdict: Verdict::Loads,
    title: "Loading ends before the end of the file.",
    why: "`exit` and `abort` end the load without an error that Tengine heeds: it serves what was loaded so far, without the rest.",
    wrong: r#"exit

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
