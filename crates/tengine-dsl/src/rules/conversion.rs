//! What Ruby's own conversions certainly refuse.

use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;
use crate::value::{Placed, Value};

/// `Integer(value)` of what is no number.
pub fn integer(args: &[Placed<'_>], span: Span) -> Option<Finding> {
    let [value] = args else { return None };
    let refused = matches!(value.value, Value::Nil) || holds_no_number(&value.value);
    refused.then(|| Finding::new(Code::WrongType, span, "Integer() is given what is no number"))
}

/// `"%d" % value` of what is no number.
pub fn format(format: &str, args: &[Placed<'_>], span: Span) -> Option<Finding> {
    let first = args.first().map(|arg| &arg.value)?;
    let number = format.split_once('%').is_some_and(|(_, directive)| directive.starts_with('d'));
    (number && (matches!(first, Value::Nil) || holds_no_number(first)))
        .then(|| Finding::new(Code::WrongType, span, "%d is given what is no number"))
}

/// A text without a digit is no number in any notation.
fn holds_no_number(value: &Value<'_>) -> bool {
    matches!(value, Value::Str(text) if text.with(|text| !text.chars().any(|c| c.is_ascii_digit())) == Some(true))
}

/// `JSON.parse("{a")`: after the brace stands a quote, the other brace or a comment.
pub fn json(args: &[Placed<'_>], span: Span) -> Option<Finding> {
    let Some(Placed { value: Value::Str(text), .. }) = args.first() else { return None };
    let text = text.get()?;
    let inner = text.trim_start().strip_prefix('{')?.trim_start();
    inner
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then(|| Finding::new(Code::WrongType, span, "this text is no JSON"))
}
