//! What code might do that is not followed.

use super::{Evaluator, Inside, Leaving};
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Expr, Kind};
use crate::value::{Placed, Scope, Value};
use crate::vocabulary::{CORE_WORDS, JOB_WORDS};
use std::rc::Rc;

/// Methods that change what they are called on.
pub const MUTATORS: &[&str] = &[
    "<<",
    "push",
    "append",
    "prepend",
    "unshift",
    "insert",
    "concat",
    "pop",
    "shift",
    "delete",
    "delete_if",
    "delete_at",
    "clear",
    "replace",
    "fill",
    "keep_if",
    "store",
    "update",
    "[]=",
    "force_encoding",
    "setbyte",
    "rehash",
    "default=",
];

/// Methods that run code which is given as a value.
const RUNNERS: &[&str] = &[
    "call",
    "send",
    "public_send",
    "__send__",
    "instance_eval",
    "instance_exec",
    "class_eval",
    "class_exec",
    "module_eval",
    "module_exec",
    "eval",
    "yield",
    "define_method",
];

impl<'a> Evaluator<'a> {
    /// Everything `expr` might change is unknown from here on.
    pub(super) fn havoc(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) {
        if !self.spend(expr.span) {
            return;
        }
        match &expr.kind {
            Kind::Assigned(name) => scope.assign(name, Placed::unknown(expr.span)),
            Kind::Assign(name, value) => {
                self.havoc(value, scope);
                scope.assign(name, Placed::unknown(expr.span));
            }
            Kind::ConstAssign(name, value) => {
                self.havoc(value, scope);
                self.constants.insert(name, Placed::unknown(expr.span));
            }
            Kind::Def(_) => {}
            Kind::Lambda(block) => self.havoc_block(&block.body, scope),
            Kind::Next(parts) => {
                parts.iter().for_each(|part| self.havoc(part, scope));
                self.leaving = self.leaving.max(Leaving::Block);
            }
            Kind::Leave(parts) => {
                parts.iter().for_each(|part| self.havoc(part, scope));
                self.leaving = self.leaving.max(Leaving::Method);
            }
            Kind::Yield(parts) => {
                parts.iter().for_each(|part| self.havoc(part, scope));
                self.not_seen(expr.span);
            }
            Kind::Call(call) => self.havoc_call(call, expr.span, scope),
            _ => expr.each_part(&mut |part| self.havoc(part, scope)),
        }
    }

    /// A block that may run any number of times: leaving it by `next` leaves nothing else.
    pub(super) fn havoc_block(&mut self, body: &'a Expr, scope: &Rc<Scope<'a>>) {
        let before = self.leaving;
        let inner = Scope::inside(scope);
        self.havoc(body, &inner);
        if self.leaving == Leaving::Block {
            self.leaving = before;
        }
    }

    fn havoc_call(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        call.receiver.iter().for_each(|receiver| self.havoc(receiver, scope));
        call.args.iter().for_each(|arg| self.havoc(arg, scope));
        self.observe_load_time(call, span);
        match &call.block {
            Some(BlockArg::Literal(block)) if !is_deferred(call) => self.havoc_block(&block.body, scope),
            Some(BlockArg::Passed(passed)) => {
                self.havoc(passed, scope);
                if !matches!(passed.kind, Kind::Sym(_)) {
                    self.not_seen(span);
                }
            }
            Some(BlockArg::Literal(_)) | None => {}
        }
        if changes_receiver(&call.name) {
            call.receiver.iter().for_each(|receiver| self.lose(receiver, scope));
        }
        if self.may_define_here(call) {
            call.args.iter().for_each(|arg| self.lose(arg, scope));
            self.not_seen(span);
        }
        if matches!(call.name.as_str(), "exit" | "exit!" | "throw") && call.receiver.is_none() {
            self.leaving = Leaving::Everything;
        }
    }

    /// Whether this call may run words of a definition, itself or through code of the tree.
    pub(super) fn may_define_here(&self, call: &Call) -> bool {
        let name = call.name.as_str();
        if self.world.methods.contains(name) || RUNNERS.contains(&name) {
            return true;
        }
        let own = call.receiver.as_ref().is_none_or(|receiver| matches!(receiver.kind, Kind::SelfRef));
        let is_word = JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name) || name == "on";
        let known = crate::vocabulary::EVERYWHERE.contains(&name);
        own && (is_word || (self.world.opaque && !known)) && self.inside != Inside::Module
            || (call.receiver.is_some() && self.world.opaque && call.block.is_some())
    }

    /// What a variable or constant holds may have been changed.
    pub(super) fn lose(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) {
        match &expr.kind {
            Kind::Local(name) => scope.get(name).iter().for_each(|placed| placed.value.lose()),
            Kind::Const(path) => self.constant(path).lose(),
            Kind::Call(call) => call.receiver.iter().for_each(|receiver| self.lose(receiver, scope)),
            Kind::Array(parts) | Kind::Sequence(parts) => parts.iter().for_each(|part| self.lose(part, scope)),
            Kind::Hash(pairs) => pairs.iter().for_each(|(_, value)| self.lose(value, scope)),
            Kind::Splat(inner) | Kind::DoubleSplat(inner) => self.lose(inner, scope),
            _ => {}
        }
    }

    /// A block value that goes somewhere unseen.
    pub(super) fn lose_block(&mut self, value: &Value<'a>) {
        if let Value::Proc(closure) = value {
            let closure = Rc::clone(closure);
            self.havoc_block(&closure.block.body, &closure.scope);
        }
    }
}

/// Whether a method of this name changes what it is called on.
pub fn changes_receiver(name: &str) -> bool {
    let assigns = name.ends_with('=') && !matches!(name, "==" | "!=" | "<=" | ">=" | "===");
    name.ends_with('!') && name != "!" || assigns || MUTATORS.contains(&name)
}

/// Whether the call's own block runs later than loading.
pub fn is_deferred(call: &Call) -> bool {
    call.receiver.is_none()
        && matches!(
            call.name.as_str(),
            "ruby_job" | "on" | "setup_eventmachine" | "at_exit" | "lambda" | "proc" | "define_method"
        )
}
