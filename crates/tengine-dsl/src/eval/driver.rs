//! Event drivers.

use super::calls::is_plain;
use super::{Evaluator, Inside};
use crate::model;
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::{drivers, options};
use crate::source::Span;
use crate::syntax::{BlockArg, Call, Expr, Kind, Module};
use crate::value::{FilterKind, Placed, Scope, Value};
use crate::vocabulary::{CORE_WORDS, DRIVER_WORDS, EVERYWHERE, HANDLER_WORDS, IN_CLASS, JOB_WORDS, closest};
use std::collections::HashSet;
use std::rc::Rc;

/// Methods whose block runs with the `self` around it.
const KEEP_SELF: &[&str] = &[
    "each",
    "each_with_index",
    "each_pair",
    "each_key",
    "each_value",
    "each_slice",
    "map",
    "flat_map",
    "select",
    "reject",
    "find",
    "detect",
    "any?",
    "all?",
    "times",
    "upto",
    "downto",
    "loop",
    "tap",
    "then",
    "update",
    "inject",
    "reduce",
];

/// A driver while its block is followed.
#[derive(Debug, Default)]
pub struct Building {
    handlers: Vec<String>,
    seen: HashSet<String>,
}

impl<'a> Evaluator<'a> {
    /// `driver :name do … end`.
    pub(super) fn driver(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        if !self.frames.is_empty() {
            let message = "\"driver\" inside a jobnet: a driver belongs to the top level of a file";
            self.tell(Finding::new(Code::MisplacedWord, call.name_span, message));
        }
        let args = self.elements(&call.args, scope);
        let name = args.as_ref().and_then(|args| args.first()).and_then(|first| match &first.value {
            Value::Nil => Some(String::new()),
            Value::Int(number) => Some(number.to_string()),
            value => value.name(),
        });
        let place = call.args.first().map_or(call.name_span, |arg| arg.span);
        if args.as_ref().is_some_and(Vec::is_empty) && !call.forwards {
            self.tell(Finding::new(Code::WrongArguments, call.name_span, "\"driver\" needs a name"));
        }
        let mut enabled = Some(true);
        if let Some(Value::Hash(pairs)) = args.as_ref().and_then(|args| args.get(1)).map(|arg| arg.value.clone()) {
            for (key, value) in pairs.get().unwrap_or_default() {
                self.tell_all(options::check("driver", name.as_deref(), &key, &value));
                if matches!(&key.value, Value::Sym(name) if &**name == "enabled_on_activation") {
                    enabled = value.value.truth();
                }
            }
        } else if let Some(second) = args.as_ref().and_then(|args| args.get(1)) {
            enabled = None;
            if matches!(second.value, Value::Str(_) | Value::Sym(_) | Value::Array(_)) && call.block.is_some() {
                let message = "\"driver\" takes a name and a hash of options, and nothing else";
                self.tell(Finding::new(Code::DriverArguments, second.span, message));
            }
        }
        let Some(Value::Proc(closure)) = self.block_value(call, scope) else {
            if call.block.is_none() {
                let message = "\"driver\" has no block, so Tengine passes over it";
                self.tell(Finding::new(Code::NoBlock, call.name_span, message));
            }
            return self.open_here();
        };
        if let Some(name) = &name {
            self.tell_all(drivers::name(name, place));
        }
        let outer = (std::mem::replace(&mut self.inside, Inside::Driver), self.driver.replace(Building::default()));
        let frames = std::mem::take(&mut self.frames);
        self.run(&closure, Vec::new(), span);
        self.frames = frames;
        self.inside = outer.0;
        let built = std::mem::replace(&mut self.driver, outer.1).unwrap_or_default();
        match name {
            Some(name) => self.add_driver(name, enabled, built.handlers, place),
            None => self.not_seen(span),
        }
    }

