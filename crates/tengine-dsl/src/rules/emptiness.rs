//! Files and trees that define nothing.

use crate::model::Definition;
use crate::parse::{Finding, ParsedFile};
use crate::rules::Code;
use crate::source::Span;
use crate::syntax::{Expr, Kind};
use crate::world::World;

/// Files with nothing in them that could matter, and a load path that defines nothing at all.
pub fn check(files: &[ParsedFile], definition: &Definition, world: &World<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let Some(body) = &file.body else { continue };
        if is_idle(body) {
            let span = Span { file: crate::source::offset(index), start: 0, end: 0 };
            findings.push(Finding::new(Code::EmptyFile, span, "this file defines nothing"));
        }
    }
    let nothing = definition.jobnets.is_empty() && definition.drivers.is_empty();
    if nothing && !definition.open && !world.opaque && findings.is_empty() && !files.is_empty() {
        let message = "nothing in this load path defines a jobnet or a driver";
        findings.push(Finding::new(Code::EmptyDefinition, Span::default(), message));
    }
    findings
}

/// Whether running this can have no effect on anything.
fn is_idle(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Nil | Kind::Bool(_) | Kind::Int(_) | Kind::Str(_) | Kind::Sym(_) | Kind::Local(_) => true,
        Kind::Sequence(parts) => parts.iter().all(is_idle),
        Kind::Call(call) => call.name == "require" && call.receiver.is_none(),
        _ => false,
    }
}
