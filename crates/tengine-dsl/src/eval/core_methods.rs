//! Ruby's own methods on values that are known. A method that is not here gives something unknown, never a guess.

mod list;
mod text;

use super::Evaluator;
use super::havoc::changes_receiver;
use crate::limits;
use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;
use crate::syntax::Call;
use crate::value::{Placed, Scope, Value};
use list::{array, elements, hash};
use std::rc::Rc;
use text::{of_symbol, percent, string};

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
            (Value::Sym(_), "&" | "and") => matches!(args, [Placed { value: Value::Filter(_), .. }]),
            _ => false,
        };
        if wrong && self.driver.is_some() {
            let message =
                format!("\"{}\" joins an event filter of two symbols, like :a & :b, and nothing else", call.name);
            self.tell(Finding::new(Code::InvalidFilter, call.name_span, message));
        }
        wrong
    }

    pub(super) fn formatted(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let value = self.elements(&call.args, scope).and_then(|args| {
            let (format, rest) = args.split_first()?;
            percent(&format.value.name()?, rest)
        });
        Placed::new(value.map_or_else(super::values::unknown_text, Value::str), span)
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
