//! A word stands where it does not belong.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "misplaced-word",
    verdict: Verdict::Loads,
    title: "A word stands where it does not belong.",
    why: "`hadoop_job` belongs into `hadoop_job_run`, which holds nothing else that is run by SSH; `finally` does not hold a `finally` directly; `boot_jobs`, `auto_sequence`, `finally` and `hadoop_job_run` belong into a jobnet, drivers to the top level. Tengine stores what it gets and runs something else than was meant.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job("count")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job_run("hadoop", "$HOME/hadoop.sh") do
    hadoop_job("count")
  end
end"#,
};
