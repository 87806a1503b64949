//! Expansions lead round in a circle.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "expansion-cycle",
    verdict: Verdict::Loads,
    title: "Expansions lead round in a circle.",
    why: "A root jobnet would contain itself: it is loaded, and running it never ends.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  expansion("nightly")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
};
