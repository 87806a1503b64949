//! Ruby's own methods on values that are known. A method that is not here gives something unknown, never a guess.

use super::Evaluator;
use super::havoc::changes_receiver;
use crate::dsl::limits;
use crate::dsl::parse::Finding;
use crate::dsl::source::Span;
use crate::dsl::syntax::Call;
use crate::dsl::value::{FilterKind, Placed, Scope, Shared, Value};
use std::fmt::Write;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// A method of a value that is known.
    pub(super) fn on_known(
        &mut self,
        on: &Placed<'a>,
        call: &'a Call,
        span: Span,
        scope: &Rc<Scope<'a>>,
    ) -> Placed<'a> {
        if let (Value::Proc(closure), "call" | "()" | "[]" | "yield") = (&on.value, call.name.as_str()) {
            let closure = Rc::clone(closure);
            return match self.elements(&call.args, scope) {
                Some(args) => self.run(&closure, args, span),
                None => self.not_followed(call, span, scope),
            };
        }
        if call.block.is_some() {
            if changes_receiver(&call.name) {
                on.value.lose();
            } else if let Some(looped) = self.looped(on, call, span, scope) {
                return looped;
            }
            return self.not_followed(call, span, scope);
        }
        let Some(args) = self.elements(&call.args, scope) else {
            if changes_receiver(&call.name) {
                on.value.lose();
            }
            return Placed::unknown(span);
        };
        if self.filter_misuse(on, call, &args) {
            return Placed::unknown(span);
        }
        if let Some(value) = changed(&on.value, &call.name, &args) {
            return Placed::new(value, span);
        }
        if changes_receiver(&call.name) {
            on.value.lose();
            return Placed::unknown(span);
        }
        let value = simple(&on.value, &call.name, &args).unwrap_or(Value::Unknown);
        Placed::new(value, span)
    }

    /// `"a" & "b"`, `(:a & :b) & :c`: filters are made of two symbols, nothing else.
    fn filter_misuse(&mut self, on: &Placed<'a>, call: &Call, args: &[Placed<'a>]) -> bool {
        let wrong = match (&on.value, call.name.as_str()) {
            (Value::Filter(_), "&" | "and" | "at" | "|") | (Value::Str(_), "&" | "|") => true,
            (Value::Sym(_), "|") => args.len() == 1,
            _ => false,
        };
        if wrong && self.driver.is_some() {
            let message =
                format!("\"{}\" joins an event filter of two symbols, like :a & :b, and nothing else", call.name);
            self.tell(Finding::error("invalid-filter", call.name_span, message));
        }
        wrong
    }

    pub(super) fn formatted(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let value = self.elements(&call.args, scope).and_then(|args| {
            let (format, rest) = args.split_first()?;
            percent(&format.value.name()?, rest)
        });
        Placed::new(value.map_or_else(super::unknown_text, Value::str), span)
    }
}

/// Methods that change the value, where the change is followed.
fn changed<'a>(on: &Value<'a>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    match (on, name) {
        (Value::Array(list), "<<" | "push" | "append") => {
            list.change(|list| list.extend(args.iter().cloned()));
            if list.with(Vec::len)? > limits::ELEMENTS {
                list.lose();
            }
            Some(on.clone())
        }
        (Value::Array(list), "concat") => {
            let more: Option<Vec<Vec<Placed<'a>>>> = args.iter().map(|arg| elements(&arg.value)).collect();
            match more {
                Some(more) if more.iter().map(Vec::len).sum::<usize>() < limits::ELEMENTS => {
                    list.change(|list| list.extend(more.into_iter().flatten()));
                }
                _ => list.lose(),
            }
            Some(on.clone())
        }
        (Value::Hash(pairs), "[]=" | "store") => {
            let [key, value] = args else { return None };
            pairs.get()?.iter().map(|(known, _)| known.value.same(&key.value)).collect::<Option<Vec<_>>>()?;
            pairs.change(|pairs| put(pairs, key, value));
            Some(value.value.clone())
        }
        _ => None,
    }
}

fn put<'a>(pairs: &mut Vec<(Placed<'a>, Placed<'a>)>, key: &Placed<'a>, value: &Placed<'a>) {
    match pairs.iter_mut().find(|(known, _)| known.value.same(&key.value) == Some(true)) {
        Some((_, old)) => *old = value.clone(),
        None => pairs.push((key.clone(), value.clone())),
    }
}

