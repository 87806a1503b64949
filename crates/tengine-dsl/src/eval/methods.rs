//! Methods and blocks of the tree, run with their arguments.
//!
//! What cannot be run for certain (parameters that are not followed, too few or many arguments, calls nested too deep) lets go of all that it
//! was given: it is unknown from there on.

use super::{Evaluator, Inside, Leaving};
use crate::limits;
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Def, Expr, Kind, Params};
use crate::value::{Closure, Placed, Scope, Value};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// Follows a method that is defined once, at the top level of a file or as `Module.method`.
    pub(super) fn helper(&mut self, def: &'a Def, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let args = if call.forwards { None } else { self.elements(&call.args, scope) };
        let given = self.block_value(call, scope);
        self.judge_count(def, call, args.as_deref());
        let followed = !def.params.complex && self.depth < limits::CALLS;
        let args = match args {
            Some(args) if followed && fits(&def.params, args.len()) => args,
            args => return self.unseen_helper(args, given, span),
        };
        let inner = Scope::fresh(given);
        self.bind(&def.params, args, &inner, span);
        let outer = std::mem::replace(&mut self.inside, Inside::Top);
        let value = match final_return(&def.body) {
            Some((before, last)) => {
                before.iter().for_each(|part| drop(self.eval(part, &inner)));
                self.eval(last, &inner)
            }
            None => self.eval(&def.body, &inner),
        };
        self.inside = outer;
        self.returned(Leaving::Method, value.value, span)
    }

    pub(super) fn unseen_helper(
        &mut self,
        args: Option<Vec<Placed<'a>>>,
        given: Option<Value<'a>>,
        span: Span,
    ) -> Placed<'a> {
        args.into_iter().flatten().for_each(|arg| self.escape(arg.value));
        given.into_iter().for_each(|given| self.escape(given));
        self.unseen_code(span);
        Placed::unknown(span)
    }

    /// Binds parameters by position.
    pub(super) fn bind(&mut self, params: &'a Params, args: Vec<Placed<'a>>, scope: &Rc<Scope<'a>>, span: Span) {
        let mut args = args.into_iter();
        for name in &params.required {
            scope.bind(name, args.next().unwrap_or(Placed::new(Value::Nil, span)));
        }
        for (name, default) in &params.optional {
            let value = match args.next() {
                Some(value) => value,
                None => self.eval(default, scope),
            };
            scope.bind(name, value);
        }
        if let Some(rest) = &params.rest {
            scope.bind(rest, Placed::new(Value::array(args.collect()), span));
        }
        if let Some(block) = &params.block {
            let given = scope.given.clone().unwrap_or(Value::Nil);
            scope.bind(block, Placed::new(given, span));
        }
        for name in &params.others {
            scope.bind(name, Placed::unknown(span));
        }
    }

    /// The block of a call as a value; `None` if there is none.
    pub(super) fn block_value(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) -> Option<Value<'a>> {
        match call.block.as_ref()? {
            BlockArg::Literal(block) => {
                let lambda = call.name == "lambda" && call.receiver.is_none();
                Some(Closure::value(block, scope, lambda))
            }
            BlockArg::Passed(passed) => match self.eval(passed, scope).value {
                Value::Nil => None,
                value => Some(value),
            },
        }
    }

    /// Runs a block once.
    pub(super) fn run(&mut self, closure: &Rc<Closure<'a>>, args: Vec<Placed<'a>>, span: Span) -> Placed<'a> {
        let scope = Scope::inside(&closure.scope);
        let block = closure.block;
        let refused = closure.lambda && !fits(&block.params, args.len());
        if block.params.complex || refused || self.depth >= limits::CALLS {
            args.into_iter().for_each(|arg| self.escape(arg.value));
            self.escape(Value::Proc(Rc::clone(closure)));
            self.not_seen(block.span);
            return Placed::unknown(span);
        }
        let args = if closure.lambda { args } else { spread(&block.params, args) };
        self.bind(&block.params, args, &scope, span);
        let value = self.eval(&block.body, &scope);
        let at = value.span;
        self.returned(Leaving::Block, value.value, at)
    }

    pub(super) fn yielded(&mut self, args: &'a [Expr], span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let args = self.elements(args, scope);
        if let (Some(Value::Proc(closure)), Some(args)) = (&scope.given, args.clone()) {
            self.run(&Rc::clone(closure), args, span)
        } else {
            args.into_iter().flatten().for_each(|arg| self.escape(arg.value));
            self.unseen_code(span);
            Placed::unknown(span)
        }
    }

    /// The value of a method or block, unless it may have been left before its end.
    pub(super) fn returned(&mut self, reach: Leaving, value: Value<'a>, span: Span) -> Placed<'a> {
        let left = self.leaving != Leaving::Staying;
        self.leave_up_to(reach);
        if left {
            self.escape(value);
            return Placed::unknown(span);
        }
        Placed::new(value, span)
    }
}

/// `return value` at the end of a method: the statements before it, and the value.
pub(super) fn final_return(body: &Expr) -> Option<(&[Expr], &Expr)> {
    let Kind::Sequence(parts) = &body.kind else { return None };
    let (last, before) = parts.split_last()?;
    match &last.kind {
        Kind::Leave(values) if values.len() == 1 => values.first().map(|value| (before, value)),
        _ => None,
    }
}

pub(super) fn fits(params: &Params, count: usize) -> bool {
    let least = params.required.len();
    let most = if params.rest.is_some() { usize::MAX } else { least + params.optional.len() };
    (least..=most).contains(&count)
}

/// A block with several parameters spreads a single array over them.
pub(super) fn spread<'a>(params: &Params, args: Vec<Placed<'a>>) -> Vec<Placed<'a>> {
    let several =
        params.required.len() + params.optional.len() > 1 || (params.rest.is_some() && !params.required.is_empty());
    match args.as_slice() {
        [Placed { value: Value::Array(list), .. }] if several => list.get().unwrap_or_default(),
        _ => args,
    }
}
