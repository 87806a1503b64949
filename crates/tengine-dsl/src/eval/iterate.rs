//! Loops over what is known.

use super::Evaluator;
use crate::limits;
use crate::rules::{Code, unknown_method};
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Expr, Kind};
use crate::value::{Closure, Placed, Scope, Value};
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
        if !LOOPS.contains(&call.name.as_str()) {
            return None;
        }
        // Nothing is evaluated before it is certain that the loop is followed: it would be evaluated twice.
        let plain = |arg: &Expr| matches!(arg.kind, Kind::Int(_));
        if !call.args.iter().all(plain) {
            return None;
        }
        let args = self.elements(&call.args, scope)?;
        let items = items(&on.value, &call.name, &args)?;
        if items.len() > limits::ELEMENTS {
            return None;
        }
        match call.block.as_ref()? {
            BlockArg::Literal(block) => {
                let Value::Proc(closure) = Closure::value(block, scope, false) else { return None };
                Some(self.each(on, &call.name, items, &closure, span))
            }
            BlockArg::Passed(Expr { kind: Kind::Sym(method), .. }) => self.symbol_loop(on, call, method, &items, span),
            BlockArg::Passed(Expr { kind: Kind::Local(name), .. }) => match scope.get(name)?.value {
                Value::Proc(closure) => Some(self.each(on, &call.name, items, &closure, span)),
                _ => None,
            },
            BlockArg::Passed(_) => None,
        }
    }

    /// `&:method`: a method that is followed, for each.
    fn symbol_loop(
        &mut self,
        on: &Placed<'a>,
        call: &'a Call,
        method: &str,
        items: &[Vec<Placed<'a>>],
        span: Span,
    ) -> Option<Placed<'a>> {
        if self.world.methods.contains(method) {
            return None;
        }
        let one = match items.first().map(Vec::as_slice) {
            Some([one]) => Some(one),
            _ => None,
        };
        let each = matches!(call.name.as_str(), "each" | "map" | "collect" | "select" | "reject" | "flat_map" | "any?");
        let judged = each && !self.world.opaque && !call.safe;
        if let Some(one) = one.filter(|_| judged && self.would_tell(call.name_span, Code::UnknownMethod)) {
            self.tell_all(unknown_method::check(&one.value, method, call.name_span));
        }
        let name = call.name.as_str();
        let closure = |item: &Vec<Placed<'a>>| match item.as_slice() {
            [Placed { value: Value::Proc(closure), .. }] if method == "call" => Some(Rc::clone(closure)),
            _ => None,
        };
        if let (Some(closures), "each") = (items.iter().map(closure).collect::<Option<Vec<_>>>(), name) {
            closures.iter().for_each(|closure| drop(self.run(closure, Vec::new(), span)));
            return Some(on.clone());
        }
        matches!(name, "map" | "collect").then(|| symbol_map(method, items, span))?
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
        let count = length(&on.value);
        for item in items {
            if length(&on.value) != count {
                // The loop changes what it goes over: how it goes on is not followed.
                self.escape(Value::Proc(Rc::clone(closure)));
                self.escape(on.value.clone());
                self.not_seen(span);
                return Placed::unknown(span);
            }
            let first = item.first().cloned();
            let result = self.run(closure, item, span);
            let truth = result.value.truth();
            results.push((first, result));
            let ends = match name {
                "find" | "detect" | "any?" => truth != Some(false),
                "all?" => truth != Some(true),
                _ => false,
            };
            if ends && truth.is_some() {
                break;
            }
            if ends {
                // It may have ended here.
                self.escape(Value::Proc(Rc::clone(closure)));
                self.escape(on.value.clone());
                self.not_seen(span);
                return Placed::unknown(span);
            }
        }
        let value = match name {
            "flat_map" => self.flattened(results),
            "map" | "collect" => Value::array(results.into_iter().map(|(_, result)| result).collect()),
            "select" | "filter" | "reject" | "find" | "detect" | "any?" | "all?" => {
                self.filtered(&on.value, name, results)
            }
            "then" | "yield_self" => results.pop().map_or(Value::Unknown, |(_, value)| value.value),
            // What they return is another thing in every version of Ruby.
            "each_slice" | "each_cons" => Value::Unknown,
            _ => on.value.clone(),
        };
        Placed::new(value, span)
    }

    fn flattened(&mut self, results: Results<'a>) -> Value<'a> {
        let mut out = Vec::new();
        let mut known = true;
        for (_, result) in results {
            match &result.value {
                Value::Array(inner) => match inner.get() {
                    Some(inner) => out.extend(inner),
                    None => known = false,
                },
                Value::Unknown => known = false,
                _ => out.push(result),
            }
            known &= out.len() <= limits::ELEMENTS;
        }
        if !known {
            out.into_iter().for_each(|placed| self.escape(placed.value));
            return Value::Unknown;
        }
        Value::array(out)
    }

    /// What is left of a list by the block's answers.
    fn filtered(&mut self, on: &Value<'a>, name: &str, results: Results<'a>) -> Value<'a> {
        let truths: Option<Vec<bool>> = results.iter().map(|(_, result)| result.value.truth()).collect();
        let Some(truths) = truths else {
            self.escape(on.clone());
            return Value::Unknown;
        };
        let wanted = name != "reject";
        let all = truths.iter().all(|truth| *truth);
        let met = results.into_iter().zip(truths).filter(|(_, truth)| *truth == wanted);
        let mut kept = met.filter_map(|((item, _), _)| item);
        match name {
            "find" | "detect" => kept.next().map_or(Value::Nil, |item| item.value),
            "any?" => Value::Bool(kept.next().is_some()),
            "all?" => Value::Bool(all),
            _ => Value::array(kept.collect()),
        }
    }
}

/// Methods whose block is followed.
const LOOPS: &[&str] = &[
    "tap",
    "then",
    "yield_self",
    "times",
    "upto",
    "downto",
    "each",
    "each_pair",
    "map",
    "collect",
    "each_key",
    "each_value",
    "flat_map",
    "select",
    "filter",
    "reject",
    "find",
    "detect",
    "any?",
    "all?",
    "reverse_each",
    "each_with_index",
    "each_slice",
    "each_cons",
];

/// How many elements a loop goes over; `None` if that is not known any more.
fn length(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::Array(list) => list.with(Vec::len),
        Value::Hash(pairs) => pairs.with(Vec::len),
        _ => Some(0),
    }
}

/// What the block gets, round by round.
fn items<'a>(on: &Value<'a>, name: &str, args: &[Placed<'a>]) -> Option<Vec<Vec<Placed<'a>>>> {
    let number = |n: i64| Placed::new(Value::Int(n), Span::default());
    let list = || super::core_methods::elements(on);
    let one_each = |list: Vec<Placed<'a>>| list.into_iter().map(|item| vec![item]).collect::<Vec<_>>();
    match (name, on, args) {
        ("tap" | "then" | "yield_self", _, []) => Some(vec![vec![Placed::new(on.clone(), Span::default())]]),
        ("times", Value::Int(n), []) => span_of(0, n.checked_sub(1)?).map(|all| all.map(|n| vec![number(n)]).collect()),
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

fn symbol_map<'a>(method: &str, items: &[Vec<Placed<'a>>], span: Span) -> Option<Placed<'a>> {
    let each = |item: &Vec<Placed<'a>>| {
        let item = item.first()?;
        let value = super::core_methods::simple(&item.value, method, &[])?;
        Some(Placed::new(value, item.span))
    };
    let mapped: Option<Vec<_>> = items.iter().map(each).collect();
    Some(Placed::new(Value::array(mapped?), span))
}
