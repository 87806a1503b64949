//! Constants that are not there, or not yet.

use super::{Evaluator, Inside};
use crate::parse::{Finding, ParsedFile};
use crate::rules::Code;
use crate::rules::undefined_constant;
use crate::source::Span;

impl<'a> Evaluator<'a> {
    /// A constant that is not defined, or not yet.
    pub(super) fn judge_constant(&mut self, path: &'a str, span: Span) {
        let first = path.split("::").next().unwrap_or(path);
        let told = self.told.contains(&(span, Code::UndefinedConstant));
        let wide = self.world.constants_opaque || self.world.partial;
        if told || wide || self.constants_met.contains(first) && !self.is_nested(path, span) {
            return;
        }
        if self.is_nested(path, span) {
            let message = format!("{path} is a constant of a module: the top level does not see it");
            return self.tell(Finding::new(Code::UndefinedConstant, span, message));
        }
        match self.world.constants.get(first) {
            None if self.inside != Inside::Module
                && !self.world.constants.keys().any(|known| known.ends_with(first)) =>
            {
                match undefined_constant::check(self.files, first, span) {
                    Some(found) => self.tell(found),
                    None => drop(self.constants_met.insert(first)),
                }
            }
            Some(1) if !self.order_open && self.inside != Inside::Module => {
                let message = format!(
                    "{first} is not defined yet: its definition comes later in the order in which files are loaded"
                );
                self.tell(
                    Finding::new(Code::UndefinedConstant, span, message)
                        .with_help("files are loaded sorted by name; require_relative brings one forward"),
                );
            }
            _ => {}
        }
    }

    /// A constant of modules alone, asked for outside of every module.
    pub(super) fn is_nested(&self, path: &str, span: Span) -> bool {
        let inside = |body: &Span| body.file == span.file && body.start <= span.start && span.end <= body.end;
        let by_file = |file: &ParsedFile| {
            let base = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rb").replace('_', "");
            base.eq_ignore_ascii_case(&path.replace('_', ""))
        };
        self.world.nested_constants.contains(path)
            && !undefined_constant::is_known(path)
            && self.inside == Inside::Top
            && !self.world.bodies.iter().any(inside)
            && !self.files.iter().any(by_file)
    }
}
