//! A job or expansion stands outside of a jobnet.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "word-outside-jobnet",
    verdict: Verdict::Refuses,
    title: "A job or expansion stands outside of a jobnet.",
    why: "There is nothing it could be added to: a NoMethodError.",
    wrong: r#"require 'tengine_job'

job("load", "$HOME/load.sh")"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
