//! The file names an encoding that Ruby cannot read source in.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-encoding",
    verdict: Verdict::Refuses,
    title: "The file names an encoding that Ruby cannot read source in.",
    why: "Ruby knows no encoding of that name (it is `UTF-8`, not `utf8`; `Shift_JIS`, not `shift-jis`), or one in which ASCII is not what it looks like (UTF-16, ISO-2022-JP).",
    wrong: r#"# coding: utf8
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"# coding: UTF-8
require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};
