//! A command names a home folder of one person's machine.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "developer-path",
    verdict: Verdict::Loads,
    title: "A command names a home folder of one person's machine.",
    why: "It is not there on the servers.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "/Users/yamada/.rbenv/shims/ruby load.rb")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/bin/load")
end"#,
};
