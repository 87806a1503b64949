//! A class or module is opened again as something else.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "class-mismatch",
    verdict: Verdict::Refuses,
    title: "A class or module is opened again as something else.",
    why: "It is a TypeError: the constant holds a value, or the class has another superclass. `class Step < Struct.new(:name)` makes a new superclass each time, and a file that another requires is loaded twice.",
    wrong: r#"require 'tengine_job'

Steps = 1
module Steps
end

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

module Steps
end

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
