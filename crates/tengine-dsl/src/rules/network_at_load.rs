//! Loading uses the network.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "network-at-load",
    verdict: Verdict::Loads,
    title: "Loading uses the network.",
    why: "It fails or hangs with the network, and two replicas may get different answers.",
    wrong: r#"require 'net/http'
NAMES = Net::HTTP.get(URI('http://example.com/names'))
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"NAMES = %w[a b]
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
