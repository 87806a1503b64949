//! Methods of arrays and hashes.

use crate::eval::values::Pairs;
use crate::limits;
use crate::source::Span;
use crate::syntax::Ends;
use crate::value::{Placed, Shared, Value};

/// The elements of an array or range.
pub(in crate::eval) fn elements<'a>(value: &Value<'a>) -> Option<Vec<Placed<'a>>> {
    match value {
        Value::Array(list) => list.get(),
        Value::Range(from, to, ends) => {
            let after = if *ends == Ends::Inclusive { to.checked_add(1)? } else { *to };
            let short = after.checked_sub(*from)? <= i64::try_from(limits::ELEMENTS).ok()?;
            short.then(|| (*from..after).map(|n| Placed::new(Value::Int(n), Span::default())).collect())
        }
        _ => None,
    }
}

pub(super) fn array<'a>(list: &[Placed<'a>], name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    Some(match (name, args) {
        ("to_a" | "entries" | "dup" | "clone", []) => Value::array(list.to_vec()),
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
        ("last", [Placed { value: Value::Int(n), .. }]) => {
            let skipped = list.len().saturating_sub(usize::try_from(*n).ok()?);
            Value::array(list.iter().skip(skipped).cloned().collect())
        }
        ("drop", [Placed { value: Value::Int(n), .. }]) => {
            Value::array(list.iter().skip(usize::try_from(*n).ok()?).cloned().collect())
        }
        ("include?", [item]) => {
            let same: Option<Vec<bool>> = list.iter().map(|known| known.value.same(&item.value)).collect();
            Value::Bool(same?.contains(&true))
        }
        ("uniq", []) => unique(list)?,
        (name, [Placed { value: Value::Array(other), .. }]) => Value::array(of_two(list, name, &other.get()?)?),
        _ => return None,
    })
}

/// What two lists together give.
fn of_two<'a>(list: &[Placed<'a>], name: &str, other: &[Placed<'a>]) -> Option<Vec<Placed<'a>>> {
    match name {
        "+" => (list.len() + other.len() <= limits::ELEMENTS).then(|| [list, other].concat()),
        "zip" => {
            let nil = || Placed::new(Value::Nil, Span::default());
            let pair = |(at, item): (usize, &Placed<'a>)| {
                let second = other.get(at).cloned().unwrap_or_else(nil);
                Placed::new(Value::array(vec![item.clone(), second]), item.span)
            };
            Some(list.iter().enumerate().map(pair).collect())
        }
        "product" if list.len().saturating_mul(other.len()) <= limits::ELEMENTS => {
            let pair = |a: &Placed<'a>, b: &Placed<'a>| Placed::new(Value::array(vec![a.clone(), b.clone()]), a.span);
            Some(list.iter().flat_map(|a| other.iter().map(move |b| pair(a, b))).collect())
        }
        _ => None,
    }
}

pub(super) fn flattened<'a>(list: &[Placed<'a>]) -> Option<Vec<Placed<'a>>> {
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

pub(super) fn joined<'a>(list: &[Placed<'a>], args: &[Placed<'a>]) -> Option<Value<'a>> {
    let by = match args {
        [] => String::new(),
        [Placed { value: Value::Str(by), .. }] => by.get()?,
        _ => return None,
    };
    let parts: Option<Vec<String>> = list.iter().map(|item| item.value.to_text()).collect();
    let text = parts?.join(&by);
    (text.len() <= limits::TEXT).then(|| Value::str(text))
}

pub(super) fn unique<'a>(list: &[Placed<'a>]) -> Option<Value<'a>> {
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

pub(super) fn hash<'a>(pairs: &[(Placed<'a>, Placed<'a>)], name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    Some(match (name, args) {
        ("keys", []) => Value::array(pairs.iter().map(|(key, _)| key.clone()).collect()),
        ("values", []) => Value::array(pairs.iter().map(|(_, value)| value.clone()).collect()),
        ("length" | "size" | "count", []) => Value::Int(i64::try_from(pairs.len()).ok()?),
        ("empty?", []) => Value::Bool(pairs.is_empty()),
        ("dup" | "clone", []) => Value::Hash(Shared::new(pairs.to_vec())),
        ("[]", [key]) => found(pairs, &key.value)?.map_or(Value::Nil, |value| value.value.clone()),
        ("fetch", [key, _]) if found(pairs, &key.value)?.is_some() => found(pairs, &key.value)??.value.clone(),
        ("fetch", [_, otherwise]) => otherwise.value.clone(),
        ("fetch", [key]) => found(pairs, &key.value)?.map(|value| value.value.clone())?,
        ("key?" | "has_key?" | "include?" | "member?", [key]) => Value::Bool(found(pairs, &key.value)?.is_some()),
        ("merge", [Placed { value: Value::Hash(other), .. }]) => {
            let mut merged = Pairs::default();
            for (key, value) in pairs.iter().chain(&other.get()?) {
                merged.put(key, value).then_some(())?;
            }
            Value::Hash(Shared::new(merged.list))
        }
        _ => return None,
    })
}

/// The value under a key, if it is certain whether there is one.
#[allow(clippy::option_option)] // not certain; certainly absent; certainly there
pub(super) fn found<'p, 'a>(pairs: &'p [(Placed<'a>, Placed<'a>)], key: &Value<'a>) -> Option<Option<&'p Placed<'a>>> {
    let mut last = None;
    for (known, value) in pairs {
        if known.value.same(key)? {
            last = Some(value);
        }
    }
    Some(last)
}
