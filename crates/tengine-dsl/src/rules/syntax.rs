//! Ruby cannot read the file.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "syntax",
    verdict: Verdict::Refuses,
    title: "Ruby cannot read the file.",
    why: "The core loads every file of the load path into one process; one that Ruby cannot read stops all of them. Each of the parser's errors is told, for the grammar of Ruby 3.3.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load" "$HOME/load.sh", :to => )
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
