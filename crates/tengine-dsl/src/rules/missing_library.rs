//! What is required is neither in the load path nor a library of Ruby or Tengine.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "missing-library",
    verdict: Verdict::Depends,
    title: "What is required is neither in the load path nor a library of Ruby or Tengine.",
    why: "It is a LoadError unless the base image brings it. A path of one machine, a path relative to nothing, or a name close to a known one is told; other names may be gems and are left alone.",
    wrong: r#"require 'tengine_jop'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
