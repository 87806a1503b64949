//! :to stands where it is not read.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "ignored-successor",
    verdict: Verdict::Loads,
    title: ":to stands where it is not read.",
    why: "Without boot_jobs the children run one after the other as they are written, and :to says nothing, whatever it names.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
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
