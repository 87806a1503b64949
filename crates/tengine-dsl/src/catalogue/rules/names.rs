//! Of names, and of what follows what.

use crate::catalogue::{Rule, rule_of};

/// In the order of the page.
pub const RULES: &[Rule] = &[
    rule_of(
        "blank-name",
        "error",
        "A name is empty.",
        "Nothing can refer to it, and Tengine refuses it.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "duplicate-name",
        "error",
        "Two children of one jobnet have the same name.",
        "`:to` could not tell them apart. A nested jobnet may use the name again.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  job("load", "$HOME/load2.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("again") do
    job("load", "$HOME/load2.sh")
  end
end"#,
    ),
    rule_of(
        "duplicate-jobnet",
        "error",
        "Two root jobnets have the same name.",
        "Root jobnets are known by name in the whole load path.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("nightly") do
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end

jobnet("weekly") do
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        "unknown-successor",
        "error; a warning where the jobs run one after the other",
        ":to names what the jobnet does not have.",
        "Successors are looked up among the children of the same jobnet. Silent where something unseen may add children. Without boot_jobs the children run as they are written and :to has no effect; whether Tengine refuses it there is open, so that is a warning.",
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "sotre")
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        "unknown-boot-job",
        "error",
        "boot_jobs names what the jobnet does not have.",
        "It would have nothing to start with.",
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("lod")
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "root-with-to",
        "error",
        "A root jobnet has :to.",
        "Nothing follows a root jobnet.",
        r#"require 'tengine_job'

jobnet("nightly", :to => "weekly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "cycle",
        "error; a warning where the jobs run one after the other",
        "The :to of a jobnet lead round in a circle.",
        "A job would wait for itself. Without boot_jobs the children run as they are written and :to has no effect; whether Tengine refuses it there is open, so that is a warning.",
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh", :to => "load")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        "unreachable-job",
        "warning",
        "Nothing reaches a job.",
        "With boot_jobs only those run, and what :to leads to. The job is loaded and never run.",
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh")
  job("store", "$HOME/store.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  boot_jobs("load")
  job("load", "$HOME/load.sh", :to => "store")
  job("store", "$HOME/store.sh")
end"#,
    ),
    rule_of(
        "unknown-expansion",
        "error",
        "An expansion names no root jobnet of the load path.",
        "It stands for the root jobnet of that name.",
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "expansion-cycle",
        "error",
        "Expansions lead round in a circle.",
        "A root jobnet would contain itself.",
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  expansion("nightly")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  expansion("weekly")
end

jobnet("weekly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "empty-jobnet",
        "warning",
        "A jobnet or finally has nothing in it.",
        "It ends as soon as it starts.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
  jobnet("later") do
  end
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
];
