//! Of files: whether they can be read, and what is in them.

use crate::catalogue::{Rule, rule_of};

/// In the order of the page.
pub const RULES: &[Rule] = &[
    rule_of(
        "syntax",
        "error",
        "Ruby cannot read the file.",
        "The core loads every file of the load path into one process; one that Ruby cannot read stops all of them. Each of the parser's errors is told, for the grammar of Ruby 3.3.",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load" "$HOME/load.sh", :to => )
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "invalid-encoding",
        "error",
        "A byte is not valid in the file's encoding.",
        "Ruby reads UTF-8 unless a comment on the first line names another encoding (Shift_JIS and EUC-JP are understood here).",
        "",
        "",
    ),
    rule_of(
        "unknown-encoding",
        "warning",
        "The file's encoding is not one that is read here.",
        "UTF-8, Shift_JIS (Windows-31J) and EUC-JP are. The file is not checked; the core may read it.",
        "# coding: ISO-2022-JP
# あ",
        r#"# coding: UTF-8
require 'tengine_job'

jobnet("夜間") do
  job("読込", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "too-large",
        "warning",
        "A file or load path is larger than is checked.",
        "Files beyond 256 KiB are passed over, and so is everything that depends on them.",
        "",
        "",
    ),
    rule_of(
        "too-deep",
        "warning",
        "Code is nested deeper than is followed.",
        "What lies deeper is treated as unknown.",
        "",
        "",
    ),
    rule_of(
        "too-much",
        "warning",
        "The definition does too much while it is loaded to be followed.",
        "Loops are followed step by step, up to a limit. What comes after the limit is not checked.",
        "",
        "",
    ),
    rule_of(
        "no-ruby-file",
        "error",
        "The load path holds no .rb file.",
        "The core would start and do nothing. Usually the path is wrong. This rule is about running, not about loading.",
        "",
        "",
    ),
    rule_of(
        "empty-file",
        "warning",
        "A file defines nothing.",
        "Nothing in it has any effect: no jobnet, driver, method or constant.",
        "require 'tengine_job'",
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "empty-definition",
        "warning",
        "Nothing in the load path defines a jobnet or a driver.",
        "The core would start and do nothing.",
        "LIMIT = 3",
        r#"LIMIT = 3

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "missing-require",
        "error",
        "Jobnet words are used, and no file requires tengine_job.",
        "`jobnet` and its words come with the library tengine_job; without it the first of them is a NameError.",
        r#"jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
    rule_of(
        "missing-file",
        "error (require_relative), warning (require, load)",
        "A file that is required is not in the load path.",
        "All files of the load path are shipped together and nothing else is. Names that may be gems are left alone.",
        r#"require_relative 'shared/servers'

require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
        r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
    ),
];
