//! The words of jobnets.

use super::frame::Frame;
use super::{Evaluator, Inside};
use crate::dsl::limits;
use crate::dsl::model::{Expansion, Job, JobKind, Jobnet, JobnetKind, Named, Options, Vertex};
use crate::dsl::parse::Finding;
use crate::dsl::rules::{names, options, place, production, sequence};
use crate::dsl::source::Span;
use crate::dsl::syntax::{BlockArg, Call, Kind};
use crate::dsl::value::{Placed, Scope, Value};
use std::rc::Rc;

/// The arguments of a word, as far as they are certain.
struct Arguments<'a> {
    positional: Vec<Placed<'a>>,
    options: Vec<(Placed<'a>, Placed<'a>)>,
    /// Whether the options may hold more than is seen.
    open: bool,
}

impl<'a> Evaluator<'a> {
    /// A word of `tengine_job` or `tengine_core` at the top level or in a jobnet.
    pub(super) fn word(&mut self, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        match call.name.as_str() {
            "jobnet" => self.jobnet(JobnetKind::Jobnet, call, span, scope),
            "hadoop_job_run" => self.jobnet(JobnetKind::HadoopJobRun, call, span, scope),
            "finally" => self.jobnet(JobnetKind::Finally, call, span, scope),
            "job" | "ssh_job" => self.job(JobKind::Job, call, span, scope),
            "ruby_job" => self.job(JobKind::RubyJob, call, span, scope),
            "hadoop_job" => self.job(JobKind::HadoopJob, call, span, scope),
            "expansion" => self.expansion(call, span, scope),
            "auto_sequence" | "boot_jobs" => self.sequence_word(call, scope),
            "driver" => self.driver(call, span, scope),
            _ => call.args.iter().for_each(|arg| drop(self.eval(arg, scope))),
        }
        Placed::unknown(span)
    }

    /// Says so if this word may not stand here; returns whether it can be taken into the model all the same.
    fn placed_well(&mut self, call: &Call) -> bool {
        let found = place::check(&call.name, call.name_span, self.frames.last().map(|frame| frame.kind));
        let well = found.is_none();
        self.tell_all(found);
        self.needs_jobs(call);
        well
    }

    /// Without `require 'tengine_job'` anywhere there are no such words.
    fn needs_jobs(&mut self, call: &Call) {
        if !self.world.requires_jobs && !self.world.opaque && self.frames.is_empty() {
            let message = format!("\"{}\" needs require 'tengine_job', which no file of this load path has", call.name);
            let finding = Finding::error("missing-require", call.name_span, message);
            self.tell(finding.with_help("add require 'tengine_job' at the top of this file"));
        }
    }

