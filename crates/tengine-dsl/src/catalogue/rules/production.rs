//! Of what will hurt in production, and of the check itself.

use crate::catalogue::{Rule, rule_of};

/// In the order of the page.
pub const RULES: &[Rule] = &[
    rule_of(
        "clock-at-load",
        "warning",
        "The clock is read while the definition is loaded.",
        "Two replicas load at different times, and would load different things under one version. Read it when a job or handler runs.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{Time.now.year}")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $(date +%Y)")
end"#,
    ),
    rule_of(
        "random-at-load",
        "warning",
        "A random number is drawn while the definition is loaded.",
        "Every replica draws another, and would load different things under one version.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh #{rand(60)}")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh $RANDOM")
end"#,
    ),
    rule_of(
        "sleep-at-load",
        "warning",
        "Loading sleeps.",
        "Every replica waits with it, at every start.",
        r#"sleep 3
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "network-at-load",
        "warning",
        "Loading uses the network.",
        "It fails or hangs with the network, and two replicas may get different answers.",
        r#"require 'net/http'
NAMES = Net::HTTP.get(URI('http://example.com/names'))
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"NAMES = %w[a b]
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "developer-path",
        "warning",
        "A command names a home folder of one person's machine.",
        "It is not there on the servers.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "/Users/yamada/.rbenv/shims/ruby load.rb")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/bin/load")
end"#,
    ),
    rule_of(
        "insecure-literal",
        "warning",
        "A text looks like a password.",
        "It is stored in Git, in the image and in the database. Let the script fetch it on the server.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=s3cr3t-word")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh --password=$DB_PASSWORD")
end"#,
    ),
    rule_of(
        "unknown-code",
        "warning",
        "A comment asks to ignore a rule that does not exist.",
        "Usually a misspelt code, so that the finding is told all the same.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh") # tengine:ignore no-such-rule for now
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
];
