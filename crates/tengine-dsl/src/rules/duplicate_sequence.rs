//! A jobnet has two of auto_sequence and boot_jobs.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-sequence",
    verdict: Verdict::Loads,
    title: "A jobnet has two of auto_sequence and boot_jobs.",
    why: "Only the last one counts.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
};
