//! Two root jobnets have the same name.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-jobnet",
    verdict: Verdict::Refuses,
    title: "Two root jobnets have the same name.",
    why: "Root jobnets are known by name in the whole load path.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("nightly") do
  job("store", "$HOME/store.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("weekly") do
  job("store", "$HOME/store.sh")
end"#,
};
