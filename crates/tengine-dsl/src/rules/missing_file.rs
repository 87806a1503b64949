//! A file that is required relatively is not in the load path.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "missing-file",
    verdict: Verdict::Refuses,
    title: "A file that is required relatively is not in the load path.",
    why: "It is a LoadError. All files of the load path are shipped together and nothing else is.",
    wrong: r#"require_relative 'shared/servers'

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
