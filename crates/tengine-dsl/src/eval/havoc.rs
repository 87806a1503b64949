//! What code might do that is not followed.
//!
//! An error rests on values, and a value is certain only as long as nothing out of sight can have changed it. Three rules
//! keep that true; everything here follows from them:
//!
//! 1. **What can be reached is lost.** A string, array, hash or block that code out of sight gets hold of (as receiver,
//!    argument, in a variable or constant it mentions, inside something it got) is unknown from then on, for ever, to
//!    everybody who holds it ([`Evaluator::escape`]). Mentions that neither change nor keep what they read are the only
//!    exception ([`reads`]).
//! 2. **Code that is kept may run at any time.** The variables that a block mentions which may be kept are *shared*: what
//!    they get later is lost, too. If such a block may run words, any later call that is not followed may put jobs into
//!    the jobnet at hand ([`Evaluator::unseen`]).
//! 3. **Methods of the tree are reached by name.** A call that is not followed may run every method of the tree: what
//!    their bodies mention is lost, and what is being defined is open. Where a name cannot be seen (`eval`, reopened
//!    core classes, …) nothing is certain: [`World::wild`](crate::world::World::wild).

use super::{Evaluator, Inside, Leaving};
use crate::reads::{self, each_taken};
use crate::source::Span;
use crate::syntax::{Block, BlockArg, Call, Expr, Kind, Params};
use crate::value::{Placed, Scope, Value};
use crate::vocabulary::{CORE_WORDS, EVERYWHERE, JOB_WORDS, brings_jobs, is_known_library};
use std::rc::Rc;

/// Methods that run code which is given as a value or by name.
const RUNNERS: &[&str] = &[
    "call",
    "()",
    "===",
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
    "define_singleton_method",
    "super",
];

/// Methods that make something of a method's name which may run it later.
const CARRIERS: &[&str] = &["method", "public_method", "singleton_method", "instance_method", "to_proc", "lazy"];

