//! Options a word does not take.

use crate::parse::Finding;
use crate::value::{Placed, Value};
use crate::vocabulary::closest;

const COMMON: &[&str] = &[
    "to",
    "redirect_to",
    "instance_name",
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
        "jobnet" | "hadoop_job_run" => (COMMON, &["auto_sequence", "conductors", "job_method"]),
        // `:conductor` is for jobs of a jobnet whose `:job_method` is `:ruby_job`.
        "job" | "ssh_job" => (COMMON, &["preparation", "conductor"]),
        "ruby_job" => (COMMON, &["preparation", "conductor"]),
        "expansion" => (&[], &["to", "redirect_to"]),
        "driver" => (&[], &["enabled_on_activation"]),
        _ => return None,
    })
}

/// Fields of Tengine's own records, which its constructors take although no manual names them.
const FIELDS: &[&str] = &["script", "jobnet_type_key", "jobnet_type_cd", "name", "conductor", "conductors"];

/// What is wrong with one option of `word`.
pub fn check(word: &str, name: Option<&str>, key: &Placed<'_>, value: &Placed<'_>) -> Option<Finding> {
    let (common, own) = own_options(word)?;
    let on = name.map(|name| format!(" (on \"{name}\")")).unwrap_or_default();
    let allowed = || common.iter().chain(own).copied();
    match &key.value {
        Value::Sym(option) if allowed().any(|known| known == &**option) => wrong_value(option, value),
        Value::Sym(option) => {
            let lenient = word == "driver" || FIELDS.contains(&&**option);
            let finding = if lenient { Finding::warning } else { Finding::error };
            let message = format!("{word} takes no option :{option}{on}");
            let finding = finding("unknown-option", key.span, message);
            Some(match closest(option, allowed()) {
                Some(known) => finding.with_help(format!("did you mean :{known}?")),
                None => finding.with_help(format!("{word} takes {}", listed(common, own))),
            })
        }
        Value::Str(option) => {
            let option = option.get()?;
            let message = format!("{word} takes no option \"{option}\"{on}: options are symbols");
            let finding = if word == "driver" { Finding::warning } else { Finding::error };
            Some(finding("unknown-option", key.span, message).with_help(format!("write :{option}")))
        }
        _ => None,
    }
}

fn listed(common: &[&str], own: &[&str]) -> String {
    let all: Vec<String> =
        common.iter().chain(own).filter(|name| **name != "redirect_to").map(|name| format!(":{name}")).collect();
    all.join(", ")
}

fn wrong_value(option: &str, value: &Placed<'_>) -> Option<Finding> {
    let (expected, fits) = match option {
        "killing_signal_interval" => {
            ("a number of seconds", !matches!(value.value, Value::Array(_) | Value::Bool(true) | Value::Hash(_)))
        }
        "conductors" => {
            ("a hash", !matches!(value.value, Value::Array(_) | Value::Str(_) | Value::Int(_) | Value::Bool(true)))
        }
        _ => return None,
    };
    (!fits).then(|| Finding::warning("wrong-option-value", value.span, format!(":{option} takes {expected}")))
}
