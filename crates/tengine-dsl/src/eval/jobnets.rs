//! `jobnet`, `hadoop_job_run` and `finally`: the words that have a block of words.

use super::arguments::{Arguments, kept, successors};
use super::{Evaluator, Inside};
use crate::frame::Frame;
use crate::limits;
use crate::model::JobnetKind;
use crate::parse::Finding;
use crate::rules::{Code, sequence};
use crate::source::Span;
use crate::syntax::{BlockArg, Call};
use crate::value::{Scope, Value};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub(super) fn jobnet(&mut self, kind: JobnetKind, call: &'a Call, span: Span, scope: &Rc<Scope<'a>>) {
        self.placed_well(call);
        let Some(arguments) = self.arguments(call, scope) else {
            return self.unseen_block(call, scope);
        };
        let (name, name_span) = match kind {
            JobnetKind::Finally => {
                self.too_many(call, &arguments, 0);
                if !arguments.options.is_empty() {
                    let span = call.args.last().map_or(call.name_span, |arg| arg.span);
                    self.tell(sequence::too_many("finally", span, 0));
                }
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
            return self.without_block(call, span);
        };
        let mut frame = frame;
        if self.frames.is_empty() && matches!(call.block, Some(BlockArg::Passed(_))) {
            // Tengine says of a root jobnet where its block stands.
            frame.span = closure.block.span;
        }
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

    pub(super) fn without_block(&mut self, call: &'a Call, span: Span) {
        if matches!(call.block, Some(BlockArg::Passed(_))) {
            return self.unseen_code(span);
        }
        let message = format!("\"{}\" has no block", call.name);
        let root = self.frames.is_empty();
        let code = if root { Code::MissingBlock } else { Code::NoBlock };
        self.tell(Finding::new(code, call.name_span, message).with_help("a block stands between do and end"));
        self.open_here();
    }

    pub(super) fn frame(
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
        let to = successors(call, arguments);
        let first = to.odd.first().map(|odd| odd.span).or_else(|| to.named.first().map(|named| named.span));
        if let Some(first) = first.filter(|_| self.frames.is_empty()) {
            let message = "a root jobnet takes no :to: nothing comes after it";
            self.tell(Finding::new(Code::RootWithTo, first, message));
        }
        frame.to = to.named;
        self.leads_on(to.odd, to.certain);
        frame.inherited_sequence = self.frames.last().is_some_and(|outer| {
            outer.inherited_sequence || outer.sequence_word.is_some_and(|(word, _)| word == "auto_sequence")
        });
        frame
    }

    pub(super) fn unseen_block(&mut self, call: &'a Call, scope: &Rc<Scope<'a>>) {
        if let Some(block) = call.literal_block() {
            // What stands in it belongs to a jobnet of its own.
            let frame = Frame::new(JobnetKind::Jobnet, None, call.name_span);
            self.frames.push(frame);
            self.havoc_run(block, scope);
            self.frames.pop();
        }
        if let Some(BlockArg::Passed(passed)) = &call.block {
            let value = self.eval(passed, scope).value;
            self.escape(value);
        }
        self.unseen_code(call.name_span);
    }
}
