//! A word does not read this option.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-option",
    verdict: Verdict::Loads,
    title: "A word does not read this option.",
    why: "Tengine stores it with the job and never reads it, so a typing error in `:to` is silently no successor. `:instance_name`, `:vm_instance_name` and `:user_group_credential_name` are older names that 1.2.2 does not read: write `:server_name` and `:credential_name`. Options are symbols.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credental_name => "batch")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credential_name => "batch")
end"#,
};
