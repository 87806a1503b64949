//! boot_jobs names what the jobnet does not have.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-boot-job",
    verdict: Verdict::Refuses,
    title: "boot_jobs names what the jobnet does not have.",
    why: "It would have nothing to start with.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("lod")
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
};
