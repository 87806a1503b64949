//! Method calls: the words of a definition, helper methods, and Ruby's own.

use super::{Evaluator, Inside, Leaving};
use crate::limits;
use crate::objects::statements;
use crate::parse::Finding;
use crate::requires;
use crate::rules::Code;
use crate::rules::{conversion, frozen_change, unknown_method, word_in_object};
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Def, Expr, Kind, Params};
use crate::value::{Closure, Placed, Scope, Value};
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
        if let Some(def) = self.world.helpers.get(name).copied().filter(|_| self.inside == Inside::Top && !is_word) {
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

    // These are methods of their own so that what they put together takes no room in the frames that recurse.
    fn judge_own_call(&mut self, call: &Call, span: Span) {
        let found = self.certain_refusal(call, span);
        self.tell_all(found);
    }

    fn judge_count(&mut self, def: &Def, call: &Call, args: Option<&[Placed<'a>]>) {
        self.judge_keywords(def, call);
        self.judge_hash_for_keywords(def, call, args);
        self.judge_endless(def, call);
        let Some(args) = args.filter(|args| !def.params.complex && !fits(&def.params, args.len())) else { return };
        let message = format!("\"{}\" is called with {} arguments, which its def does not take", call.name, args.len());
        self.tell(Finding::new(Code::WrongArgumentCount, call.name_span, message));
    }

    /// A hash that is no literal, where keywords are taken.
    fn judge_hash_for_keywords(&mut self, def: &Def, call: &Call, args: Option<&[Placed<'a>]>) {
        let Some(args) = args.filter(|args| def.params.takes_keywords && args.len() == def.params.required.len() + 1)
        else {
            return;
        };
        let held = matches!(call.args.last().map(|arg| &arg.kind), Some(Kind::Const(_) | Kind::Local(_)));
        if held && matches!(args.last().map(|last| &last.value), Some(Value::Hash(_))) {
            let message = format!("\"{}\" takes keywords, and Ruby 3 does not take a hash for them", call.name);
            self.tell(Finding::new(Code::OlderSyntax, call.name_span, message).with_help("write ** before it"));
        }
    }

    /// A method that begins with calling itself.
    fn judge_endless(&mut self, def: &Def, call: &Call) {
        let plain = |arg: &Expr| matches!(arg.kind, Kind::Local(_) | Kind::Int(_) | Kind::Str(_) | Kind::Sym(_));
        let reckoned = |arg: &Expr| match &arg.kind {
            Kind::Call(sum) => {
                matches!(sum.name.as_str(), "+" | "-")
                    && sum.receiver.as_ref().is_some_and(plain)
                    && sum.args.iter().all(plain)
            }
            _ => plain(arg),
        };
        let first = statements(&def.body).into_iter().next();
        let Some(Kind::Call(inner)) = first.map(|first| &first.kind) else { return };
        if inner.receiver.is_none() && inner.name == def.name && inner.args.iter().all(reckoned) && !self.world.wild {
            let message = format!("\"{}\" begins with calling itself, without end", call.name);
            self.tell(Finding::new(Code::RaisesAtLoad, call.name_span, message));
        }
    }

    /// A keyword without default, where none is given.
    fn judge_keywords(&mut self, def: &Def, call: &Call) {
        let unclear = |arg: &Expr| matches!(arg.kind, Kind::Splat(_));
        let hash = call.args.last().is_some_and(|arg| !matches!(arg.kind, Kind::Str(_) | Kind::Sym(_) | Kind::Int(_)));
        let clear = !call.forwards && !hash && !call.args.iter().any(unclear);
        if let Some(keyword) = def.params.keywords.first().filter(|_| clear) {
            let message = format!("\"{}\" is called without its keyword {keyword}:", call.name);
            self.tell(Finding::new(Code::WrongArgumentCount, call.name_span, message));
        }
    }

    fn judge_frozen(&mut self, path: &str, call: &Call) {
        let name = call.name.as_str();
        let certain = !self.world.opaque && !self.world.wild && !self.world.methods.contains(name);
        if certain && self.frozen.contains(path) && frozen_change::CHANGES.contains(&name) {
            let message = format!("{path} is frozen, and \"{name}\" changes it");
            self.tell(Finding::new(Code::FrozenChange, call.name_span, message));
        }
    }

    /// Whether the only method of this name is a `def` at the top level: Tengine's own comes before it.
    fn is_shadowed(&self, name: &str) -> bool {
        !self.world.opaque
            && self.object_body.is_none()
            && self.world.helpers.contains_key(name)
            && (self.jobs_met || !JOB_WORDS.contains(&name))
    }

    /// `Integer(value)`
    fn converted(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let args = self.elements(&call.args, scope).unwrap_or_default();
        self.tell_all(conversion::integer(&args, call.name_span));
        Placed::unknown(span)
    }

    /// What Ruby or Tengine certainly refuses of a call without receiver, whatever comes of its arguments.
    fn certain_refusal(&self, call: &Call, span: Span) -> Option<Finding> {
        let name = call.name.as_str();
        let ours = self.world.methods.contains(name) || self.world.opaque;
        let at = call.name_span;
        let main = self.inside == Inside::Top;
        let in_object =
            self.object_body.is_some_and(|body| body.file == at.file && body.start <= at.start && at.end <= body.end);
        if in_object && !ours && JOB_WORDS.contains(&name) {
            return Some(word_in_object::finding(call, "a method of a class or module"));
        }
        match name {
            "ruby_job" | "ssh_job" if !ours && self.inside != Inside::Module => {
                let message = format!("Tengine 1.2.2 has no word \"{name}\"");
                Some(Finding::new(Code::RemovedWord, at, message).with_help("use job with a script"))
            }
            "session" | "fire" | "event" if main && (!ours || self.is_shadowed(name)) => {
                let message =
                    format!("\"{name}\" outside of a handler: nothing is handled while a definition is loaded");
                Some(Finding::new(Code::OutsideHandler, at, message))
            }
            "raise" | "fail" | "throw" if !ours && self.inside != Inside::Module => Some(Finding::new(
                Code::RaisesAtLoad,
                span,
                format!("loading certainly comes to this {name}, and nothing rescues it"),
            )),
            "exit" | "abort" | "exit!" if !ours && self.inside != Inside::Module => {
                let message =
                    format!("loading ends at this {name}: Tengine serves what was loaded before it, without the rest");
                Some(Finding::new(Code::EndsLoad, span, message))
            }
            _ if JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name) => None,
            "alias_method" | "undef_method" if main && !self.world.opaque => {
                let old = call.args.get(usize::from(name == "alias_method")).map(|arg| &arg.kind);
                let Some(Kind::Sym(old)) = old.filter(|_| call.name_span == span) else { return None };
                let known = self.world.defined.contains(old.as_str()) || EVERYWHERE.contains(&old.as_str());
                let word = JOB_WORDS.contains(&old.as_str()) || CORE_WORDS.contains(&old.as_str());
                let certain = !known && !word && is_plain(old) && !unknown_method::is_anywhere(old);
                certain.then(|| Finding::new(Code::UnknownMethod, at, format!("there is no method \"{old}\"")))
            }
            _ if main && !self.world.opaque && self.world.of_objects.contains(name) => {
                let known = EVERYWHERE.contains(&name) || self.object_body.is_some() || DRIVER_WORDS.contains(&name);
                (!known && !unknown_method::is_anywhere(name)).then(|| {
                    let message =
                        format!("\"{name}\" belongs to a class or module, and is not a method of the top level");
                    Finding::new(Code::UnknownWord, at, message).with_help("extend the top level with the module")
                })
            }
            _ if self.world.helpers.contains_key(name) && !self.world.opaque && !self.order_open => {
                let early = !self.met.contains(name) && self.inside != Inside::Module && !EVERYWHERE.contains(&name);
                early.then(|| {
                    let message = format!(
                        "\"{name}\" is not defined yet: its def comes later in the order in which files are loaded"
                    );
                    Finding::new(Code::UsedTooEarly, at, message)
                        .with_help("files are loaded sorted by name; require_relative brings one forward")
                })
            }
            _ => None,
        }
    }

    /// A name that is neither a word nor a method of the tree.
    fn foreign(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let name = call.name.as_str();
        let in_class = self.inside == Inside::Driver && (IN_CLASS.contains(&name) || DRIVER_WORDS.contains(&name));
        if !EVERYWHERE.contains(&name) && !in_class && !self.world.may_define(name) && is_plain(name) {
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

    fn unknown_word(&mut self, call: &Call) {
        // In a loop it is met again and again, and what is close to it takes time to find.
        if self.told.contains(&(call.name_span, Code::UnknownWord)) {
            return;
        }
        let (place, words): (_, Vec<&str>) = match (self.inside, self.frames.last()) {
            (Inside::Driver, _) => ("a driver block", DRIVER_WORDS.to_vec()),
            (_, Some(frame)) => (frame.kind.word(), JOB_WORDS.to_vec()),
            (_, None) => ("a file's top level", [JOB_WORDS, CORE_WORDS].concat()),
        };
        let place = if self.frames.is_empty() { place.to_owned() } else { format!("a {place} block") };
        let message = format!("\"{}\" is not a word of {place}, and no file of this load path defines it", call.name);
        let known =
            words.into_iter().chain(self.world.methods.iter().copied()).chain(["puts", "require", "require_relative"]);
        let mut finding = Finding::new(Code::UnknownWord, call.name_span, message);
        let wide = |c: char| matches!(c, '\u{3000}' | '\u{201C}' | '\u{201D}' | '\u{2018}' | '\u{2019}');
        if call.name.contains(wide) {
            finding = finding.with_help("Ruby takes a full-width space or a curly quote for part of a name");
        }
        if let Some(word) = vocabulary::closest(&call.name, known) {
            finding = finding.with_help(format!("did you mean \"{word}\"?"));
        }
        self.tell(finding);
    }

    /// Arguments are evaluated; what they hold and what the block does is unknown afterwards.
    pub(super) fn not_followed(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
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

    /// Follows a method that is defined once, at the top level of a file or as `Module.method`.
    fn helper(&mut self, def: &'a Def, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
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

    fn unseen_helper(&mut self, args: Option<Vec<Placed<'a>>>, given: Option<Value<'a>>, span: Span) -> Placed<'a> {
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

    /// The value of a method or block, unless it may have been left before its end.
    fn returned(&mut self, reach: Leaving, value: Value<'a>, span: Span) -> Placed<'a> {
        let left = self.leaving != Leaving::Staying;
        self.leave_up_to(reach);
        if left {
            self.escape(value);
            return Placed::unknown(span);
        }
        Placed::new(value, span)
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
            self.unseen_code(span);
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
            requires::Resolved::Missing(_) if self.world.partial => self.unseen_code(span),
            requires::Resolved::Missing(help) => {
                let message = format!("{} \"{name}\": this load path has no such file", call.name);
                let code = if call.name == "require_relative" { Code::MissingFile } else { Code::MissingLibrary };
                let mut finding = Finding::new(code, place, message);
                finding.help = help;
                self.tell(finding);
                self.unseen_code(span);
            }
        }
        Placed::unknown(span)
    }
}

/// `return value` at the end of a method: the statements before it, and the value.
fn final_return(body: &Expr) -> Option<(&[Expr], &Expr)> {
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
fn spread<'a>(params: &Params, args: Vec<Placed<'a>>) -> Vec<Placed<'a>> {
    let several =
        params.required.len() + params.optional.len() > 1 || (params.rest.is_some() && !params.required.is_empty());
    match args.as_slice() {
        [Placed { value: Value::Array(list), .. }] if several => list.get().unwrap_or_default(),
        _ => args,
    }
}

/// Whether `name` is spelled like a word, not an operator or assignment.
pub(super) fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || !c.is_ascii() || matches!(c, '_' | '?' | '!')) && !name.is_empty()
}
