//! A method is called before it is defined.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "used-too-early",
    verdict: Verdict::Refuses,
    title: "A method is called before it is defined.",
    why: "Files are loaded one after the other, sorted by name, and each from its first line on; a `def` further down or in a later file is not there yet. `require_relative` brings it forward.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  step("load")
end

def step(name)
  job(name, "$HOME/#{name}.sh")
end"#,
    right: r#"require 'tengine_job'

def step(name)
  job(name, "$HOME/#{name}.sh")
end

jobnet("nightly") do
  step("load")
end"#,
};
