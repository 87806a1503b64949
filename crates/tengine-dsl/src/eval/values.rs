//! Values that are put together from others.

use super::Evaluator;
use crate::limits;
use crate::syntax::{Ends, Expr, Kind};
use crate::value::{Placed, Scope, Shared, Value};
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
        for element in elements {
            let splat = match &element.kind {
                Kind::Splat(inner) => Some(inner),
                _ => None,
            };
            let value = self.eval(splat.map_or(element, |inner| inner), scope);
            match (splat, &value.value) {
                (None, _) => known.iter_mut().for_each(|list| list.push(value.clone())),
                (Some(_), Value::Array(inner)) => {
                    let inner = inner.get();
                    known = known.zip(inner).map(|(mut list, inner)| {
                        list.extend(inner);
                        list
                    });
                }
                (Some(_), _) => known = None,
            }
        }
        known.filter(|list| list.len() <= limits::ELEMENTS)
    }

    pub(super) fn hash(&mut self, pairs: &'a [(Expr, Expr)], scope: &Rc<Scope<'a>>) -> Value<'a> {
        let mut known: Option<Vec<(Placed<'a>, Placed<'a>)>> = Some(Vec::new());
        for (key, value) in pairs {
            if let Kind::DoubleSplat(inner) = &key.kind {
                let inner = match self.eval(inner, scope).value {
                    Value::Hash(inner) => inner.get(),
                    _ => None,
                };
                known = known.zip(inner).map(|(mut list, inner)| {
                    list.extend(inner);
                    list
                });
                continue;
            }
            let pair = (self.eval(key, scope), self.eval(value, scope));
            known.iter_mut().for_each(|list| list.push(pair.clone()));
        }
        known.map_or(Value::Unknown, |known| Value::Hash(Shared::new(known)))
    }

    pub(super) fn range(&mut self, from: &'a Expr, to: &'a Expr, ends: Ends, scope: &Rc<Scope<'a>>) -> Value<'a> {
        match (self.eval(from, scope).value, self.eval(to, scope).value, ends) {
            (Value::Int(from), Value::Int(to), Ends::Inclusive) => Value::Range(from, to),
            (Value::Int(from), Value::Int(to), Ends::Exclusive) => Value::Range(from, to.saturating_sub(1)),
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
        let value = self.eval(value, scope);
        self.secret_constant(name, &value);
        let once = self.world.constants.get(name).copied().unwrap_or_default() == 1;
        let kept = if once { value.clone() } else { Placed::unknown(value.span) };
        self.constants.insert(name, kept);
        value.value
    }
}

/// A string of which only that it is one is known.
pub(super) fn unknown_text<'a>() -> Value<'a> {
    let text = Shared::new(String::new());
    text.lose();
    Value::Str(text)
}
