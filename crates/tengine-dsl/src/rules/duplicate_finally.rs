//! A jobnet has two finally blocks.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "duplicate-finally",
    verdict: Verdict::Loads,
    title: "A jobnet has two finally blocks.",
    why: "Tengine keeps both and runs only the first after everything else.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
  end
  finally do
    job("b", "$HOME/b.sh")
  end
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
    job("b", "$HOME/b.sh")
  end
end"#,
};
