//! Values that are put together from others.

use super::Evaluator;
use crate::limits;
use crate::syntax::{Ends, Expr, Kind};
use crate::value::{Placed, Scope, Shared, Value};
use std::collections::HashMap;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub(super) fn interpolated(&mut self, parts: &'a [Expr], scope: &Rc<Scope<'a>>) -> Value<'a> {
        let mut text = Some(String::new());
        for part in parts {
            let known = self.eval(part, scope).value.to_text();
            text = text.zip(known).map(|(text, known)| text + &known).filter(|text| text.len() <= limits::TEXT);
        }
        text.map_or_else(unknown_text, Value::str)
    }

    /// The elements of a list, `*splats` spread out; `None` if that is not certain.
    pub(super) fn elements(&mut self, elements: &'a [Expr], scope: &Rc<Scope<'a>>) -> Option<Vec<Placed<'a>>> {
        let mut known = Some(Vec::new());
        let mut lost = Vec::new();
        for element in elements {
            let more = match &element.kind {
                Kind::Splat(inner) => match self.eval(inner, scope) {
                    Placed { value: Value::Array(inner), .. } => inner.get(),
                    Placed { value: Value::Nil, .. } => Some(Vec::new()),
                    other => {
                        lost.push(other);
                        None
                    }
                },
                _ => Some(vec![self.eval(element, scope)]),
            };
            match (&mut known, more) {
                (Some(known), Some(more)) if known.len() + more.len() <= limits::ELEMENTS => known.extend(more),
                (_, more) => lost.extend(known.take().into_iter().chain(more).flatten()),
            }
        }
        lost.into_iter().for_each(|placed| self.escape(placed.value));
        known
    }

    /// A hash, a repeated key with its last value; unknown if that is not certain.
    pub(super) fn hash(&mut self, pairs: &'a [(Expr, Expr)], scope: &Rc<Scope<'a>>) -> Value<'a> {
        let mut known = Some(Pairs::default());
        for (key, value) in pairs {
            let more = if let Kind::DoubleSplat(inner) = &key.kind {
                match self.eval(inner, scope).value {
                    Value::Hash(inner) => inner.get(),
                    Value::Nil => Some(Vec::new()),
                    _ => None,
                }
            } else {
                Some(vec![(self.eval(key, scope), self.eval(value, scope))])
            };
            let certain = match (&mut known, &more) {
                (Some(pairs), Some(more)) => more.iter().all(|(key, value)| pairs.put(key, value)),
                _ => false,
            };
            if !certain {
                // What went into a hash that is not known cannot be followed there.
                let before = known.take().map(|pairs| pairs.list).unwrap_or_default();
                for (key, value) in before.into_iter().chain(more.unwrap_or_default()) {
                    self.escape(key.value);
                    self.escape(value.value);
                }
            }
        }
        known.map_or(Value::Unknown, |known| Value::Hash(Shared::new(known.list)))
    }

    pub(super) fn range(&mut self, from: &'a Expr, to: &'a Expr, ends: Ends, scope: &Rc<Scope<'a>>) -> Value<'a> {
        match (self.eval(from, scope).value, self.eval(to, scope).value, ends) {
            (Value::Int(from), Value::Int(to), ends) => Value::Range(from, to, ends),
            _ => Value::Unknown,
        }
    }

    /// A constant that is assigned once in the whole tree.
    pub(super) fn constant(&self, path: &'a str) -> Value<'a> {
        let (first, last) = (path.split("::").next().unwrap_or(path), path.rsplit("::").next().unwrap_or(path));
        let ours = first == last || self.world.constants.contains_key(first);
        self.constants.get(last).filter(|_| ours).map_or(Value::Unknown, |placed| placed.value.clone())
    }

    pub(super) fn assign_constant(&mut self, name: &'a str, value: &'a Expr, scope: &Rc<Scope<'a>>) -> Value<'a> {
        let frozen = is_frozen_literal(value);
        self.constants_met.insert(name);
        let value = self.eval(value, scope);
        self.secret_constant(name, &value);
        let once = self.world.constants.get(name).copied().unwrap_or_default() == 1;
        if once && frozen {
            self.frozen.insert(name);
        }
        let certain = once && !self.world.constants_by_name && !self.shared_constants.contains(name);
        if !certain {
            self.escape(value.value.clone());
        }
        let plain =
            matches!(value.value, Value::Int(_) | Value::Str(_) | Value::Sym(_) | Value::Array(_) | Value::Hash(_));
        if !plain {
            self.values.remove(name);
        } else if self.inside == super::Inside::Top {
            self.values.insert(name);
        }
        self.reached = false;
        self.constants.insert(name, if certain { value.clone() } else { Placed::unknown(value.span) });
        value.value
    }
}

/// The pairs of a hash, while they are put together.
#[derive(Default)]
pub(super) struct Pairs<'a> {
    pub(super) list: Vec<(Placed<'a>, Placed<'a>)>,
    at: HashMap<String, usize>,
}

impl<'a> Pairs<'a> {
    /// Puts a value under a key; returns whether it is certain which key that is.
    pub(super) fn put(&mut self, key: &Placed<'a>, value: &Placed<'a>) -> bool {
        let Some(name) = key_name(&key.value) else { return false };
        if let Some((_, old)) = self.at.get(&name).and_then(|at| self.list.get_mut(*at)) {
            *old = value.clone();
        } else {
            self.at.insert(name, self.list.len());
            self.list.push((as_key(key), value.clone()));
        }
        true
    }
}

/// Text that is the same for keys that are the same; `None` for keys that are not compared.
fn key_name(key: &Value<'_>) -> Option<String> {
    match key {
        Value::Sym(name) => Some(format!(":{name}")),
        Value::Str(text) => text.with(|text| format!("s{text}")),
        Value::Int(number) => Some(format!("i{number}")),
        Value::Nil => Some("n".to_owned()),
        Value::Bool(value) => Some(format!("b{value}")),
        _ => None,
    }
}

/// A hash keeps a copy of a string that is a key.
pub(super) fn as_key<'a>(key: &Placed<'a>) -> Placed<'a> {
    match &key.value {
        Value::Str(text) => text.get().map_or_else(|| key.clone(), |text| Placed::new(Value::str(text), key.span)),
        _ => key.clone(),
    }
}

/// A string of which only that it is one is known.
pub(super) fn unknown_text<'a>() -> Value<'a> {
    let text = Shared::new(String::new());
    text.lose();
    Value::Str(text)
}

/// `%w[a b].freeze` and the like.
fn is_frozen_literal(expr: &Expr) -> bool {
    let Kind::Call(call) = &expr.kind else { return false };
    let literal = |on: &Expr| matches!(on.kind, Kind::Str(_) | Kind::Array(_) | Kind::Hash(_));
    call.name == "freeze" && call.args.is_empty() && call.receiver.as_ref().is_some_and(literal)
}
