//! A frozen value is changed.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "frozen-change",
    verdict: Verdict::Refuses,
    title: "A frozen value is changed.",
    why: "It is a FrozenError.",
    wrong: r#"require 'tengine_job'

NAMES = %w[load].freeze
NAMES << "store"

jobnet("nightly") do
  NAMES.each { |name| job(name, "$HOME/#{name}.sh") }
end"#,
    right: r#"require 'tengine_job'

NAMES = %w[load store].freeze

jobnet("nightly") do
  NAMES.each { |name| job(name, "$HOME/#{name}.sh") }
end"#,
};

/// Methods that change texts, lists or hashes.
pub const CHANGES: &[&str] = &[
    "<<", "push", "append", "prepend", "unshift", "insert", "concat", "pop", "shift", "delete_if", "clear", "replace", "store", "[]=",
    "update",
];
