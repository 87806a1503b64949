//! Method calls: the words of a definition, helper methods, and Ruby's own.

use super::{Evaluator, Inside, Leaving};
use crate::parse::Finding;
use crate::requires;
use crate::rules::Code;
use crate::rules::conversion;
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Expr, Kind};
use crate::value::{Placed, Scope, Value};
use crate::vocabulary::{self, CORE_WORDS, DRIVER_WORDS, EVERYWHERE, IN_CLASS, JOB_WORDS};
use std::rc::Rc;

/// Ruby's own methods that do nothing a definition could depend on.
const HARMLESS: &[&str] = &[
    "puts",
    "print",
    "printf",
    "warn",
    "private",
    "public",
    "protected",
    "srand",
    "freeze",
    "trap",
    "include",
    "extend",
    "alias_method",
    "undef_method",
];

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        self.observe_load_time(call, span);
        match &call.receiver {
            None => self.own_call(call, span, scope),
            Some(receiver) => self.call_on(receiver, call, span, scope),
        }
    }

    fn own_call(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let name = call.name.as_str();
        self.judge_own_call(call, span);
        // Whether a word of the same name or the tree's method is meant is not decided here.
        let is_word = JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name);
        // Before its def is met, a helper with the name of one of Ruby's own methods is that one.
        let rubys = EVERYWHERE.contains(&name) && !self.met.contains(name);
        let followed = self.inside == Inside::Top && !is_word && !rubys;
        if let Some(def) = self.world.helpers.get(name).copied().filter(|_| followed) {
            return self.helper(def, call, span, scope);
        }
        let shadowed = is_word && self.is_shadowed(name);
        if (self.world.methods.contains(name) && !shadowed) || self.inside == Inside::Module {
            return self.not_followed(call, span, scope);
        }
        match (name, self.inside) {
            (_, Inside::Driver) if self.driver_word(call, span, scope) => Placed::unknown(span),
            (_, Inside::Top) if JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name) => self.word(call, span, scope),
            ("require" | "require_relative" | "load", _) => self.require(call, span, scope),
            ("Integer", _) => self.converted(call, span, scope),
            ("lambda" | "proc", _) => {
                self.block_value(call, scope).map_or_else(|| Placed::unknown(span), |value| Placed::new(value, span))
            }
            ("format" | "sprintf", _) => self.formatted(call, span, scope),
            ("block_given?", _) => Placed::new(Value::Bool(scope.given.is_some()), span),
            ("raise" | "abort" | "fail" | "exit" | "exit!" | "throw", _) => {
                call.args.iter().for_each(|arg| self.havoc(arg, scope));
                self.leaving = Leaving::Everything;
                Placed::unknown(span)
            }
            _ if HARMLESS.contains(&name) => {
                call.args.iter().for_each(|arg| drop(self.eval(arg, scope)));
                Placed::unknown(span)
            }
            _ => self.foreign(call, span, scope),
        }
    }

    /// `Integer(value)`
    fn converted(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let args = self.elements(&call.args, scope).unwrap_or_default();
        self.tell_all(conversion::integer(&args, call.name_span));
        Placed::unknown(span)
    }

    /// A name that is neither a word nor a method of the tree.
    fn foreign(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let name = call.name.as_str();
        let in_class = self.inside == Inside::Driver && (IN_CLASS.contains(&name) || DRIVER_WORDS.contains(&name));
        // In a method of a class or module, self is that, and has all that classes have.
        let of_main = self.object_body.is_none();
        if of_main && !EVERYWHERE.contains(&name) && !in_class && !self.world.may_define(name) && is_plain(name) {
            self.unknown_word(call);
            // Ruby stops here; going on as if the line were not there finds what else is wrong.
            if let Some(block) = call.literal_block() {
                self.havoc_given(call, block, scope);
            }
            self.open_here();
            return Placed::unknown(span);
        }
        self.not_followed(call, span, scope)
    }

    /// Arguments are evaluated; what they hold and what the block does is unknown afterwards.
    pub(super) fn not_followed(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        self.may_require(call);
        for arg in &call.args {
            let value = self.eval(arg, scope).value;
            if !crate::reads::only_reads(&call.name) {
                self.escape(value);
            }
        }
        self.block_unseen(call, span, scope);
        self.unseen(call, span);
        Placed::unknown(span)
    }

    /// The block of a call that is not followed.
    fn block_unseen(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        match &call.block {
            Some(BlockArg::Literal(block)) if !super::havoc::is_deferred(call) => self.havoc_given(call, block, scope),
            Some(BlockArg::Passed(passed)) => {
                let value = self.eval(passed, scope).value;
                self.escape(value);
            }
            Some(BlockArg::Literal(_)) | None => {}
        }
        self.passed_unseen(call, span);
    }

    fn call_on(&mut self, receiver: &'a Expr, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        self.judge_object(receiver, call);
        if let Kind::Const(path) = &receiver.kind {
            self.judge_frozen(path, call);
            let function = format!("{path}.{}", call.name);
            if let Some(def) = self.world.module_functions.get(&function).copied() {
                self.judge_constant(path, receiver.span);
                let body = self.object_body.replace(def.body.span);
                let value = self.helper(def, call, span, scope);
                self.object_body = body;
                return value;
            }
        }
        if matches!(receiver.kind, Kind::SelfRef) {
            return self.not_followed(call, span, scope);
        }
        if let (Kind::Const(path), "parse", [arg]) = (&receiver.kind, call.name.as_str(), call.args.as_slice()) {
            let own = path != "JSON" || self.world.constants.contains_key("JSON");
            if !own && matches!(arg.kind, Kind::Str(_)) {
                let value = self.eval(arg, scope);
                self.tell_all(conversion::json(&[value], call.name_span));
            }
        }
        let on = self.eval(receiver, scope);
        let ours = self.world.methods.contains(call.name.as_str());
        if call.safe && matches!(on.value, Value::Nil) {
            return Placed::new(Value::Nil, span);
        }
        if call.forwards || ours || (on.value.is_unknown() && !matches!(on.value, Value::Str(_))) {
            if !crate::reads::only_reads(&call.name) || ours {
                self.escape(on.value);
            }
            return self.not_followed(call, span, scope);
        }
        self.on_known(&on, call, span, scope)
    }

    fn require(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let name = call.args.first().and_then(|arg| self.eval(arg, scope).value.name());
        let Some(name) = name else {
            self.unseen_load(span);
            return Placed::unknown(span);
        };
        let place = call.args.first().map_or(span, |arg| arg.span);
        let here = self.files.get(self.file).map_or("", |file| file.path.as_str());
        match requires::resolve(&call.name, &name, here, |path| self.paths.get(path).copied()) {
            requires::Resolved::InTree(index) => self.load(index, call.name == "load"),
            requires::Resolved::Library if vocabulary::is_known_library(&name) => {
                self.jobs_met |= vocabulary::brings_jobs(&name);
            }
            requires::Resolved::Library => self.unseen_code(span),
            requires::Resolved::Missing(_) if self.world.partial => self.unseen_load(span),
            requires::Resolved::Missing(help) => {
                let message = format!("{} \"{name}\": this load path has no such file", call.name);
                let code = if call.name == "require_relative" { Code::MissingFile } else { Code::MissingLibrary };
                let mut finding = Finding::new(code, place, message);
                finding.help = help;
                self.tell(finding);
                self.unseen_load(span);
            }
        }
        Placed::unknown(span)
    }
}

/// Whether `name` is spelled like a word, not an operator or assignment.
pub(super) fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || !c.is_ascii() || matches!(c, '_' | '?' | '!')) && !name.is_empty()
}
