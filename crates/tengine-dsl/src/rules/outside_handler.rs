//! event, session or fire is used where no event is handled.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "outside-handler",
    verdict: Verdict::Refuses,
    title: "event, session or fire is used where no event is handled.",
    why: "While a definition is loaded there is no session and no event, and no connection to fire with.",
    wrong: r#"puts session

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
