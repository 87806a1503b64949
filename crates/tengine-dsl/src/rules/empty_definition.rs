//! Nothing in the load path defines a jobnet or a driver.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "empty-definition",
    verdict: Verdict::Loads,
    title: "Nothing in the load path defines a jobnet or a driver.",
    why: "The core would start and do nothing.",
    wrong: "LIMIT = 3",
    right: r#"LIMIT = 3

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