    fn add_driver(&mut self, name: String, enabled_on_activation: Option<bool>, handlers: Vec<String>, span: Span) {
        let known = self.definition.drivers.iter().find(|driver| drivers::same(&driver.name, &name));
        if let Some(first) = known.map(|driver| driver.span).filter(|first| *first != span) {
            let finding = drivers::duplicate(self.files, &name, first, span);
            return self.tell(finding);
        }
        if known.is_none() {
            self.definition.drivers.push(model::Driver { name, enabled_on_activation, handlers, span });
        }
    }

    /// `class Name; include Tengine::Core::Driveable`.
    pub(super) fn driver_class(&mut self, module: &'a Module, nested: bool) {
        let Kind::Sequence(statements) = &module.body.kind else { return };
        let driveable = statements.iter().find(|statement| match &statement.kind {
            Kind::Call(call) if call.name == "include" => {
                call.args.iter().any(|arg| matches!(&arg.kind, Kind::Const(path) if path == "Tengine::Core::Driveable"))
            }
            _ => false,
        });
        let handles = statements
            .iter()
            .any(|part| matches!(&part.kind, Kind::Call(call) if call.name == "on" && call.receiver.is_none()));
        if let Some(statement) = driveable.filter(|_| nested && handles && !self.world.opaque) {
            let message =
                "a driver's class in a module: its name has a ::, which Tengine takes for no name of a driver";
            self.tell(Finding::new(Code::DriverName, statement.span, message));
        }
        if let (Some(statement), Some(name)) = (driveable, &module.name) {
            self.add_driver(name.clone(), Some(true), Vec::new(), statement.span);
        }
    }