    fn arguments(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) -> Option<Arguments<'a>> {
        let known = self.elements(&call.args, scope).filter(|_| !call.forwards);
        let Some(mut positional) = known else {
            self.not_seen(call.name_span);
            return None;
        };
        let mut arguments = Arguments { positional: Vec::new(), options: Vec::new(), open: false };
        match positional.last().map(|last| last.value.clone()) {
            Some(Value::Hash(pairs)) => {
                positional.pop();
                let literal = call.args.last().is_some_and(|arg| matches!(arg.kind, Kind::Hash(_)));
                match pairs.get() {
                    Some(pairs) => arguments.options = pairs,
                    None => arguments.open = true,
                }
                // Tengine takes words out of the very hash it is given: a shared one may have lost some.
                arguments.open |= !literal;
            }
            Some(Value::Unknown) if positional.len() > 1 => arguments.open = true,
            _ => {}
        }
        arguments.positional = positional;
        Some(arguments)
    }

    /// The name, which is the first argument; `None` if there is none at all.
    fn named(&mut self, call: &Call, arguments: &Arguments<'a>) -> Option<(Option<String>, Span)> {
        let Some(first) = arguments.positional.first() else {
            if !arguments.open {
                let message = format!("\"{}\" needs a name", call.name);
                self.tell(Finding::error("wrong-arguments", call.name_span, message));
            }
            return None;
        };
        let span = call.args.first().map_or(first.span, |arg| arg.span);
        let name = match &first.value {
            Value::Int(number) => Some(number.to_string()),
            Value::Nil => Some(String::new()),
            value => value.name(),
        };
        if name.as_deref() == Some("") {
            self.tell(Finding::error("blank-name", span, format!("the name of a {} is empty", call.name)));
        }
        Some((name, span))
    }

    fn too_many(&mut self, call: &Call, arguments: &Arguments<'a>, most: usize) {
        if let Some(extra) = arguments.positional.get(most) {
            let span = call.args.get(most).map_or(extra.span, |arg| arg.span);
            self.tell(sequence::too_many(&call.name, span, most));
        }
    }

    fn jobnet(&mut self, kind: JobnetKind, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let Some(arguments) = self.arguments(call, scope) else {
            return self.unseen_block(call, scope);
        };
        let (name, name_span) = match kind {
            JobnetKind::Finally => {
                self.too_many(call, &arguments, 0);
                (Some("finally".to_owned()), call.name_span)
            }
            JobnetKind::Jobnet | JobnetKind::HadoopJobRun => match self.named(call, &arguments) {
                Some(named) => named,
                None => return self.unseen_block(call, scope),
            },
        };
        if kind == JobnetKind::Finally {
            self.finally_met(call.name_span);
        } else if !self.frames.is_empty() {
            self.child_met(call, name_span);
        }
        let frame = self.frame(kind, call, &arguments, name, name_span);
        let Some(Value::Proc(closure)) = self.block_value(call, scope) else {
            return self.without_block(kind, call, span);
        };
        if self.depth >= limits::CALLS {
            return self.unseen_block(call, scope);
        }
        let outer = std::mem::replace(&mut self.inside, Inside::Top);
        self.frames.push(frame);
        self.run(&closure, Vec::new(), span);
        let frame = self.frames.pop();
        self.inside = outer;
        if let Some(frame) = frame {
            self.close(frame);
        }
    }

    fn without_block(&mut self, kind: JobnetKind, call: &'a Call, span: Span) {
        if matches!(call.block, Some(BlockArg::Passed(_))) {
            return self.not_seen(span);
        }
        let message = format!("\"{}\" has no block", call.name);
        let root = kind == JobnetKind::Jobnet && self.frames.is_empty();
        let finding = if root { Finding::error } else { Finding::warning };
        self.tell(finding("missing-block", call.name_span, message).with_help("a block stands between do and end"));
        self.open_here();
    }

    fn frame(
        &mut self,
        kind: JobnetKind,
        call: &'a Call,
        arguments: &Arguments<'a>,
        name: Option<String>,
        span: Span,
    ) -> Frame {
        let mut frame = Frame::new(kind, name, span);
        self.judge_options(call, arguments, frame.name.as_deref());
        frame.options = kept(&arguments.options);
        let rest = arguments.positional.get(1..).unwrap_or_default();
        match (kind, rest) {
            (JobnetKind::HadoopJobRun, [script]) => frame.script = script.value.name(),
            (JobnetKind::HadoopJobRun, [description, script, ..]) => {
                frame.description = description.value.name();
                frame.script = script.value.name();
            }
            (_, [description, ..]) => frame.description = description.value.name(),
            (_, []) => {}
        }
        let (to, certain) = successors(call, arguments);
        if let Some(first) = to.first().filter(|_| self.frames.is_empty()) {
            let message = "a root jobnet takes no :to: nothing comes after it".to_owned();
            self.tell(Finding::error("root-with-to", first.span, message));
        }
        frame.to = to;
        if let (false, Some(outer)) = (certain, self.frames.last_mut()) {
            outer.edges_open = true;
        }
        frame.inherited_sequence = self.frames.last().is_some_and(|outer| {
            outer.inherited_sequence || outer.sequence_word.is_some_and(|(word, _)| word == "auto_sequence")
        });
        frame
    }

    fn judge_options(&mut self, call: &Call, arguments: &Arguments<'a>, name: Option<&str>) {
        for (key, value) in &arguments.options {
            self.tell_all(options::check(&call.name, name, key, value));
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
                self.tell(Finding::warning("missing-block", call.name_span, message));
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
        let (to, certain) = successors(call, &arguments);
        let job = Job {
            kind,
            name: name.clone().unwrap_or_default(),
            description: description.and_then(|value| value.value.name()),
            script: script.and_then(|value| value.value.name()),
            options: kept(&arguments.options),
            to,
            span: name_span,
        };
        self.attach(name.map(|_| Vertex::Job(job)), certain && well);
    }

    fn expansion(&mut self, call: &'a Call, _span: Span, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let Some(arguments) = self.arguments(call, scope) else { return };
        let Some((name, span)) = self.named(call, &arguments) else { return self.open_here() };
        self.judge_options(call, &arguments, name.as_deref());
        self.too_many(call, &arguments, 1);
        self.child_met(call, span);
        let (to, certain) = successors(call, &arguments);
        let vertex = name.map(|name| Vertex::Expansion(Expansion { name, to, span }));
        self.attach(vertex, certain);
    }

    fn sequence_word(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let word = if call.name == "boot_jobs" { "boot_jobs" } else { "auto_sequence" };
        let args = self.elements(&call.args, scope).filter(|_| !call.forwards);
        let Some(frame) = self.frames.last_mut() else { return };
        let found = sequence::word(word, call.name_span, frame);
        frame.sequence_word.get_or_insert((word, call.name_span));
        if word == "boot_jobs" {
            let mut certain = args.is_some();
            let mut names = Vec::new();
            for (arg, source) in args.iter().flatten().zip(call.args.iter().map(Some).chain(std::iter::repeat(None))) {
                let (more, all) = names_of(arg, source.map(|source| source.span));
                names.extend(more);
                certain &= all;
            }
            frame.boot_jobs = names;
            frame.edges_open |= !certain;
        }
        self.tell_all(found);
        if word == "auto_sequence" && !call.args.is_empty() {
            let span = call.args.first().map_or(call.name_span, |arg| arg.span);
            self.tell(sequence::too_many("auto_sequence", span, 0));
        }
    }

    /// A child was met, certain or not: remembered for the rules about order.
    fn child_met(&mut self, call: &Call, span: Span) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.met += 1;
        let after = frame.finally_at.filter(|_| !frame.open);
        if after.is_some() {
            let message = format!("this {} comes after finally, which should be last in its jobnet", call.name);
            self.tell(Finding::warning("finally-not-last", span, message));
        }
    }

    fn finally_met(&mut self, span: Span) {
        let Some(frame) = self.frames.last_mut() else { return };
        let second = frame.finally_at.replace(span).is_some();
        if second {
            self.tell(Finding::error("duplicate-finally", span, "a jobnet has one finally, and this is the second"));
        }
    }

    fn attach(&mut self, vertex: Option<Vertex>, certain: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.edges_open |= !certain;
        let full = frame.children.len() >= limits::ELEMENTS * 2;
        if let Some(vertex) = vertex.filter(|_| !full) {
            let found = names::new_child(&frame.children, &vertex);
            if found.is_none() {
                frame.children.push(vertex);
            }
            self.tell_all(found);
        } else {
            frame.open = true;
            self.opaque.insert(frame.span);
        }
    }

    /// A jobnet's block has ended.
    fn close(&mut self, frame: Frame) {
        let kind = frame.kind;
        self.tell_all(sequence::whole(&frame));
        let at = frame.span;
        let (open, edges_open) = (frame.open, frame.edges_open);
        let jobnet = frame.finish();
        if let Some(jobnet) = &jobnet {
            self.tell_all(names::whole(jobnet, open, edges_open));
        }
        match (self.frames.last_mut(), kind, jobnet) {
            (Some(outer), JobnetKind::Finally, Some(jobnet)) => {
                outer.finally.get_or_insert(jobnet);
            }
            (Some(_), _, jobnet) => self.attach(jobnet.map(Vertex::Jobnet), true),
            (None, JobnetKind::Jobnet, Some(jobnet)) => self.root(jobnet),
            (None, JobnetKind::Jobnet, None) => self.not_seen(at),
            (None, JobnetKind::HadoopJobRun | JobnetKind::Finally, _) => {}
        }
    }

    fn root(&mut self, jobnet: Jobnet) {
        let known = self.roots.get(&jobnet.name).map(|known| (*known, jobnet.span));
        match known {
            None => {
                self.roots.insert(jobnet.name.clone(), jobnet.span);
                self.definition.jobnets.push(jobnet);
            }
            Some((first, second)) => {
                let found = names::duplicate_root(self.files, &jobnet.name, first, second);
                self.tell_all(found);
            }
        }
    }

    fn unseen_block(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) {
        if let Some(block) = call.literal_block() {
            // What stands in it belongs to a jobnet of its own.
            let frame = Frame::new(JobnetKind::Jobnet, None, call.name_span);
            self.frames.push(frame);
            self.havoc_block(&block.body, scope);
            self.frames.pop();
        }
        self.not_seen(call.name_span);
    }
}

