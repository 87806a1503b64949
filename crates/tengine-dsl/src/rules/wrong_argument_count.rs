//! A method of the load path is called with arguments it does not take.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "wrong-argument-count",
    verdict: Verdict::Refuses,
    title: "A method of the load path is called with arguments it does not take.",
    why: "It is an ArgumentError.",
    wrong: r#"require 'tengine_job'

def step(name, script)
  job(name, script)
end

jobnet("nightly") do
  step("load")
end"#,
    right: r#"require 'tengine_job'

def step(name, script)
  job(name, script)
end

jobnet("nightly") do
  step("load", "$HOME/load.sh")
end"#,
};
