//! The words of jobnets.

use super::Evaluator;
use super::arguments::{Arguments, Names, contains, kept, successors};
use crate::frame::Odd;
use crate::model::{Expansion, Job, JobKind, JobnetKind, Vertex};
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::{options, place, production, sequence, unstorable_value};
use crate::source::Span;
use crate::syntax::{Call, Expr, Kind};
use crate::value::{Placed, Scope, Value};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// A word of `tengine_job` or `tengine_core` at the top level or in a jobnet.
    pub(super) fn word(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        self.judge_config(call);
        self.judge_objects_given(call);
        match call.name.as_str() {
            "jobnet" => self.jobnet(JobnetKind::Jobnet, call, span, scope),
            "hadoop_job_run" => self.jobnet(JobnetKind::HadoopJobRun, call, span, scope),
            "finally" => self.jobnet(JobnetKind::Finally, call, span, scope),
            "job" => self.job(JobKind::Job, call, span, scope),
            "hadoop_job" => self.job(JobKind::HadoopJob, call, span, scope),
            "expansion" => self.expansion(call, span, scope),
            "auto_sequence" | "boot_jobs" => self.sequence_word(call, scope),
            "driver" => self.driver(call, span, scope),
            _ => self.core_word(call, scope),
        }
        Placed::unknown(span)
    }

    /// Tengine takes words out of the options it is given.
    fn judge_frozen_options(&mut self, call: &Call) {
        let Some(Kind::Const(path)) = call.args.last().map(|arg| &arg.kind) else { return };
        let takes_out = matches!(call.name.as_str(), "hadoop_job_run") && self.frozen.contains(path.as_str());
        let leads = |key: &Value<'_>| matches!(key, Value::Sym(name) if matches!(&**name, "to" | "redirect_to"));
        let names_some = match self.constants.get(path.as_str()).map(|held| &held.value) {
            Some(Value::Hash(pairs)) => {
                pairs.with(|pairs| pairs.iter().any(|(key, _)| leads(&key.value))) == Some(true)
            }
            _ => false,
        };
        if takes_out && !self.world.opaque && names_some {
            let message = format!("{path} is frozen, and \"{}\" takes words out of its options", call.name);
            self.tell(Finding::new(Code::FrozenChange, call.name_span, message));
        }
    }

    /// A word of `tengine_core` beside `driver`.
    fn core_word(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) {
        let values: Vec<_> = call.args.iter().map(|arg| self.eval(arg, scope)).collect();
        let first = values.first().filter(|_| call.name == "ack_policy");
        if let Some(first) = first.filter(|first| matches!(first.value, Value::Int(_) | Value::Nil)) {
            let message = "ack_policy takes the name of a policy: a text or a symbol";
            self.tell(Finding::new(Code::WrongArguments, first.span, message));
        }
    }

    /// A name or an option that is certainly an object.
    pub(super) fn judge_objects_given(&mut self, call: &'a Call) {
        let plain = matches!(call.name.as_str(), "job" | "jobnet" | "hadoop_job_run" | "on");
        let name = call.args.first().filter(|arg| plain && call.name != "on" && self.is_object(arg));
        let taken_out = |key: &Expr| matches!(&key.kind, Kind::Sym(key) if !matches!(key.as_str(), "to" | "redirect_to" | "preparation" | "auto_sequence"));
        let option = call.args.last().and_then(|arg| match &arg.kind {
            Kind::Hash(pairs) if plain => pairs
                .iter()
                .find(|(key, value)| taken_out(key) && (self.is_object(value) || is_beyond_eight_bytes(value))),
            _ => None,
        });
        if let Some(value) = name.or(option.map(|(_, value)| value)) {
            let message = "the database cannot store this: it takes texts, numbers of 8 bytes, lists, hashes, times";
            self.tell(Finding::new(Code::UnstorableValue, value.span, message));
        }
    }

    /// Says so if this word may not stand here; returns whether it can be taken into the model all the same.
    pub(super) fn placed_well(&mut self, call: &Call) -> bool {
        let found = place::check(&call.name, call.name_span, self.frames.last().map(|frame| frame.kind));
        let well = found.is_none();
        self.tell_all(found);
        self.needs_jobs(call);
        well
    }

    /// Without `require 'tengine_job'` anywhere there are no such words.
    fn needs_jobs(&mut self, call: &Call) {
        let seen = !self.order_open && !self.world.opaque && !self.world.requires_jobs;
        if !self.jobs_met && seen && self.frames.is_empty() {
            let message =
                format!("\"{}\" needs require 'tengine_job', which no file that is loaded before has", call.name);
            let finding = Finding::new(Code::MissingRequire, call.name_span, message);
            self.tell(finding.with_help("add require 'tengine_job' at the top of this file"));
        }
    }

    pub(super) fn arguments(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) -> Option<Arguments<'a>> {
        let known = self.elements(&call.args, scope).filter(|_| !call.forwards);
        let Some(mut positional) = known else {
            self.not_seen(call.name_span);
            return None;
        };
        self.judge_frozen_options(call);
        let mut arguments = Arguments { positional: Vec::new(), options: Vec::new(), open: false };
        // A hash that is alone is the name.
        let alone = positional.len() == 1 && call.name != "finally";
        match positional.last().map(|last| last.value.clone()) {
            Some(Value::Hash(pairs)) if !alone => {
                positional.pop();
                let literal = call.args.last().is_some_and(|arg| matches!(arg.kind, Kind::Hash(_)));
                // Tengine takes words out of the very hash it is given: who shares it sees it without them.
                let given = if literal { pairs.get() } else { pairs.lose() };
                arguments.open |= given.is_none();
                arguments.options = given.unwrap_or_default();
            }
            // Options, or one more argument.
            Some(value) if value.is_unknown() && !matches!(value, Value::Str(_)) && positional.len() > 1 => {
                positional.pop();
                self.escape(value);
                arguments.open = true;
            }
            _ => {}
        }
        arguments.positional = positional;
        Some(arguments)
    }

    /// The name, which is the first argument; `None` if there is none at all.
    pub(super) fn named(&mut self, call: &Call, arguments: &Arguments<'a>) -> Option<(Option<String>, Span)> {
        let Some(first) = arguments.positional.first() else {
            if !arguments.open {
                let message = format!("\"{}\" needs a name", call.name);
                self.tell(Finding::new(Code::WrongArguments, call.name_span, message));
            }
            return None;
        };
        let span = call.args.first().map_or(first.span, |arg| arg.span);
        let name = match &first.value {
            Value::Int(number) => Some(number.to_string()),
            Value::Nil => Some(String::new()),
            value => value.name(),
        };
        let own = arguments.options.iter().find(|(key, _)| matches!(&key.value, Value::Sym(key) if &**key == "name"));
        let name = match own.filter(|_| call.name != "hadoop_job").map(|(_, value)| &value.value) {
            Some(Value::Nil) => Some(String::new()),
            Some(value) => value.name(),
            None => name,
        };
        if name.as_deref().is_some_and(|name| name.chars().all(char::is_whitespace)) {
            self.tell(Finding::new(Code::BlankName, span, format!("the name of a {} is empty", call.name)));
        }
        Some((name, span))
    }

    pub(super) fn too_many(&mut self, call: &Call, arguments: &Arguments<'a>, most: usize) {
        if let Some(extra) = arguments.positional.get(most) {
            let span = call.args.get(most).map_or(extra.span, |arg| arg.span);
            self.tell(sequence::too_many(&call.name, span, most));
        }
    }

    /// What a child's `:to` says about the jobnet around it.
    pub(super) fn leads_on(&mut self, odd: Vec<Odd>, certain: bool) {
        let Some(outer) = self.frames.last_mut() else { return };
        outer.odd.extend(odd);
        outer.edges_open |= !certain;
    }

    pub(super) fn judge_options(&mut self, call: &Call, arguments: &Arguments<'a>, name: Option<&str>) {
        for (key, value) in &arguments.options {
            self.tell_all(options::check(&call.name, name, key, value));
            self.tell_all(unstorable_value::check(&call.name, key, value));
        }
    }

    fn job(&mut self, kind: JobKind, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        let well = self.placed_well(call);
        let Some(arguments) = self.arguments(call, scope) else { return };
        let Some((name, name_span)) = self.named(call, &arguments) else { return self.open_here() };
        self.judge_options(call, &arguments, name.as_deref());
        self.child_met(call, name_span);
        match kind {
            JobKind::HadoopJob => self.too_many(call, &arguments, 1),
            JobKind::RubyJob if call.block.is_none() => {
                let message = "\"ruby_job\" has no block: there is nothing to run";
                self.tell(Finding::new(Code::NoBlock, call.name_span, message));
            }
            JobKind::Job | JobKind::RubyJob => {}
        }
        let rest = arguments.positional.get(1..).unwrap_or_default();
        let (description, script) = match (kind, rest) {
            (JobKind::Job, [script]) => (None, Some(script)),
            (JobKind::Job, [description, script, ..]) => (Some(description), Some(script)),
            (JobKind::RubyJob, [description, ..]) => (Some(description), None),
            (_, _) => (None, None),
        };
        if let Some(script) = script {
            let text = script.value.name();
            let at = call.args.iter().find(|arg| contains(arg.span, script.span)).map_or(span, |arg| arg.span);
            text.into_iter().flat_map(|text| production::command(&text, at)).for_each(|finding| self.tell(finding));
        }
        let to = successors(call, &arguments);
        self.leads_on(to.odd, true);
        let job = Job {
            kind,
            name: name.clone().unwrap_or_default(),
            description: description.and_then(|value| value.value.name()),
            script: script.and_then(|value| value.value.name()),
            options: kept(&arguments.options),
            to: to.named,
            span: name_span,
        };
        self.attach(name.map(|_| Vertex::Job(job)), to.certain && well);
    }

    fn expansion(&mut self, call: &'a Call, _span: Span, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let Some(arguments) = self.arguments(call, scope) else { return };
        let Some((name, span)) = self.named(call, &arguments) else { return self.open_here() };
        self.judge_options(call, &arguments, name.as_deref());
        self.too_many(call, &arguments, 1);
        self.child_met(call, span);
        let to = successors(call, &arguments);
        self.leads_on(to.odd, true);
        let vertex = name.map(|name| Vertex::Expansion(Expansion { name, to: to.named, span }));
        self.attach(vertex, to.certain);
    }

    fn sequence_word(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let word = if call.name == "boot_jobs" { "boot_jobs" } else { "auto_sequence" };
        let args = self.elements(&call.args, scope).filter(|_| !call.forwards);
        let Some(frame) = self.frames.last_mut() else { return };
        let found = sequence::word(word, call.name_span, frame);
        frame.sequence_word = Some((word, call.name_span));
        if word == "boot_jobs" {
            let names = Names::of_boot_jobs(call, args.as_deref());
            frame.boot_jobs = names.named;
            frame.odd_boot_jobs = names.odd;
            frame.edges_open |= !names.certain;
        }
        self.tell_all(found);
        if word == "auto_sequence" && args.is_some_and(|args| !args.is_empty()) {
            let span = call.args.first().map_or(call.name_span, |arg| arg.span);
            self.tell(sequence::too_many("auto_sequence", span, 0));
        }
    }
}

/// `10**30`
fn is_beyond_eight_bytes(value: &Expr) -> bool {
    let Kind::Call(power) = &value.kind else { return false };
    match (power.name.as_str(), power.receiver.as_ref().map(|base| &base.kind), power.args.as_slice()) {
        ("**", Some(Kind::Int(base)), [Expr { kind: Kind::Int(exponent), .. }]) => {
            u32::try_from(*exponent).is_ok_and(|exponent| base.checked_pow(exponent).is_none())
        }
        _ => false,
    }
}
