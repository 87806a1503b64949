//! Options a word does not take.

use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;
use crate::value::{Placed, Value};
use crate::vocabulary::closest;

const COMMON: &[&str] = &[
    "to",
    "redirect_to",
    "server_name",
    "credential_name",
    "killing_signals",
    "killing_signal_interval",
    "caption",
    "description",
];

/// The options of a word besides the common ones; `None` if Tengine drops what it does not know.
fn own_options(word: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match word {
        "jobnet" | "hadoop_job_run" => (COMMON, &["auto_sequence"]),
        "job" => (COMMON, &["preparation"]),
        "expansion" => (&[], &["to", "redirect_to"]),
        "driver" => (&[], &["enabled_on_activation"]),
        _ => return None,
    })
}

/// Names that earlier versions read, and what 1.2.2 reads.
const OLDER: &[(&str, &str)] = &[
    ("instance_name", "server_name"),
    ("vm_instance_name", "server_name"),
    ("user_group_credential_name", "credential_name"),
];

/// Fields of Tengine's own records, which its constructors take although no manual names them.
const FIELDS: &[&str] = &["script", "jobnet_type_key", "jobnet_type_cd", "name"];

/// What is wrong with one option of `word`.
pub fn check(word: &str, name: Option<&str>, key: &Placed<'_>, value: &Placed<'_>) -> Option<Finding> {
    let (common, own) = own_options(word)?;
    let on = name.map(|name| format!(" (on \"{name}\")")).unwrap_or_default();
    let allowed = || common.iter().chain(own).copied();
    match &key.value {
        Value::Sym(option) if allowed().any(|known| known == &**option) => wrong_value(option, value),
        Value::Sym(option) => Some(unknown(word, &on, option, key.span, &allowed().collect::<Vec<_>>())),
        Value::Str(option) => {
            let option = option.get()?;
            let message = format!("{word} does not read the option \"{option}\"{on}: options are symbols");
            Some(Finding::new(Code::UnknownOption, key.span, message).with_help(format!("write :{option}")))
        }
        _ => None,
    }
}

fn unknown(word: &str, on: &str, option: &str, span: Span, allowed: &[&str]) -> Finding {
    if FIELDS.contains(&option) {
        let message = format!("{word} sets Tengine's own field :{option}{on}, which its arguments set");
        return Finding::new(Code::UnknownOption, span, message);
    }
    let effect = if word == "driver" { "it has no effect" } else { "it is stored and never read" };
    let finding =
        Finding::new(Code::UnknownOption, span, format!("{word} does not read the option :{option}{on}: {effect}"));
    if let Some((_, newer)) = OLDER.iter().find(|(older, _)| *older == option) {
        return finding.with_help(format!("Tengine 1.2.2 reads :{newer}"));
    }
    match closest(option, allowed.iter().copied()) {
        Some(known) => finding.with_help(format!("did you mean :{known}?")),
        None => finding.with_help(format!("{word} reads {}", listed(allowed))),
    }
}

fn listed(allowed: &[&str]) -> String {
    let all: Vec<String> =
        allowed.iter().filter(|name| **name != "redirect_to").map(|name| format!(":{name}")).collect();
    all.join(", ")
}

fn wrong_value(option: &str, value: &Placed<'_>) -> Option<Finding> {
    let (expected, fits) = match option {
        "killing_signal_interval" => {
            ("a number of seconds", !matches!(value.value, Value::Array(_) | Value::Bool(true) | Value::Hash(_)))
        }
        _ => return None,
    };
    (!fits).then(|| Finding::new(Code::WrongOptionValue, value.span, format!(":{option} takes {expected}")))
}
