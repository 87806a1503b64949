//! A name is not a word of the language, and nothing in the load path defines it.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-word",
    verdict: Verdict::Refuses,
    title: "A name is not a word of the language, and nothing in the load path defines it.",
    why: "It is a NameError or NoMethodError when the core loads the file. The rule is silent as soon as any file might define the name by means that are not seen (gems, `include`, `method_missing`, `eval`).",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  jbo("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
};
