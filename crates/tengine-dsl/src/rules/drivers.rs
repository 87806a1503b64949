//! Event drivers.

use crate::parse::{Finding, ParsedFile};
use crate::rules::Code;
use crate::source::Span;

/// A name that makes no class: Tengine turns `close_of_day` into the class `CloseOfDay`.
pub fn name(name: &str, span: Span) -> Option<Finding> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let blank = name.is_empty();
    if TAKEN.contains(&class_of(name).as_str()) {
        let message =
            format!("a driver is made into a class, and \"{name}\" would take the place of {}", class_of(name));
        return Some(Finding::new(Code::DriverClassTaken, span, message).with_help("call the driver something else"));
    }
    (blank || !(name.contains('/') || (starts_well && plain))).then(|| {
        let message = format!("a driver is made into a class, and \"{name}\" cannot be the name of one");
        Finding::new(Code::DriverName, span, message).with_help("use letters, digits and _, starting with a letter")
    })
}

/// Classes and modules that Tengine goes on using once it has taken them away.
const TAKEN: &[&str] = &["Object", "Hash", "File", "Process", "Encoding", "Tengine", "Mongoid"];

/// `close_of_day` as `CloseOfDay`.
fn class_of(name: &str) -> String {
    name.split('_')
        .map(|part| part.get(..1).unwrap_or_default().to_uppercase() + part.get(1..).unwrap_or_default())
        .collect()
}

/// Whether two driver names mean the same class.
pub fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    a == b || (plain(a) == plain(b) && !a.contains('_') && !b.contains('_'))
}

/// Two drivers of one name.
pub fn duplicate(files: &[ParsedFile], name: &str, first: Span, second: Span) -> Finding {
    let place = files.get(first.file as usize).map(|file| (file.path.as_str(), file.text.position(first.start).line));
    let (path, line) = place.unwrap_or_default();
    let message =
        format!("there is a driver \"{name}\" already, at {path}:{line}: the handlers of this one are not registered");
    Finding::new(Code::DuplicateDriver, second, message)
}
