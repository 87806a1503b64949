//! What the arguments of a word say.

use crate::model::{Named, Options};
use crate::source::Span;
use crate::syntax::Call;
use crate::value::{Placed, Value};

/// The arguments of a word, as far as they are certain.
pub(super) struct Arguments<'a> {
    /// Those without a name.
    pub(super) positional: Vec<Placed<'a>>,
    /// Those with one.
    pub(super) options: Vec<(Placed<'a>, Placed<'a>)>,
    /// Whether the options may hold more than is seen.
    pub(super) open: bool,
}

/// What `:to` names, and whether that is all of it.
pub(super) fn successors(call: &Call, arguments: &Arguments<'_>) -> (Vec<Named>, bool) {
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

pub(super) fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// The names a `:to` or `boot_jobs` value holds, and whether these are all.
pub(super) fn names_of(value: &Placed<'_>, within: Option<Span>) -> (Vec<Named>, bool) {
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
pub(super) fn kept(options: &[(Placed<'_>, Placed<'_>)]) -> Options {
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
pub(super) fn printed(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Nil => "nil".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Str(text) => crate::print::quoted(&text.get()?),
        Value::Sym(name) => format!(":{name}"),
        Value::Array(list) => {
            let parts: Option<Vec<String>> = list.get()?.iter().map(|item| printed(&item.value)).collect();
            format!("[{}]", parts?.join(", "))
        }
        Value::Hash(_) | Value::Range(..) | Value::Proc(_) | Value::Filter(_) | Value::Unknown => return None,
    })
}
