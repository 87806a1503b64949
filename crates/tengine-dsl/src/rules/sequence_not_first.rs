//! auto_sequence or boot_jobs is not the first word of its jobnet.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "sequence-not-first",
    verdict: Verdict::Loads,
    title: "auto_sequence or boot_jobs is not the first word of its jobnet.",
    why: "It speaks about the whole jobnet, also about what stands above it.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  auto_sequence
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
};
