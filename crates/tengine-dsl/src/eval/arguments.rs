//! What the arguments of a word say.

use crate::frame::Odd;
use crate::limits;
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

/// The names in a `:to` or in `boot_jobs`.
pub(super) struct Names {
    /// What is named; a symbol counts as the text that was meant.
    pub(super) named: Vec<Named>,
    /// What is no text, and so names nothing.
    pub(super) odd: Vec<Odd>,
    /// Whether that is all.
    pub(super) certain: bool,
}

/// What `:to` names.
pub(super) fn successors(call: &Call, arguments: &Arguments<'_>) -> Names {
    let value = |wanted: &str| {
        let key = |key: &Placed<'_>| matches!(&key.value, Value::Sym(name) if **name == *wanted);
        arguments.options.iter().find(|(name, _)| key(name)).map(|(_, value)| value)
    };
    let within = call.args.last().map(|arg| arg.span);
    let mut names = Names { named: Vec::new(), odd: Vec::new(), certain: !arguments.open };
    // Tengine takes the other word where the first says nothing, and a single name for a list of one.
    match value("to").filter(|to| to.value.truth() != Some(false)).or_else(|| value("redirect_to")) {
        Some(Placed { value: Value::Array(list), .. }) => match list.get() {
            Some(list) => list.iter().for_each(|item| names.add(item, within)),
            None => names.certain = false,
        },
        Some(Placed { value: Value::Nil, .. }) | None => {}
        Some(to) => names.add(to, within),
    }
    names
}

pub(super) fn contains(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

impl Names {
    /// The names that `boot_jobs` gets.
    pub(super) fn of_boot_jobs(call: &Call, args: Option<&[Placed<'_>]>) -> Self {
        let mut names = Self { named: Vec::new(), odd: Vec::new(), certain: args.is_some() };
        let sources = call.args.iter().map(|arg| Some(arg.span)).chain(std::iter::repeat(None));
        for (arg, within) in args.unwrap_or_default().iter().zip(sources) {
            names.add(arg, within);
        }
        names
    }

    fn add(&mut self, value: &Placed<'_>, within: Option<Span>) {
        let span = within.filter(|outer| !contains(*outer, value.span)).unwrap_or(value.span);
        match (&value.value, value.value.name()) {
            (Value::Str(_), Some(name)) => self.named.push(Named { name, span }),
            (Value::Sym(_), Some(name)) => {
                self.odd.push(Odd {
                    span,
                    printed: printed(&value.value).unwrap_or_default(),
                    meant: Some(name.clone()),
                });
                self.named.push(Named { name, span });
            }
            (Value::Nil | Value::Bool(_) | Value::Int(_), _) => {
                let meant = match &value.value {
                    Value::Int(number) => Some(number.to_string()),
                    _ => None,
                };
                self.odd.push(Odd { span, printed: printed(&value.value).unwrap_or_default(), meant });
            }
            (Value::Array(_), _) => self.odd.push(Odd { span, printed: "a list".to_owned(), meant: None }),
            // An empty hash is an empty list.
            (Value::Hash(pairs), _) if pairs.with(Vec::is_empty) != Some(false) => {
                self.certain &= pairs.with(Vec::is_empty) == Some(true);
            }
            (Value::Hash(_), _) => self.odd.push(Odd { span, printed: "a hash".to_owned(), meant: None }),
            _ => self.certain = false,
        }
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
        kept.insert(name.to_string(), printed);
    }
    kept
}

/// Lists within lists that are printed: one may hold itself.
const PRINTED: u32 = 3;

/// A value as Ruby's `inspect` prints it.
fn printed(value: &Value<'_>) -> Option<String> {
    let mut out = String::new();
    print(value, 0, &mut out)?;
    Some(out)
}

fn print(value: &Value<'_>, depth: u32, out: &mut String) -> Option<()> {
    match value {
        Value::Nil => out.push_str("nil"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Str(text) => out.push_str(&crate::print::quoted(&text.get()?)),
        Value::Sym(name) => {
            out.push(':');
            out.push_str(name);
        }
        Value::Array(list) if depth < PRINTED => {
            out.push('[');
            for (index, item) in list.get()?.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                print(&item.value, depth + 1, out)?;
            }
            out.push(']');
        }
        _ => return None,
    }
    (out.len() <= limits::TEXT).then_some(())
}
