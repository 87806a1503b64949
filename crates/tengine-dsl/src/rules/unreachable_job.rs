//! Nothing reaches a job.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unreachable-job",
    verdict: Verdict::Loads,
    title: "Nothing reaches a job.",
    why: "With boot_jobs only those run, and what :to leads to. The job is loaded and never run.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
  job("store", "$HOME/store.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
};