/// The result of a method without side effects, if it is one of those known here.
pub fn simple<'a>(on: &Value<'a>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    match (name, args) {
        ("==", [other]) => return on.same(&other.value).map(Value::Bool),
        ("!=", [other]) => return on.same(&other.value).map(|same| Value::Bool(!same)),
        ("!", []) => return on.truth().map(|truth| Value::Bool(!truth)),
        ("nil?", []) if !matches!(on, Value::Unknown) => return Some(Value::Bool(matches!(on, Value::Nil))),
        ("freeze" | "itself", []) => return Some(on.clone()),
        ("to_s", []) if !matches!(on, Value::Str(_)) => return on.to_text().map(Value::str),
        _ => {}
    }
    match on {
        Value::Str(text) => string(text, name, args),
        Value::Sym(symbol) => of_symbol(symbol, name, args),
        Value::Int(number) => integer(*number, name, args),
        Value::Array(list) => array(&list.get()?, name, args),
        Value::Range(from, to) => {
            let list = elements(&Value::Range(*from, *to))?;
            matches!(name, "to_a" | "entries" | "first" | "last" | "size" | "count" | "include?")
                .then(|| array(&list, name, args))?
        }
        Value::Hash(pairs) => hash(&pairs.get()?, name, args),
        Value::Nil => (name == "to_a" && args.is_empty()).then(|| Value::array(Vec::new())),
        Value::Bool(_) | Value::Proc(_) | Value::Filter(_) | Value::Unknown => None,
    }
}

fn string<'a>(shared: &Shared<String>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    let Some(text) = shared.get() else {
        let stays_text = matches!(
            name,
            "+" | "%" | "*" | "to_s" | "strip" | "upcase" | "downcase" | "chomp" | "gsub" | "sub" | "tr" | "dup"
        );
        return stays_text.then(super::unknown_text);
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
            _ => super::unknown_text(),
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

fn plain_pair(from: &Placed<'_>, to: &Placed<'_>, replacement: &str) -> bool {
    matches!((&from.value, &to.value), (Value::Str(_), Value::Str(_))) && !replacement.contains('\\')
}

fn texts<'a, 't>(parts: impl Iterator<Item = &'t str>) -> Value<'a> {
    Value::array(parts.map(|part| Placed::new(Value::str(part), Span::default())).collect())
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect()
}

fn justified(text: &str, name: &str, args: &[Placed<'_>]) -> Option<String> {
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
fn percent(format: &str, args: &[Placed<'_>]) -> Option<String> {
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

fn of_symbol<'a>(symbol: &str, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
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

fn integer<'a>(number: i64, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    let other = match args {
        [] => None,
        [Placed { value: Value::Int(other), .. }] => Some(*other),
        _ => return None,
    };
    Some(match (name, other) {
        ("+", Some(other)) => Value::Int(number.checked_add(other)?),
        ("-", Some(other)) => Value::Int(number.checked_sub(other)?),
        ("*", Some(other)) => Value::Int(number.checked_mul(other)?),
        ("/", Some(other)) if number >= 0 && other > 0 => Value::Int(number / other),
        ("%", Some(other)) if number >= 0 && other > 0 => Value::Int(number % other),
        ("<", Some(other)) => Value::Bool(number < other),
        ("<=", Some(other)) => Value::Bool(number <= other),
        (">", Some(other)) => Value::Bool(number > other),
        (">=", Some(other)) => Value::Bool(number >= other),
        ("succ" | "next", None) => Value::Int(number.checked_add(1)?),
        ("pred", None) => Value::Int(number.checked_sub(1)?),
        ("-@", None) => Value::Int(number.checked_neg()?),
        ("even?", None) => Value::Bool(number % 2 == 0),
        ("odd?", None) => Value::Bool(number % 2 != 0),
        ("zero?", None) => Value::Bool(number == 0),
        ("to_i" | "floor" | "ceil", None) => Value::Int(number),
        _ => return None,
    })
}

fn elements<'a>(value: &Value<'a>) -> Option<Vec<Placed<'a>>> {
    match value {
        Value::Array(list) => list.get(),
        Value::Range(from, to) => {
            let count = to.checked_sub(*from)?;
            let short = count < i64::try_from(limits::ELEMENTS).ok()?;
            short.then(|| (*from..=*to).map(|n| Placed::new(Value::Int(n), Span::default())).collect())
        }
        _ => None,
    }
}

fn array<'a>(list: &[Placed<'a>], name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    Some(match (name, args) {
        ("to_a" | "entries" | "dup" | "clone" | "each" | "map", []) if !matches!(name, "each" | "map") => {
            Value::array(list.to_vec())
        }
        ("first", []) => list.first().map_or(Value::Nil, |item| item.value.clone()),
        ("last", []) => list.last().map_or(Value::Nil, |item| item.value.clone()),
        ("length" | "size" | "count", []) => Value::Int(i64::try_from(list.len()).ok()?),
        ("empty?", []) => Value::Bool(list.is_empty()),
        ("any?", []) if list.is_empty() => Value::Bool(false),
        ("reverse", []) => Value::array(list.iter().rev().cloned().collect()),
        ("compact", []) if list.iter().all(|item| item.value.truth().is_some()) => {
            Value::array(list.iter().filter(|item| !matches!(item.value, Value::Nil)).cloned().collect())
        }
        ("flatten", []) => Value::array(flattened(list)?),
        ("join", rest) => joined(list, rest)?,
        ("[]" | "at", [Placed { value: Value::Int(at), .. }]) => {
            let index = if *at < 0 { at + i64::try_from(list.len()).ok()? } else { *at };
            usize::try_from(index).ok().and_then(|index| list.get(index)).map_or(Value::Nil, |item| item.value.clone())
        }
        ("first" | "take", [Placed { value: Value::Int(n), .. }]) => {
            Value::array(list.iter().take(usize::try_from(*n).ok()?).cloned().collect())
        }
        ("drop", [Placed { value: Value::Int(n), .. }]) => {
            Value::array(list.iter().skip(usize::try_from(*n).ok()?).cloned().collect())
        }
        ("+", [other]) => {
            let more = elements(&other.value)?;
            (list.len() + more.len() <= limits::ELEMENTS).then(|| Value::array([list, &more].concat()))?
        }
        ("include?", [item]) => {
            let same: Option<Vec<bool>> = list.iter().map(|known| known.value.same(&item.value)).collect();
            Value::Bool(same?.contains(&true))
        }
        ("uniq", []) => unique(list)?,
        ("zip", [other]) => {
            let other = elements(&other.value)?;
            let nil = || Placed::new(Value::Nil, Span::default());
            let pair = |(at, item): (usize, &Placed<'a>)| {
                let second = other.get(at).cloned().unwrap_or_else(nil);
                Placed::new(Value::array(vec![item.clone(), second]), item.span)
            };
            Value::array(list.iter().enumerate().map(pair).collect())
        }
        ("product", [other]) => {
            let other = elements(&other.value)?;
            if list.len().saturating_mul(other.len()) > limits::ELEMENTS {
                return None;
            }
            let pair = |a: &Placed<'a>, b: &Placed<'a>| Placed::new(Value::array(vec![a.clone(), b.clone()]), a.span);
            Value::array(list.iter().flat_map(|a| other.iter().map(move |b| pair(a, b))).collect())
        }
        _ => return None,
    })
}

