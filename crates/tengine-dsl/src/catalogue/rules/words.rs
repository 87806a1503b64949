//! Of words, their place, options and arguments.

use crate::catalogue::{Rule, rule_of};

/// In the order of the page.
pub const RULES: &[Rule] = &[
    rule_of(
        "unknown-word",
        "error",
        "A name is not a word of the language, and nothing in the load path defines it.",
        "It is a NameError when the core loads the file. The rule is silent as soon as any file might define the name by means that are not seen (gems, `include`, `method_missing`, `eval`).",
        r#"require 'tengine_job'

jobnet("nightly") do
  jbo("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("report", "$HOME/report.sh")
end"#,
    ),
    rule_of(
        "misplaced-word",
        "error; a warning where a driver and a jobnet are mixed",
        "A word stands where it may not.",
        "`hadoop_job` belongs into `hadoop_job_run`, which holds nothing else that is run by SSH; `finally` does not hold a `finally` directly; every word but `jobnet` and `driver` belongs into a jobnet.",
        r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job("count")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  hadoop_job_run("hadoop", "$HOME/hadoop.sh") do
    hadoop_job("count")
  end
end"#,
    ),
    rule_of(
        "duplicate-finally",
        "error",
        "A jobnet has two finally blocks.",
        "A jobnet runs one block after everything else.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
  end
  finally do
    job("b", "$HOME/b.sh")
  end
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("a", "$HOME/a.sh")
    job("b", "$HOME/b.sh")
  end
end"#,
    ),
    rule_of(
        "finally-not-last",
        "warning",
        "Something comes after finally in its jobnet.",
        "It runs before finally all the same, which is not how it reads.",
        r#"require 'tengine_job'

jobnet("nightly") do
  finally do
    job("clean", "$HOME/clean.sh")
  end
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  finally do
    job("clean", "$HOME/clean.sh")
  end
end"#,
    ),
    rule_of(
        "duplicate-sequence",
        "error",
        "A jobnet has two of auto_sequence and boot_jobs.",
        "A jobnet runs in sequence or from its boot jobs.",
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "sequence-not-first",
        "warning",
        "auto_sequence or boot_jobs is not the first word of its jobnet.",
        "It speaks about the whole jobnet, also about what stands above it.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  auto_sequence
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  auto_sequence
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "unknown-option",
        "error; a warning on driver, and for fields of Tengine's own records",
        "A word does not take this option.",
        "The options are symbols; which ones depends on the word.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credental_name => "batch")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :credential_name => "batch")
end"#,
    ),
    rule_of(
        "wrong-option-value",
        "warning",
        "An option has a value of the wrong kind.",
        "The value is stored, and hurts when the job is run or killed.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => ["TERM"])
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :killing_signal_interval => 10)
end"#,
    ),
    rule_of(
        "wrong-arguments",
        "error",
        "A word has too many arguments, or no name.",
        "Ruby stops with an ArgumentError or Tengine with its own.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  expansion
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "missing-block",
        "error on a root jobnet, a warning elsewhere",
        "A word that needs a block has none.",
        "Without it there is nothing to run.",
        r#"require 'tengine_job'

jobnet("nightly")"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
];
