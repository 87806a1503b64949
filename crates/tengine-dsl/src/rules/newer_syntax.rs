//! Older Ruby cannot read what newer Ruby reads.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "newer-syntax",
    verdict: Verdict::Depends,
    title: "Older Ruby cannot read what newer Ruby reads.",
    why: "Told of what Ruby 3.1 does not have, where the Ruby of the base is not known. `check --ruby 3.1` says which it is: what that Ruby does not have is then an error of `syntax`. In the cluster it is taken from `RUBY_VERSION` in the environment of the base image (images of Ruby have it); where the base has none, nothing is assumed.",
    wrong: r#"require 'tengine_job'

def step(*)
  job(*)
end

jobnet("nightly") do
  step("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

def step(*rest)
  job(*rest)
end

jobnet("nightly") do
  step("load", "$HOME/load.sh")
end"#,
};