/// What `:to` names, and whether that is all of it.
fn successors(call: &Call, arguments: &Arguments<'_>) -> (Vec<Named>, bool) {
    let value = |wanted: &str| {
        arguments.options.iter().find(|(key, _)| matches!(&key.value, Value::Sym(name) if **name == *wanted))
    };
    let within = call.args.last().map(|arg| arg.span);
    match value("to").or_else(|| value("redirect_to")) {
        Some((_, to)) => {
            let (named, certain) = names_of(to, within);
            (named, certain && !arguments.open)
        }
        None => (Vec::new(), !arguments.open),
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// The names a `:to` or `boot_jobs` value holds, and whether these are all.
fn names_of(value: &Placed<'_>, within: Option<Span>) -> (Vec<Named>, bool) {
    let place = |span: Span| match within {
        Some(outer) if !contains(outer, span) => outer,
        _ => span,
    };
    match &value.value {
        Value::Nil | Value::Bool(false) => (Vec::new(), true),
        Value::Array(list) => {
            let Some(list) = list.get() else { return (Vec::new(), false) };
            let mut certain = true;
            let mut names = Vec::new();
            for item in list {
                let (inner, known) = match &item.value {
                    Value::Array(_) => (Vec::new(), false),
                    _ => names_of(&item, within),
                };
                names.extend(inner);
                certain &= known;
            }
            (names, certain)
        }
        other => match other.name() {
            Some(name) => (vec![Named { name, span: place(value.span) }], true),
            None => (Vec::new(), false),
        },
    }
}

/// The options that stay with a vertex, by name, as Ruby prints them.
fn kept(options: &[(Placed<'_>, Placed<'_>)]) -> Options {
    let mut kept = Options::new();
    for (key, value) in options {
        let Value::Sym(name) = &key.value else { continue };
        if matches!(&**name, "to" | "redirect_to" | "preparation" | "conductor" | "conductors") {
            continue;
        }
        let printed = printed(&value.value).unwrap_or_else(|| "?".to_owned());
        let name = if &**name == "server_name" { "instance_name" } else { name };
        kept.insert(name.to_owned(), printed);
    }
    kept
}

/// A value as Ruby's `inspect` prints it.
fn printed(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Nil => "nil".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Str(text) => crate::dsl::print::quoted(&text.get()?),
        Value::Sym(name) => format!(":{name}"),
        Value::Array(list) => {
            let parts: Option<Vec<String>> = list.get()?.iter().map(|item| printed(&item.value)).collect();
            format!("[{}]", parts?.join(", "))
        }
        Value::Hash(_) | Value::Range(..) | Value::Proc(_) | Value::Filter(_) | Value::Unknown => return None,
    })
}
