//! Two children of one jobnet have the same name.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-name",
    verdict: Verdict::Loads,
    title: "Two children of one jobnet have the same name.",
    why: "`:to` and `boot_jobs` find the first of them; the other one is never reached by its name. A nested jobnet may use the name again.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("load", "$HOME/load2.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("again") do
    job("load", "$HOME/load2.sh")
  end
end"#,
};
