//! A job is its own successor.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "self-loop",
    verdict: Verdict::Loads,
    title: "A job is its own successor.",
    why: "It waits for itself and never runs. Where no other job ends the jobnet, Tengine refuses it (`cycle`).",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load", "store")
  job("load", "$HOME/load.sh", :to => "load")
  job("store", "$HOME/store.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load", "store")
  job("load", "$HOME/load.sh")
  job("store", "$HOME/store.sh")
end"#,
};
