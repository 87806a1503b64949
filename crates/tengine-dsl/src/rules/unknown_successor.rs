//! :to names what the jobnet does not have.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-successor",
    verdict: Verdict::Refuses,
    title: ":to names what the jobnet does not have.",
    why: "Successors are looked up among the children of the same jobnet. Silent where something unseen may add children.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "sotre")
  job("store", "$HOME/store.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
};
