//! Something comes after finally in its jobnet.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "finally-not-last",
    verdict: Verdict::Loads,
    title: "Something comes after finally in its jobnet.",
    why: "It runs before finally all the same, which is not how it reads.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  finally do
    job("clean", "$HOME/clean.sh")
  end
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("clean", "$HOME/clean.sh")
  end
end"#,
};
