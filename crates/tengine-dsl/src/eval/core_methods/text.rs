//! Methods of strings and symbols.

use crate::eval::values::unknown_text;
use crate::limits;
use crate::source::Span;
use crate::value::{FilterKind, Placed, Shared, Value};
use std::fmt::Write;

pub(super) fn string<'a>(shared: &Shared<String>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    let Some(text) = shared.get() else {
        let stays_text = matches!(
            name,
            "+" | "%" | "*" | "to_s" | "strip" | "upcase" | "downcase" | "chomp" | "gsub" | "sub" | "tr" | "dup"
        );
        return stays_text.then(unknown_text);
    };
    let words: Vec<Option<String>> = args.iter().map(|arg| arg.value.name()).collect();
    Some(match (name, words.as_slice()) {
        ("to_s" | "to_str" | "dup" | "clone" | "+@" | "-@", []) => Value::str(text),
        ("to_sym" | "intern", []) => Value::sym(&text),
        ("to_i", []) => Value::Int(text.trim().parse().ok()?),
        ("upcase", []) if text.is_ascii() => Value::str(text.to_ascii_uppercase()),
        ("downcase", []) if text.is_ascii() => Value::str(text.to_ascii_lowercase()),
        ("capitalize", []) if text.is_ascii() => Value::str(capitalized(&text)),
        ("strip", []) => Value::str(text.trim()),
        ("chomp", []) => Value::str(text.strip_suffix('\n').unwrap_or(&text)),
        ("reverse", []) => Value::str(text.chars().rev().collect::<String>()),
        ("length" | "size", []) => Value::Int(i64::try_from(text.chars().count()).ok()?),
        ("empty?", []) => Value::Bool(text.is_empty()),
        ("succ" | "next", []) => Value::Unknown,
        ("start_with?", [Some(start)]) => Value::Bool(text.starts_with(start.as_str())),
        ("end_with?", [Some(end)]) => Value::Bool(text.ends_with(end.as_str())),
        ("include?", [Some(part)]) => Value::Bool(text.contains(part.as_str())),
        ("+", [other]) => match other {
            Some(other) if text.len() + other.len() <= limits::TEXT => Value::str(text + other),
            _ => unknown_text(),
        },
        ("gsub", [Some(from), Some(to)]) if plain_pair(&args[0], &args[1], to) => {
            Value::str(text.replace(from.as_str(), to))
        }
        ("sub", [Some(from), Some(to)]) if plain_pair(&args[0], &args[1], to) => {
            Value::str(text.replacen(from.as_str(), to, 1))
        }
        ("split", []) => texts(text.split_whitespace()),
        ("split", [Some(by)]) if by.len() == 1 && by != " " => {
            texts(text.trim_end_matches(by.as_str()).split(by.as_str()))
        }
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

pub(super) fn plain_pair(from: &Placed<'_>, to: &Placed<'_>, replacement: &str) -> bool {
    matches!((&from.value, &to.value), (Value::Str(_), Value::Str(_))) && !replacement.contains('\\')
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
        [Placed { value: Value::Int(width), .. }, filler] => (*width, filler.value.name()?),
        _ => return None,
    };
    let width = usize::try_from(width).ok().filter(|width| *width <= 1000)?;
    let missing = width.saturating_sub(text.chars().count());
    let padding: String = filler.chars().cycle().take(if filler.is_empty() { 0 } else { missing }).collect();
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
            '%' => out.push('%'),
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
