//! Every rule: its code, what it means, a wrong and a right example.
//!
//! The only place where rules are described; `check --explain CODE` and `docs/rules.md` are printed from it, and a test
//! runs every example.

pub use crate::rules::{RULES, Rule, Verdict};
use std::fmt::Write;

/// The rule called `code`.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// One rule as text for a terminal.
pub fn explain(rule: &Rule) -> String {
    let mut out = format!(
        "{} ({})\n\n{}\n\n{}: {}\n",
        rule.code,
        rule.verdict.severity(),
        rule.title,
        rule.verdict.words(),
        rule.why
    );
    for (head, example) in [("Wrong:", rule.wrong), ("Right:", rule.right)] {
        if !example.is_empty() {
            let _ = write!(out, "\n{head}\n\n");
            example.lines().for_each(|line| {
                let _ = writeln!(out, "    {line}");
            });
        }
    }
    out
}

/// All rules as a page.
pub fn page() -> String {
    let mut out = String::from(
        "# Rules of the definition check\n\n\
         Printed by `tengine-operator check --explain all`; do not edit by hand.\n\n\
         A finding is silenced by a comment on its line or the line above: `# tengine:ignore CODE reason`.\n\n\
         An **error** is what Tengine 1.2.2 refuses (and a load path with nothing to run); a **warning** is what it loads though it is hardly\n\
         meant so. `check --strict` and `checks.definition: Strict` refuse warnings too.\n\n\
         | code | severity | Tengine | finds |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let _ = writeln!(
            out,
            "| [`{0}`](#{0}) | {1} | {2} | {3} |",
            rule.code,
            rule.verdict.severity(),
            tengine(rule.verdict),
            rule.title
        );
    }
    for rule in RULES {
        let _ = write!(
            out,
            "\n## {}\n\n{} (*{}*)\n\n**{}:** {}\n",
            rule.code,
            rule.title,
            rule.verdict.severity(),
            rule.verdict.words(),
            rule.why
        );
        for (head, example) in [("Wrong", rule.wrong), ("Right", rule.right)] {
            if !example.is_empty() {
                let _ = write!(out, "\n{head}:\n\n```ruby\n{}\n```\n", example.trim_end());
            }
        }
    }
    out
}

fn tengine(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refuses => "refuses",
        Verdict::Loads | Verdict::Nothing => "loads",
        Verdict::Depends => "depends",
        Verdict::Aside => "–",
    }
}