    /// A word of a driver's block; returns whether it was one.
    pub(super) fn driver_word(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> bool {
        let name = call.name.as_str();
        if name == "on" {
            self.handler(call, span, scope);
            return true;
        }
        if name == "driver" && !call.args.is_empty() {
            let message = "a driver in a driver: there \"driver\" takes no arguments";
            self.tell(Finding::new(Code::DriverArguments, call.name_span, message));
            return true;
        }
        if JOB_WORDS.contains(&name) && !self.world.opaque {
            let message = format!(
                "\"{name}\" inside a driver, whose block is the body of a class: jobnets belong to the top level"
            );
            self.tell(Finding::new(Code::WordInObject, call.name_span, message));
            return true;
        }
        false
    }

    fn handler(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        self.judge_objects_given(call);
        let Some(mut events) = self.elements(&call.args, scope).filter(|_| !call.forwards) else { return };
        if matches!(events.last().map(|last| &last.value), Some(Value::Hash(_))) {
            events.pop();
        }
        if let Some(block) = call.literal_block() {
            let several = block.params.required.len() > 1 || block.params.rest.is_some();
            if several && !block.params.complex {
                let message = "a handler's block takes the event or nothing, not several parameters";
                self.tell(Finding::new(Code::HandlerParameters, block.span, message));
            }
        }
        if let Some(BlockArg::Passed(passed @ Expr { kind: Kind::Const(_) | Kind::Local(_), .. })) = &call.block {
            let value = self.eval(passed, scope).value;
            if let Value::Proc(closure) = value {
                let params = &closure.block.params;
                if closure.lambda && !params.complex && params.required.len() > 1 {
                    let message = "a handler takes the event or nothing, not several parameters";
                    self.tell(Finding::new(Code::HandlerParameters, passed.span, message));
                }
            }
        }
        if let Some(BlockArg::Passed(Expr { kind: Kind::Sym(_), span })) = &call.block {
            let message = "a handler needs a block of its own: Tengine asks where it stands";
            self.tell(Finding::new(Code::HandlerParameters, *span, message));
        }
        if let Some(block) = call.literal_block() {
            self.handler_body(&block.body);
        }
        if events.is_empty() && call.block.is_some() {
            self.tell(Finding::new(
                Code::FilterNeverMatches,
                call.name_span,
                "this handler names no event, so it never runs",
            ));
        }
        for (index, event) in events.iter().enumerate() {
            let place = call.args.get(index).map_or(event.span, |arg| arg.span);
            self.event(event, place, events.len());
        }
        let _ = span;
    }

    /// Names in a handler's body that nothing can define: it runs later, so it is only read, and only where `self` is certainly
    /// the driver.
    fn handler_body(&mut self, expr: &'a Expr) {
        if !self.spend(expr.span) {
            return;
        }
        match &expr.kind {
            Kind::Call(call) => self.handler_call(call),
            // `rescue`, `defined?` and the like are among the others: what fails there may be meant to.
            Kind::Def(_) | Kind::Module(_) | Kind::Lambda(_) | Kind::Other(_) => {}
            Kind::If(parts) => {
                let [condition, branches @ ..] = parts.as_ref();
                self.handler_parts(condition, branches);
            }
            Kind::And(parts) | Kind::Or(parts) => {
                let [left, right @ ..] = parts.as_ref();
                self.handler_parts(left, right);
            }
            _ => expr.each_part(&mut |part| self.handler_body(part)),
        }
    }

    /// What comes after a condition, unless that asks whether something is defined.
    fn handler_parts(&mut self, condition: &'a Expr, parts: &'a [Expr]) {
        self.handler_body(condition);
        if !asks(condition) {
            parts.iter().for_each(|part| self.handler_body(part));
        }
    }

    fn handler_call(&mut self, call: &'a Call) {
        call.receiver.iter().for_each(|receiver| self.handler_body(receiver));
        call.args.iter().for_each(|arg| self.handler_body(arg));
        if call.receiver.is_none() {
            self.handler_word(call);
        }
        if let Some(block) = call.literal_block().filter(|_| KEEP_SELF.contains(&call.name.as_str())) {
            self.handler_body(&block.body);
        }
    }

    fn handler_word(&mut self, call: &Call) {
        let name = call.name.as_str();
        let known = [HANDLER_WORDS, DRIVER_WORDS, CORE_WORDS, JOB_WORDS, EVERYWHERE, IN_CLASS];
        let told = !self.would_tell(call.name_span, Code::UnknownHandlerWord);
        if told || !is_plain(name) || self.world.may_define(name) || known.iter().any(|words| words.contains(&name)) {
            return;
        }
        let message = format!("\"{name}\" is not a word of a handler, and no file of this load path defines it");
        let finding = Finding::new(Code::UnknownHandlerWord, call.name_span, message);
        let words = HANDLER_WORDS.iter().copied().chain(self.world.methods.iter().copied()).chain(["puts"]);
        let near = closest(name, words).map(|near| format!("did you mean \"{near}\"?"));
        self.tell(Finding { help: near.or(finding.help), ..finding });
    }

    fn event(&mut self, event: &Placed<'a>, place: Span, count: usize) {
        let text = match &event.value {
            Value::Filter(FilterKind::NeverMatches) => {
                let message = "this filter waits for something that is no event, so its handler never runs";
                self.tell(
                    Finding::new(Code::FilterNeverMatches, place, message)
                        .with_help("a filter joins two symbols: :a & :b"),
                );
                None
            }
            Value::Nil | Value::Bool(_) => {
                self.tell(Finding::new(
                    Code::FilterNeverMatches,
                    place,
                    "no event has this name, so the handler never runs",
                ));
                None
            }
            value => value.name(),
        };
        let Some(text) = text else { return };
        let Some(driver) = &mut self.driver else { return };
        let twice = !driver.seen.insert(text.clone()) && count == 1;
        driver.handlers.push(text.clone());
        if twice {
            let message =
                format!("this driver handles \"{text}\" twice: the second handler takes the place of the first");
            self.tell(Finding::new(Code::DuplicateHandler, place, message));
        }
    }
}

/// Whether a condition may ask for what is defined.
fn asks(condition: &Expr) -> bool {
    let mut found = match &condition.kind {
        Kind::Call(call) => call.name.contains("defined") || call.name.starts_with("respond_to"),
        kind => matches!(kind, Kind::Other(_)),
    };
    condition.each_part(&mut |part| found |= asks(part));
    found
}
