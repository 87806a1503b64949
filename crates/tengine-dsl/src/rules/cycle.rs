//! The :to of a jobnet lead round in a circle.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "cycle",
    verdict: Verdict::Refuses,
    title: "The :to of a jobnet lead round in a circle.",
    why: "A job would wait for itself, so nothing of the circle ever runs. Told where boot_jobs makes :to count.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh", :to => "load")
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
};