fn flattened<'a>(list: &[Placed<'a>]) -> Option<Vec<Placed<'a>>> {
    let mut out = Vec::new();
    for item in list {
        match &item.value {
            Value::Unknown => return None,
            Value::Array(inner) => out.extend(inner.get()?),
            _ => out.push(item.clone()),
        }
    }
    let flat = out.iter().all(|item| !matches!(item.value, Value::Array(_) | Value::Unknown));
    (flat && out.len() <= limits::ELEMENTS).then_some(out)
}

fn joined<'a>(list: &[Placed<'a>], args: &[Placed<'a>]) -> Option<Value<'a>> {
    let by = match args {
        [] => String::new(),
        [by] => by.value.name()?,
        _ => return None,
    };
    let parts: Option<Vec<String>> = list.iter().map(|item| item.value.to_text()).collect();
    let text = parts?.join(&by);
    (text.len() <= limits::TEXT).then(|| Value::str(text))
}

fn unique<'a>(list: &[Placed<'a>]) -> Option<Value<'a>> {
    if list.len() > 500 {
        return None;
    }
    let mut kept: Vec<Placed<'a>> = Vec::new();
    for item in list {
        let same: Option<Vec<bool>> = kept.iter().map(|known| known.value.same(&item.value)).collect();
        if !same?.contains(&true) {
            kept.push(item.clone());
        }
    }
    Some(Value::array(kept))
}

fn hash<'a>(pairs: &[(Placed<'a>, Placed<'a>)], name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    Some(match (name, args) {
        ("keys", []) => Value::array(pairs.iter().map(|(key, _)| key.clone()).collect()),
        ("values", []) => Value::array(pairs.iter().map(|(_, value)| value.clone()).collect()),
        ("length" | "size" | "count", []) => Value::Int(i64::try_from(pairs.len()).ok()?),
        ("empty?", []) => Value::Bool(pairs.is_empty()),
        ("dup" | "clone" | "to_h", []) => Value::Hash(Shared::new(pairs.to_vec())),
        ("[]", [key]) => found(pairs, &key.value)?.map_or(Value::Nil, |value| value.value.clone()),
        ("fetch", [key]) => found(pairs, &key.value)?.map(|value| value.value.clone())?,
        ("key?" | "has_key?" | "include?" | "member?", [key]) => Value::Bool(found(pairs, &key.value)?.is_some()),
        ("merge", [Placed { value: Value::Hash(other), .. }]) => {
            let mut merged = pairs.to_vec();
            for (key, value) in other.get()? {
                found(&merged, &key.value)?;
                put(&mut merged, &key, &value);
            }
            Value::Hash(Shared::new(merged))
        }
        _ => return None,
    })
}

/// The value under a key, if it is certain whether there is one.
#[allow(clippy::option_option)] // not certain; certainly absent; certainly there
fn found<'p, 'a>(pairs: &'p [(Placed<'a>, Placed<'a>)], key: &Value<'a>) -> Option<Option<&'p Placed<'a>>> {
    let mut last = None;
    for (known, value) in pairs {
        if known.value.same(key)? {
            last = Some(value);
        }
    }
    Some(last)
}