impl<'a> Evaluator<'a> {
    /// Everything `expr` might change or keep is unknown from here on.
    pub(super) fn havoc(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) {
        if !self.spend(expr.span) {
            return;
        }
        match &expr.kind {
            Kind::Local(name) => self.taken_variable(name, expr.span, scope),
            Kind::Const(path) => self.taken_constant(path),
            Kind::Assigned(name) => self.forget_variable(name, expr.span, scope),
            Kind::Assign(name, value) => {
                self.havoc(value, scope);
                self.forget_variable(name, expr.span, scope);
            }
            Kind::Module(module) => {
                self.constants_met.extend(module.name.as_deref());
                expr.each_part(&mut |part| self.havoc(part, scope));
            }
            Kind::Outer(_, value) => {
                self.config_taken = None;
                self.havoc(value, scope);
            }
            Kind::ConstAssign(name, value) => {
                self.values.remove(name.as_str());
                self.constants_met.insert(name);
                self.havoc(value, scope);
                self.constants.insert(name, Placed::unknown(expr.span));
            }
            Kind::Def(def) => drop(self.met.insert(&def.name)),
            Kind::Lambda(block) => self.havoc_block(block, scope),
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
                if let Some(given) = scope.given.clone() {
                    self.escape(given);
                }
                self.unseen_code(expr.span);
            }
            Kind::Call(call) => self.havoc_call(call, expr, scope),
            _ => each_taken(expr, &mut |part| self.havoc(part, scope)),
        }
    }

    /// The block of a call that is not followed: Ruby's everyday iterators run it now and do not keep it.
    pub(super) fn havoc_given(&mut self, call: &'a Call, block: &'a Block, scope: &Rc<Scope<'a>>) {
        let name = call.name.as_str();
        if reads::ITERATORS.contains(&name) && !self.stray && !self.world.hooks && !self.world.methods.contains(name) {
            self.havoc_run(block, scope);
        } else {
            self.havoc_block(block, scope);
        }
    }

    /// A block that may run any number of times, now and later.
    pub(super) fn havoc_block(&mut self, block: &'a Block, scope: &Rc<Scope<'a>>) {
        let before = std::mem::replace(&mut self.kept, true);
        self.stray |= reads::may_run_words(&block.body);
        self.havoc_run(block, scope);
        self.kept = before;
    }

    /// A block that may run any number of times: leaving it by `next` leaves nothing else.
    pub(super) fn havoc_run(&mut self, block: &'a Block, scope: &Rc<Scope<'a>>) {
        let before = self.leaving;
        let inner = Scope::inside(scope);
        bind_unknown(&block.params, &inner, block.span);
        block.params.optional.iter().for_each(|(_, default)| self.havoc(default, &inner));
        self.havoc(&block.body, &inner);
        if self.leaving == Leaving::Block {
            self.leaving = before;
        }
    }

    fn taken_variable(&mut self, name: &str, span: Span, scope: &Rc<Scope<'a>>) {
        let held = if self.kept { scope.share(name, span) } else { scope.get(name) };
        if let Some(held) = held {
            self.escape(held.value);
        }
    }

    fn forget_variable(&mut self, name: &str, span: Span, scope: &Rc<Scope<'a>>) {
        if self.kept {
            scope.share(name, span);
        } else {
            scope.assign(name, Placed::unknown(span));
        }
    }

    fn taken_constant(&mut self, path: &'a str) {
        let value = self.constant(path);
        self.escape(value);
        if self.kept {
            self.shared_constants.insert(path.rsplit("::").next().unwrap_or(path));
        }
    }

    fn havoc_call(&mut self, call: &'a Call, expr: &'a Expr, scope: &Rc<Scope<'a>>) {
        each_taken(expr, &mut |part| self.havoc(part, scope));
        self.observe_load_time(call, expr.span);
        if let Some(block) = call.literal_block().filter(|_| !is_deferred(call)) {
            self.havoc_given(call, block, scope);
        }
        self.passed_unseen(call, expr.span);
        self.unseen(call, expr.span);
        self.may_require(call);
        if may_load(call) {
            self.unseen_load(expr.span);
        }
        if matches!(call.name.as_str(), "exit" | "exit!" | "abort" | "raise" | "fail" | "throw")
            && call.receiver.is_none()
        {
            self.leaving = Leaving::Everything;
        }
    }

    /// `&block` of a call that is not followed: `&:name` calls a method of that name.
    pub(super) fn passed_unseen(&mut self, call: &'a Call, span: Span) {
        match &call.block {
            Some(BlockArg::Passed(Expr { kind: Kind::Sym(name), .. })) if !self.may_run(name) => {}
            Some(BlockArg::Passed(_)) => self.unseen_code(span),
            Some(BlockArg::Literal(_)) | None => {}
        }
    }

    /// A call that is not followed was made.
    pub(super) fn unseen(&mut self, call: &Call, span: Span) {
        self.stray |= CARRIERS.contains(&call.name.as_str());
        if self.may_define_here(call) || (self.stray && !reads::only_reads(&call.name)) {
            self.unseen_code(span);
        }
    }

    /// Whether `tengine_job` is required by this call is not known.
    pub(super) fn may_require(&mut self, call: &Call) {
        self.jobs_met |= matches!(call.args.first().map(|arg| &arg.kind), Some(Kind::Str(name)) if brings_jobs(name));
    }

    /// A file may have been loaded that is not known: one of the tree, before its turn, for instance.
    pub(super) fn unseen_load(&mut self, span: Span) {
        self.order_open = true;
        self.unseen_code(span);
        self.lose_constants();
    }

    /// A file may have been loaded that is not followed: its lines may change whatever has a name.
    pub(super) fn lose_constants(&mut self) {
        let held: Vec<_> = self.constants.values().map(|placed| placed.value.clone()).collect();
        held.into_iter().for_each(|value| self.escape(value));
    }

    /// Code of the tree may have run that is not followed.
    pub(super) fn unseen_code(&mut self, span: Span) {
        self.not_seen(span);
        self.config_taken = None;
        if self.world.exits {
            self.leaving = Leaving::Everything;
        }
        if std::mem::replace(&mut self.reached, true) {
            return;
        }
        for name in self.world.reach.iter().copied() {
            if let Some(placed) = self.constants.get(name) {
                let value = placed.value.clone();
                self.escape(value);
            }
        }
    }

    /// Whether calling a method of this name on something unknown may run code of the tree.
    fn may_run(&self, name: &str) -> bool {
        self.world.methods.contains(name)
            || RUNNERS.contains(&name)
            || is_word(name)
            || (name == "new" && self.world.methods.contains("initialize"))
    }

    /// Whether this call may run words of a definition, itself or through code of the tree.
    fn may_define_here(&self, call: &Call) -> bool {
        let name = call.name.as_str();
        if self.may_run(name) || (self.world.hooks && !reads::only_reads(name)) {
            return true;
        }
        let own = call.receiver.as_ref().is_none_or(|receiver| matches!(receiver.kind, Kind::SelfRef));
        let known = EVERYWHERE.contains(&name);
        own && self.world.opaque && !known && self.inside != Inside::Module
            || (call.receiver.is_some() && self.world.opaque && call.block.is_some())
    }

    /// Code that is not followed has got hold of `value`.
    pub(super) fn escape(&mut self, value: Value<'a>) {
        self.escaping.push(value);
        if self.escaping.len() > 1 {
            return;
        }
        while let Some(value) = self.escaping.pop() {
            match value {
                Value::Str(text) => drop(text.lose()),
                Value::Array(list) => {
                    let elements = list.lose().unwrap_or_default();
                    self.escaping.extend(elements.into_iter().map(|element| element.value));
                }
                Value::Hash(pairs) => {
                    let pairs = pairs.lose().unwrap_or_default();
                    self.escaping.extend(pairs.into_iter().flat_map(|(key, value)| [key.value, value.value]));
                }
                Value::Proc(closure) if !closure.escaped.replace(true) => self.loose.push(closure),
                _ => {}
            }
        }
        while let Some(closure) = self.loose.pop() {
            self.havoc_block(closure.block, &closure.scope);
        }
    }
}

/// Whether Tengine gives this name a meaning.
fn is_word(name: &str) -> bool {
    JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name) || name == "on"
}

/// Whether this may load a file of the tree.
fn may_load(call: &Call) -> bool {
    let library = call.args.first().is_some_and(|arg| matches!(&arg.kind, Kind::Str(name) if is_known_library(name)));
    match call.name.as_str() {
        "require" => !library,
        name => matches!(name, "require_relative" | "load"),
    }
}

/// Parameters that get something that is not known.
fn bind_unknown(params: &Params, scope: &Scope<'_>, span: Span) {
    let optional = params.optional.iter().map(|(name, _)| name);
    let names = params.required.iter().chain(optional).chain(&params.rest).chain(&params.block).chain(&params.others);
    names.for_each(|name| scope.bind(name, Placed::unknown(span)));
}

/// Whether the call's own block runs later than loading.
pub fn is_deferred(call: &Call) -> bool {
    call.receiver.is_none() && matches!(call.name.as_str(), "on" | "setup_eventmachine" | "at_exit")
}
