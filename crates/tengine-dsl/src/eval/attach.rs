//! Children come into their jobnet, and jobnets into the definition.

use super::Evaluator;
use crate::frame::Frame;
use crate::limits;
use crate::model::{Jobnet, JobnetKind, Vertex};
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::{names, sequence};
use crate::source::Span;
use crate::syntax::Call;

impl Evaluator<'_> {
    /// A child was met, certain or not: remembered for the rules about order.
    pub(super) fn child_met(&mut self, call: &Call, span: Span) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.met += 1;
        let after = frame.finally_at.filter(|_| !frame.open);
        if after.is_some() {
            let message = format!("this {} comes after finally, which should be last in its jobnet", call.name);
            self.tell(Finding::new(Code::FinallyNotLast, span, message));
        }
    }

    pub(super) fn finally_met(&mut self, span: Span) {
        let Some(frame) = self.frames.last_mut() else { return };
        let second = frame.finally_at.replace(span).is_some();
        if second {
            self.tell(Finding::new(
                Code::DuplicateFinally,
                span,
                "a jobnet has one finally: Tengine runs the first and passes over this one",
            ));
        }
    }

    pub(super) fn attach(&mut self, vertex: Option<Vertex>, certain: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.edges_open |= !certain;
        let full = frame.children.len() >= limits::ELEMENTS * 2;
        if let Some(vertex) = vertex.filter(|_| !full) {
            let found = names::new_child(&frame.children, &vertex);
            if found.is_none() {
                frame.children.push(vertex);
            } else {
                // Where the second of a name leads is not kept.
                frame.edges_open = true;
            }
            self.tell_all(found);
        } else {
            frame.open = true;
            self.opaque.insert(frame.span);
        }
    }

    /// A jobnet's block has ended.
    pub(super) fn close(&mut self, frame: Frame) {
        let kind = frame.kind;
        self.tell_all(sequence::whole(&frame));
        let at = frame.span;
        let (open, edges_open) = (frame.open, frame.edges_open);
        let odd = [frame.odd.as_slice(), frame.odd_boot_jobs.as_slice()].concat();
        let jobnet = frame.finish();
        if let Some(jobnet) = &jobnet {
            self.tell_all(names::whole(jobnet, &odd, open, edges_open));
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

    pub(super) fn root(&mut self, jobnet: Jobnet) {
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
}
