//! boot_jobs or :to names what Tengine itself calls so.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "reserved-name",
    verdict: Verdict::Loads,
    title: "boot_jobs or :to names what Tengine itself calls so.",
    why: "`start` is where the jobnet starts and `finally` its last block, also if a job is called so.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("start")
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
};
