//! boot_jobs or :to holds something else than texts.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "name-not-text",
    verdict: Verdict::Refuses,
    title: "boot_jobs or :to holds something else than texts.",
    why: "Names are texts: a symbol, number, nil or list within the list is equal to none of them.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs(:load)
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
};
