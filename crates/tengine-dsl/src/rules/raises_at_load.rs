//! Loading raises.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "raises-at-load",
    verdict: Verdict::Refuses,
    title: "Loading raises.",
    why: "The statement certainly runs while the file is loaded, and nothing rescues it.",
    wrong: r#"raise "not for production"

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
