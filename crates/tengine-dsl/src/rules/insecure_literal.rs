//! A text looks like a password.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "insecure-literal",
    verdict: Verdict::Loads,
    title: "A text looks like a password.",
    why: "It is stored in Git, in the image and in the database. Let the script fetch it on the server.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=s3cr3t-word")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=$DB_PASSWORD")
end"#,
};
