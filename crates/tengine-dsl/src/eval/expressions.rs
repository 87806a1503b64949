//! The value of each kind of expression.
//!
//! Where control may have left, or there is no more to spend, an expression is walked and not run, and its value is unknown.

use super::{Evaluator, Leaving};
use crate::limits;
use crate::source::Span;
use crate::syntax::{Expr, Kind};
use crate::value::{Closure, Placed, Scope, Value};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// The value of `expr`; everything it certainly does is done.
    pub(super) fn eval(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        if !self.spend(expr.span) || self.leaving > Leaving::Staying || self.depth >= limits::CALLS {
            self.not_seen(expr.span);
            if self.fuel > 0 {
                self.havoc(expr, scope);
            }
            return Placed::unknown(expr.span);
        }
        self.depth += 1;
        let value = self.value_of(expr, scope);
        self.depth -= 1;
        value
    }

    pub(super) fn value_of(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let value = match &expr.kind {
            Kind::Nil => Value::Nil,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Str(text) => Value::str(text.as_str()),
            Kind::Sym(name) => Value::sym(name),
            Kind::Interpolated(parts) => self.interpolated(parts, scope),
            Kind::InterpolatedSym(parts) => self.interpolated_symbol(parts, scope),
            Kind::Array(elements) => self.elements(elements, scope).map_or(Value::Unknown, Value::array),
            Kind::Hash(pairs) => self.hash(pairs, scope),
            Kind::Range(from, to, ends) => self.range(from, to, *ends, scope),
            Kind::Local(name) => scope.get(name).map_or(Value::Unknown, |placed| placed.value),
            Kind::Const(path) => {
                self.judge_constant(path, expr.span);
                self.constant(path)
            }
            Kind::Assign(name, value) => self.assign_local(name, value, scope),
            Kind::ConstAssign(name, value) => self.assign_constant(name, value, scope),
            Kind::Global(name) => self.global(name),
            Kind::Outer(name, value) => self.assign_outer(name, value, expr.span, scope),
            Kind::Call(call) => return self.call(call, expr.span, scope),
            Kind::Sequence(parts) => return self.sequence(parts, expr.span, scope),
            Kind::If(parts) => return self.branch(parts, expr.span, scope),
            Kind::And(parts) | Kind::Or(parts) => {
                return self.either(parts, matches!(expr.kind, Kind::And(_)), expr.span, scope);
            }
            Kind::Module(module) => {
                self.module(module, scope);
                Value::Unknown
            }
            Kind::Lambda(block) => Closure::value(block, scope, true),
            Kind::Yield(args) => return self.yielded(args, expr.span, scope),
            Kind::Def(def) => {
                self.met.insert(&def.name);
                Value::Unknown
            }
            Kind::SelfRef => Value::Unknown,
            Kind::Assigned(_)
            | Kind::DoubleSplat(_)
            | Kind::Splat(_)
            | Kind::Next(_)
            | Kind::Leave(_)
            | Kind::Shell(_)
            | Kind::Other(_) => {
                self.havoc(expr, scope);
                Value::Unknown
            }
        };
        Placed::new(value, expr.span)
    }

    fn interpolated_symbol(&mut self, parts: &'a [Expr], scope: &Rc<Scope<'a>>) -> Value<'a> {
        self.interpolated(parts, scope).name().map_or(Value::Unknown, |name| Value::sym(&name))
    }

    fn assign_local(&mut self, name: &'a str, value: &'a Expr, scope: &Rc<Scope<'a>>) -> Value<'a> {
        let value = self.eval(value, scope);
        if let Some(shared) = scope.assign(name, value.clone()) {
            self.escape(shared.value);
        }
        value.value
    }

    pub(super) fn sequence(&mut self, parts: &'a [Expr], span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let mut last = Placed::new(Value::Nil, span);
        for part in parts {
            last = self.eval(part, scope);
        }
        last
    }

    pub(super) fn branch(&mut self, parts: &'a [Expr; 3], span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let [condition, then, otherwise] = parts;
        match self.eval(condition, scope).value.truth() {
            Some(true) => self.eval(then, scope),
            Some(false) => self.eval(otherwise, scope),
            None => {
                self.havoc(then, scope);
                self.havoc(otherwise, scope);
                Placed::unknown(span)
            }
        }
    }

    pub(super) fn either(&mut self, parts: &'a [Expr; 2], and: bool, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let [left, right] = parts;
        let left = self.eval(left, scope);
        match left.value.truth() {
            Some(truth) if truth == and => self.eval(right, scope),
            Some(_) => left,
            None => {
                self.havoc(right, scope);
                Placed::unknown(span)
            }
        }
    }
}
