//! Every rule: its code, what it means, a wrong and a right example.
//!
//! The only place where rules are described; `check --explain CODE` and `docs/rules.md` are printed from it, and a test
//! runs every example.

mod rules;

pub use rules::RULES;
use std::fmt::Write;

/// A rule as users know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub code: &'static str,
    /// `error`, `warning`, or both with the difference said.
    pub severity: &'static str,
    /// What it finds, in one sentence.
    pub title: &'static str,
    /// Why that is bad, and what the check takes care of.
    pub why: &'static str,
    /// A definition that it finds fault with.
    pub wrong: &'static str,
    /// The same without the fault.
    pub right: &'static str,
}

/// The rule called `code`.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// One rule as text for a terminal.
pub fn explain(rule: &Rule) -> String {
    let mut out = format!("{} ({})\n\n{}\n\n{}\n", rule.code, rule.severity, rule.title, rule.why);
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
         | code | severity | finds |\n|---|---|---|\n",
    );
    for rule in RULES.iter() {
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} | {2} |", rule.code, rule.severity, rule.title);
    }
    for rule in RULES.iter() {
        let _ = write!(out, "\n## {}\n\n*{}.* {}\n\n{}\n", rule.code, rule.severity, rule.title, rule.why);
        for (head, example) in [("Wrong", rule.wrong), ("Right", rule.right)] {
            if !example.is_empty() {
                let _ = write!(out, "\n{head}:\n\n```ruby\n{}\n```\n", example.trim_end());
            }
        }
    }
    out
}

const fn rule_of(
    code: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    wrong: &'static str,
    right: &'static str,
) -> Rule {
    Rule { code, severity, title, why, wrong, right }
}
