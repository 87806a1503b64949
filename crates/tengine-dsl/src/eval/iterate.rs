//! Loops over what is known.

use super::Evaluator;
use crate::limits;
use crate::source::Span;
use crate::syntax::Call;
use crate::value::{Closure, Placed, Scope, Shared, Value};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// Runs the block of a call on a known value, if the method is one whose loop is followed.
    pub(super) fn looped(
        &mut self,
        on: &Placed<'a>,
        call: &'a Call,
        span: Span,
        scope: &Rc<Scope<'a>>,
    ) -> Option<Placed<'a>> {
        let given = self.block_value(call, scope)?;
        let args = self.elements(&call.args, scope)?;
        let items = items(&on.value, &call.name, &args)?;
        if items.len() > limits::ELEMENTS {
            return None;
        }
        match given {
            Value::Proc(closure) => Some(self.each(on, &call.name, items, &closure, span)),
            Value::Sym(method) if matches!(call.name.as_str(), "map" | "collect") => symbol_map(&method, &items, span),
            _ => None,
        }
    }

    fn each(
        &mut self,
        on: &Placed<'a>,
        name: &str,
        items: Vec<Vec<Placed<'a>>>,
        closure: &Rc<Closure<'a>>,
        span: Span,
    ) -> Placed<'a> {
        let mut results = Vec::new();
        for item in items {
            let first = item.first().cloned();
            results.push((first, self.run(closure, item, span)));
        }
        let value = match name {
            "map" | "collect" | "flat_map" | "collect_concat" => mapped(name, results),
            "select" | "filter" | "reject" | "find" | "detect" | "any?" | "all?" => {
                filtered(&on.value, name, results).unwrap_or(Value::Unknown)
            }
            "then" | "yield_self" => results.pop().map_or(Value::Unknown, |(_, value)| value.value),
            _ => on.value.clone(),
        };
        Placed::new(value, span)
    }
}

/// What the block gets, round by round.
fn items<'a>(on: &Value<'a>, name: &str, args: &[Placed<'a>]) -> Option<Vec<Vec<Placed<'a>>>> {
    let number = |n: i64| Placed::new(Value::Int(n), Span::default());
    let list = || match on {
        Value::Array(list) => list.get(),
        Value::Range(from, to) => span_of(*from, *to).map(|all| all.map(number).collect()),
        _ => None,
    };
    let one_each = |list: Vec<Placed<'a>>| list.into_iter().map(|item| vec![item]).collect::<Vec<_>>();
    match (name, on, args) {
        ("tap" | "then" | "yield_self", _, []) => Some(vec![vec![Placed::new(on.clone(), Span::default())]]),
        ("times", Value::Int(n), []) => span_of(0, n - 1).map(|all| all.map(|n| vec![number(n)]).collect()),
        ("upto", Value::Int(from), [Placed { value: Value::Int(to), .. }]) => {
            span_of(*from, *to).map(|all| all.map(|n| vec![number(n)]).collect())
        }
        ("downto", Value::Int(from), [Placed { value: Value::Int(to), .. }]) => {
            span_of(*to, *from).map(|all| all.rev().map(|n| vec![number(n)]).collect())
        }
        ("each" | "each_pair" | "map" | "collect", Value::Hash(pairs), []) => {
            Some(pairs.get()?.into_iter().map(|(key, value)| vec![pair(key, value)]).collect())
        }
        ("each_key", Value::Hash(pairs), []) => Some(pairs.get()?.into_iter().map(|(key, _)| vec![key]).collect()),
        ("each_value", Value::Hash(pairs), []) => {
            Some(pairs.get()?.into_iter().map(|(_, value)| vec![value]).collect())
        }
        (
            "each" | "map" | "collect" | "flat_map" | "select" | "filter" | "reject" | "find" | "detect" | "any?"
            | "all?",
            Value::Array(_) | Value::Range(..),
            [],
        ) => list().map(one_each),
        ("reverse_each", Value::Array(_) | Value::Range(..), []) => {
            list().map(|list| one_each(list.into_iter().rev().collect()))
        }
        ("each_with_index", Value::Array(_) | Value::Range(..), []) => list().map(|list| {
            let index = |at: usize| number(i64::try_from(at).unwrap_or(i64::MAX));
            list.into_iter().enumerate().map(|(at, item)| vec![item, index(at)]).collect()
        }),
        ("each_slice" | "each_cons", Value::Array(_) | Value::Range(..), [Placed { value: Value::Int(n), .. }]) => {
            let size = usize::try_from(*n).ok().filter(|size| *size > 0)?;
            let list = list()?;
            let groups: Vec<Vec<Placed<'a>>> = match name {
                "each_slice" => list.chunks(size).map(<[_]>::to_vec).collect(),
                _ => list.windows(size).map(<[_]>::to_vec).collect(),
            };
            Some(groups.into_iter().map(|group| vec![Placed::new(Value::array(group), Span::default())]).collect())
        }
        _ => None,
    }
}

fn pair<'a>(key: Placed<'a>, value: Placed<'a>) -> Placed<'a> {
    let span = key.span;
    Placed::new(Value::array(vec![key, value]), span)
}

fn span_of(from: i64, to: i64) -> Option<std::ops::RangeInclusive<i64>> {
    let count = to.checked_sub(from)?;
    (count < i64::try_from(limits::ELEMENTS).unwrap_or(i64::MAX)).then_some(from..=to)
}

type Results<'a> = Vec<(Option<Placed<'a>>, Placed<'a>)>;

fn mapped<'a>(name: &str, results: Results<'a>) -> Value<'a> {
    let mut out = Vec::new();
    for (_, result) in results {
        match (&result.value, name) {
            (Value::Array(inner), "flat_map" | "collect_concat") => match inner.get() {
                Some(inner) => out.extend(inner),
                None => return Value::Unknown,
            },
            (Value::Unknown, "flat_map" | "collect_concat") => return Value::Unknown,
            _ => out.push(result),
        }
    }
    Value::Array(Shared::new(out))
}

fn filtered<'a>(on: &Value<'a>, name: &str, results: Results<'a>) -> Option<Value<'a>> {
    if !matches!(on, Value::Array(_) | Value::Range(..)) {
        return None;
    }
    let mut kept = Vec::new();
    for (item, result) in results {
        let truth = result.value.truth()?;
        if truth != (name == "reject") {
            kept.push(item?);
        } else if name == "all?" {
            return Some(Value::Bool(false));
        }
    }
    Some(match name {
        "find" | "detect" => kept.into_iter().next().map_or(Value::Nil, |item| item.value),
        "any?" => Value::Bool(!kept.is_empty()),
        "all?" => Value::Bool(true),
        _ => Value::array(kept),
    })
}

fn symbol_map<'a>(method: &str, items: &[Vec<Placed<'a>>], span: Span) -> Option<Placed<'a>> {
    let each = |item: &Vec<Placed<'a>>| {
        let item = item.first()?;
        let value = super::core_methods::simple(&item.value, method, &[])?;
        Some(Placed::new(value, item.span))
    };
    let mapped: Option<Vec<_>> = items.iter().map(each).collect();
    Some(Placed::new(Value::array(mapped?), span))
}
