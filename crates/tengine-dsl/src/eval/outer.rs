//! Variables that begin with a sign: `$name`, `@name`, `@@name`.

use super::{Evaluator, Inside};
use crate::parse::{Finding, ParsedFile};
use crate::rules::Code;
use crate::source::Span;
use crate::syntax::{Call, Expr};
use crate::value::{Scope, Value};
use std::rc::Rc;

/// What Ruby and its libraries set themselves, as far as it is spelled in small letters.
const SET: &[&str] =
    &["$stdin", "$stdout", "$stderr", "$deferr", "$defout", "$kcode", "$debug", "$verbose", "$testing"];

impl<'a> Evaluator<'a> {
    /// `nil`, if nothing that was loaded can have assigned it.
    pub(super) fn global(&self, name: &str) -> Value<'a> {
        let small = name.trim_start_matches('$').starts_with(|c: char| c.is_ascii_lowercase());
        let seen = small && !self.world.partial && !self.world.opaque && !self.world.wild && !self.order_open;
        let theirs = SET.contains(&name) || name.starts_with("$daemons");
        let set = |(at, file): (usize, &ParsedFile)| {
            self.begun.get(at).copied().unwrap_or(true) && may_assign(file.text.as_str(), name)
        };
        if !seen || theirs || self.files.iter().enumerate().any(set) { Value::Unknown } else { Value::Nil }
    }

    /// `@name = value`, `$name = value`: what it holds is out of sight from here on.
    pub(super) fn assign_outer(&mut self, name: &str, value: &'a Expr, span: Span, scope: &Rc<Scope<'a>>) -> Value<'a> {
        let value = self.eval(value, scope).value;
        let main = self.inside == Inside::Top && self.object_body.is_none();
        let sure = !value.is_unknown() && value.truth() == Some(true);
        if name == "@config" {
            self.config_taken = Some(span).filter(|_| main && sure);
        }
        if main && name.starts_with("@@") {
            let message = format!("{name} at the top level: Ruby 3 refuses a class variable where there is no class");
            self.tell(Finding::new(Code::OlderSyntax, span, message).with_help("use a constant"));
        }
        self.escape(value);
        Value::Unknown
    }

    /// Tengine keeps its configuration in a variable of the object that definitions are loaded into.
    pub(super) fn judge_config(&mut self, call: &Call) {
        let root = self.frames.is_empty() && matches!(call.name.as_str(), "jobnet" | "driver");
        if let Some(span) = self.config_taken.filter(|_| root) {
            let message = "@config at the top level is where Tengine keeps its own configuration";
            self.tell(Finding::new(Code::OwnVariable, span, message).with_help("use a constant, or another name"));
        }
    }
}

/// Whether the text may assign the variable: more is taken for an assignment than is one.
fn may_assign(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let after = text.get(at + name.len()..).unwrap_or_default();
        if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        let before = text.get(..at).and_then(|before| before.lines().next_back()).unwrap_or_default();
        let after = after.trim_start();
        let sign = after.find('=').is_some_and(|to| {
            after.get(..to).is_some_and(|op| op.chars().all(|c| "|&+-*/%<>^) \t".contains(c)))
                && !["==", "=~", "=>"].iter().any(|other| after.get(to..).unwrap_or_default().starts_with(other))
        });
        let word = ["alias", "rescue", "for ", "=>"].iter().any(|word| before.contains(word));
        sign || word || after.starts_with(',') || after.starts_with("in ")
    })
}
