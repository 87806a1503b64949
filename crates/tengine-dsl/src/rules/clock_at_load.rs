//! The clock is read while the definition is loaded.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "clock-at-load",
    verdict: Verdict::Loads,
    title: "The clock is read while the definition is loaded.",
    why: "Two replicas load at different times, and would load different things under one version. Read it when a job or handler runs.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{Time.now.year}")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $(date +%Y)")
end"#,
};
