//! Ruby's own method cannot take this value.

use super::{Code, Rule, Verdict};
use crate::parse::Finding;
use crate::source::Span;
use crate::value::{Placed, Value};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "wrong-type",
    verdict: Verdict::Refuses,
    title: "Ruby's own method cannot take this value.",
    why: "It is a TypeError, ArgumentError or ZeroDivisionError: a text and a number are not added, nothing is divided by zero.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  2.times { |number| job("load" + number, "$HOME/load.sh") }
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  2.times { |number| job("load#{number}", "$HOME/load.sh") }
end"#,
};

/// An operator of a value that is certain, with one it cannot take.
pub fn check(on: &Value<'_>, name: &str, args: &[Placed<'_>], span: Span) -> Option<Finding> {
    let [other] = args else { return None };
    let told = |what: &str| Some(Finding::new(Code::WrongType, span, what));
    match (on, name, &other.value) {
        (Value::Int(_), "/" | "%" | "div" | "modulo", Value::Int(0)) => told("a number is divided by zero"),
        (Value::Str(_), "+", Value::Int(_) | Value::Nil | Value::Sym(_) | Value::Array(_) | Value::Hash(_) | Value::Bool(_)) => {
            Some(Finding::new(Code::WrongType, span, "a text is added to something that is none").with_help("write \"#{…}\", or call to_s"))
        }
        (
            Value::Int(_),
            "+" | "-" | "*" | "/" | "%",
            Value::Str(_) | Value::Nil | Value::Sym(_) | Value::Array(_) | Value::Hash(_) | Value::Bool(_),
        ) => told("a number is reckoned with something that is none"),
        (Value::Array(_), "+", Value::Str(_) | Value::Int(_) | Value::Nil | Value::Sym(_) | Value::Bool(_)) => {
            told("a list is added to something that is none")
        }
        _ => None,
    }
}
