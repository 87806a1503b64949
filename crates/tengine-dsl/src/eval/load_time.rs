//! Things that should not happen while a definition is loaded.

use super::Evaluator;
use crate::parse::Finding;
use crate::rules::production;
use crate::source::Span;
use crate::syntax::{Call, Kind};
use crate::value::Placed;

impl<'a> Evaluator<'a> {
    /// Notes a clock, random number, sleep or network call that runs while the file is loaded.
    pub(super) fn observe_load_time(&mut self, call: &Call, span: Span) {
        let path = match call.receiver.as_ref().map(|receiver| &receiver.kind) {
            None => None,
            Some(Kind::Const(path)) => Some(path.as_str()),
            Some(_) => return,
        };
        if self.world.methods.contains(call.name.as_str()) {
            return;
        }
        let url = call.args.first().is_some_and(|arg| matches!(&arg.kind, Kind::Str(text) if text.starts_with("http")));
        if let Some((code, message)) = production::at_load_time(path, &call.name, url) {
            let span = if path.is_some() { span } else { call.name_span };
            let leaving = std::mem::replace(&mut self.leaving, super::Leaving::Staying);
            self.tell(Finding::new(code, span, message));
            self.leaving = leaving;
        }
    }

    /// A constant that is called like a secret and holds a literal.
    pub(super) fn secret_constant(&mut self, name: &str, value: &Placed<'a>) {
        if let Some(finding) = value.value.name().and_then(|text| production::secret_constant(name, &text, value.span))
        {
            self.tell(finding);
        }
    }
}
