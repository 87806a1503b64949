//! Ruby's own methods on values that are known. A method that is not here gives something unknown, never a guess.

mod list;
mod text;

use super::Evaluator;
use crate::limits;
use crate::parse::Finding;
use crate::reads::only_reads;
use crate::rules::Code;
use crate::rules::{conversion, unknown_method, wrong_type};
use crate::source::Span;
use crate::syntax::Call;
use crate::syntax::Ends;
use crate::value::{Placed, Scope, Shared, Value};
pub(super) use list::elements;
use list::{array, found, hash};
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
        if let (Value::Proc(closure), "call" | "()" | "[]" | "yield" | "===", None) =
            (&on.value, call.name.as_str(), &call.block)
        {
            let closure = Rc::clone(closure);
            if let Some(args) = self.elements(&call.args, scope) {
                self.judge_lambda(&closure, call, args.len());
                return self.run(&closure, args, span);
            }
            self.escape(on.value.clone());
            return self.not_followed(call, span, scope);
        }
        self.judge_method(on, call);
        if call.block.is_some() {
            if let Some(looped) = self.looped(on, call, span, scope) {
                return looped;
            }
            self.escape(on.value.clone());
            return self.not_followed(call, span, scope);
        }
        let reads = only_reads(&call.name);
        let Some(args) = self.elements(&call.args, scope) else {
            if !reads {
                self.escape(on.value.clone());
            }
            self.unseen(call, span);
            return Placed::unknown(span);
        };
        if !self.world.opaque && !call.safe {
            self.tell_all(wrong_type::check(&on.value, &call.name, &args, call.name_span));
            if let (Value::Str(text), "%") = (&on.value, call.name.as_str()) {
                self.tell_all(text.get().and_then(|text| conversion::format(&text, &args, call.name_span)));
            }
        }
        if self.filter_misuse(on, call, &args) {
            return Placed::unknown(span);
        }
        let followed = changed(&on.value, &call.name, &args).or_else(|| simple(&on.value, &call.name, &args));
        if let Some(value) = followed {
            return Placed::new(value, span);
        }
        if !reads {
            self.escape(on.value.clone());
            args.into_iter().for_each(|arg| self.escape(arg.value));
        }
        self.unseen(call, span);
        Placed::unknown(span)
    }

    /// A method that the value does not have.
    fn judge_method(&mut self, on: &Placed<'a>, call: &Call) {
        if !self.world.opaque && !call.safe && self.would_tell(call.name_span, Code::UnknownMethod) {
            self.tell_all(unknown_method::check(&on.value, &call.name, call.name_span));
        }
    }

    /// `"a" & "b"`, `(:a & :b) & :c`: filters are made of two symbols, nothing else.
    fn filter_misuse(&mut self, on: &Placed<'a>, call: &Call, args: &[Placed<'a>]) -> bool {
        let wrong = match (&on.value, call.name.as_str()) {
            (Value::Filter(_), "&" | "and" | "at" | "|") | (Value::Str(_), "&" | "|") => true,
            (Value::Sym(_), "|") => args.len() == 1,
            (Value::Sym(_), "at") => args.is_empty(),
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

/// Methods that change the value, where the change is followed; `None` if it is not, and nothing is done.
fn changed<'a>(on: &Value<'a>, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    match (on, name, args) {
        (Value::Str(text), "<<", [Placed { value: Value::Str(more), .. }]) => {
            let more = more.get()?;
            if text.with(String::len)? + more.len() > limits::TEXT {
                return None;
            }
            text.change(|text| text.push_str(&more));
            Some(on.clone())
        }
        (Value::Array(list), "<<", [_]) | (Value::Array(list), "push" | "append", _) => {
            extended(on, list, args.to_vec())
        }
        (Value::Array(list), "concat", _) => {
            let more: Option<Vec<Vec<Placed<'a>>>> = args.iter().map(|arg| elements(&arg.value)).collect();
            extended(on, list, more?.concat())
        }
        (Value::Array(list), "shift" | "pop", []) => {
            let mut taken = None;
            list.with(|_| ())?;
            list.change(|list| {
                taken = if name == "pop" { list.pop() } else { (!list.is_empty()).then(|| list.remove(0)) }
            });
            Some(taken.map_or(Value::Nil, |placed| placed.value))
        }
        (Value::Hash(pairs), "[]=" | "store", [key, value]) => {
            found(&pairs.get()?, &key.value)?;
            if pairs.with(Vec::len)? >= limits::ELEMENTS {
                return None;
            }
            pairs.change(|pairs| put(pairs, key, value));
            Some(value.value.clone())
        }
        _ => None,
    }
}

fn extended<'a>(on: &Value<'a>, list: &Shared<Vec<Placed<'a>>>, more: Vec<Placed<'a>>) -> Option<Value<'a>> {
    if list.with(Vec::len)? + more.len() > limits::ELEMENTS {
        return None;
    }
    list.change(|list| list.extend(more));
    Some(on.clone())
}

fn put<'a>(pairs: &mut Vec<(Placed<'a>, Placed<'a>)>, key: &Placed<'a>, value: &Placed<'a>) {
    match pairs.iter_mut().find(|(known, _)| known.value.same(&key.value) == Some(true)) {
        Some((_, old)) => *old = value.clone(),
        None => pairs.push((super::values::as_key(key), value.clone())),
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
        ("to_s", []) if matches!(on, Value::Str(_)) => return Some(on.clone()),
        ("to_s", []) => return on.to_text().map(Value::str),
        _ => {}
    }
    match on {
        Value::Str(text) => string(text, name, args),
        Value::Sym(symbol) => of_symbol(symbol, name, args),
        Value::Int(number) => integer(*number, name, args),
        Value::Array(_) if matches!((name, args), ("to_a", [])) => Some(on.clone()),
        Value::Array(list) => array(&list.get()?, name, args),
        Value::Range(from, to, ends) => range(*from, *to, *ends, name, args),
        Value::Hash(_) if matches!((name, args), ("to_h", [])) => Some(on.clone()),
        Value::Hash(pairs) => hash(&pairs.get()?, name, args),
        Value::Nil => (name == "to_a" && args.is_empty()).then(|| Value::array(Vec::new())),
        Value::Bool(_) | Value::Proc(_) | Value::Filter(_) | Value::Unknown => None,
    }
}

/// `first` and `last` without an argument are the ends as they are written, even of an empty range.
fn range<'a>(from: i64, to: i64, ends: Ends, name: &str, args: &[Placed<'a>]) -> Option<Value<'a>> {
    match (name, args) {
        ("first" | "begin", []) => Some(Value::Int(from)),
        ("last" | "end", []) => Some(Value::Int(to)),
        ("to_a" | "entries" | "size" | "count" | "first" | "last" | "take", _) => {
            array(&elements(&Value::Range(from, to, ends))?, name, args)
        }
        ("include?" | "member?" | "===", [Placed { value: Value::Int(n), .. }]) => {
            Some(Value::Bool(from <= *n && (*n < to || (*n == to && ends == Ends::Inclusive))))
        }
        _ => None,
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
