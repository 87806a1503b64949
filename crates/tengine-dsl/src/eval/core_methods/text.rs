//! Methods of strings and symbols.

use crate::eval::values::unknown_text;
use crate::limits;
use crate::source::Span;
use crate::value::{FilterKind, Placed, Shared, Value};
use std::fmt::Write;

pub(super) fn string<'a>(shared: &Shared<String>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    let Some(text) = shared.get() else {
        let stays_text = matches!(name, "strip" | "upcase" | "downcase" | "chomp" | "dup") && args.is_empty();
        return stays_text.then(unknown_text);
    };
    // A symbol is no string: Ruby refuses it where a string is wanted.
    let words: Vec<Option<String>> = args.iter().map(|arg| string_of(&arg.value)).collect();
    Some(match (name, words.as_slice()) {
        ("dup" | "clone", []) => Value::str(text),
        ("to_sym" | "intern", []) => Value::sym(&text),
        ("to_i", []) if is_number(&text) => Value::Int(text.parse().ok()?),
        ("upcase", []) if text.is_ascii() => Value::str(text.to_ascii_uppercase()),
        ("downcase", []) if text.is_ascii() => Value::str(text.to_ascii_lowercase()),
        ("capitalize", []) if text.is_ascii() => Value::str(capitalized(&text)),
        // Ruby versions differ over NUL.
        ("strip", []) if !text.contains('\0') => Value::str(text.trim_matches(BLANKS)),
        ("chomp", []) => {
            Value::str(text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])).unwrap_or(&text))
        }
        ("reverse", []) => Value::str(text.chars().rev().collect::<String>()),
        ("length" | "size", []) => Value::Int(i64::try_from(text.chars().count()).ok()?),
        ("empty?", []) => Value::Bool(text.is_empty()),
        ("start_with?", [Some(start)]) => Value::Bool(text.starts_with(start.as_str())),
        ("end_with?", [Some(end)]) => Value::Bool(text.ends_with(end.as_str())),
        ("include?", [Some(part)]) => Value::Bool(text.contains(part.as_str())),
        ("+", [other]) => match other {
            Some(other) if text.len() + other.len() <= limits::TEXT => Value::str(text + other),
            Some(_) => unknown_text(),
            None => return None,
        },
        ("gsub", [Some(from), Some(to)]) if !from.is_empty() && !to.contains('\\') => grown(text.replace(from, to))?,
        ("sub", [Some(from), Some(to)]) if !from.is_empty() && !to.contains('\\') => grown(text.replacen(from, to, 1))?,
        ("split", []) if !text.contains('\0') => texts(text.split(BLANKS).filter(|part| !part.is_empty())),
        ("split", [Some(by)]) if !by.is_empty() && by != " " => texts(divided(&text, by).into_iter()),
        ("lines", []) => texts(text.split_inclusive('\n')),
        ("*", _) => match args {
            [Placed { value: Value::Int(n), .. }] => {
                let count = usize::try_from(*n).ok().filter(|n| n.saturating_mul(text.len()) <= limits::TEXT)?;
                Value::str(text.repeat(count))
            }
            _ => return None,
        },
        ("%", _) => match args {
            [Placed { value: Value::Array(list), .. }] => Value::str(percent(&text, &list.get()?)?),
            [one] => Value::str(percent(&text, std::slice::from_ref(one))?),
            _ => return None,
        },
        ("rjust" | "ljust", _) => Value::str(justified(&text, name, args)?),
        _ => return None,
    })
}

/// What Ruby's `strip` and `split` take for blank.
const BLANKS: [char; 6] = ['\t', '\n', '\u{b}', '\u{c}', '\r', ' '];

fn string_of(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Str(text) => text.get(),
        _ => None,
    }
}

fn grown<'a>(text: String) -> Option<Value<'a>> {
    (text.len() <= limits::TEXT).then(|| Value::str(text))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// Split at a separator: nothing empty is left at the end.
fn divided<'t>(text: &'t str, by: &str) -> Vec<&'t str> {
    let mut parts: Vec<&str> = text.split(by).collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    parts
}

pub(super) fn texts<'a, 't>(parts: impl Iterator<Item = &'t str>) -> Value<'a> {
    Value::array(parts.map(|part| Placed::new(Value::str(part), Span::default())).collect())
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect()
}

pub(super) fn justified(text: &str, name: &str, args: &[Placed<'_>]) -> Option<String> {
    let (width, filler) = match args {
        [Placed { value: Value::Int(width), .. }] => (*width, " ".to_owned()),
        [Placed { value: Value::Int(width), .. }, filler] => {
            (*width, string_of(&filler.value).filter(|filler| !filler.is_empty())?)
        }
        _ => return None,
    };
    let width = usize::try_from(width).ok().filter(|width| *width <= 1000)?;
    let missing = width.saturating_sub(text.chars().count());
    let padding: String = filler.chars().cycle().take(missing).collect();
    Some(if name == "rjust" { padding + text } else { text.to_owned() + &padding })
}

/// `format`: `%s`, `%d`, `%02d`, `%%`; anything else is not known.
pub(super) fn percent(format: &str, args: &[Placed<'_>]) -> Option<String> {
    let mut out = String::new();
    let mut args = args.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let zero = chars.next_if_eq(&'0').is_some();
        let mut width = 0_usize;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            width = (width * 10 + digit as usize).min(1000);
            chars.next();
        }
        match chars.next()? {
            '%' if width == 0 && !zero => out.push('%'),
            's' => write!(out, "{:>width$}", args.next()?.value.to_text()?).ok()?,
            'd' | 'i' => match args.next()?.value {
                Value::Int(number) if zero => write!(out, "{number:0width$}").ok()?,
                Value::Int(number) => write!(out, "{number:width$}").ok()?,
                _ => return None,
            },
            _ => return None,
        }
    }
    (out.len() <= limits::TEXT).then_some(out)
}

pub(super) fn of_symbol<'a>(symbol: &str, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    Some(match (name, args) {
        ("to_sym" | "intern", []) => Value::sym(symbol),
        ("id2name" | "name", []) => Value::str(symbol),
        ("length" | "size", []) => Value::Int(i64::try_from(symbol.chars().count()).ok()?),
        ("&" | "and", [other]) => match &other.value {
            Value::Filter(_) | Value::Nil => Value::Filter(FilterKind::NeverMatches),
            _ => Value::Filter(FilterKind::Plausible),
        },
        ("at", [_]) => Value::Filter(FilterKind::Plausible),
        _ => return None,
    })
}
