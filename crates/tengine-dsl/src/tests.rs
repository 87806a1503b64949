//! What Ruby itself says of the lists of what it has: none of them may lack anything, or correct Ruby would be refused.

use crate::rules::{undefined_constant, unknown_method};
use crate::source::Span;
use crate::value::{Shared, Value};
use crate::vocabulary::{EVERYWHERE, IN_CLASS, LIBRARIES};
use std::path::Path;
use std::process::Command;

/// Libraries that change how Ruby itself works when they are loaded, and what is not Ruby's own.
const NOT_ASKED: &[&str] = &["rubygems", "bundler", "tengine"];

/// Rows of WHERE and NAME; `None` where there is no Ruby.
fn asked(libraries: &[&str]) -> Option<Vec<(String, String)>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asked.rb");
    let output = Command::new("ruby").arg("-W0").arg(script).args(libraries).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| line.split_once(' ').map(|(place, name)| (place.to_owned(), name.to_owned()));
    Some(text.lines().filter_map(row).collect())
}

/// Whether the check takes `name` for something that is not there.
fn is_missed(place: &str, name: &str) -> bool {
    let lacks = |value: Value<'_>| unknown_method::check(&value, name, Span::default()).is_some();
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.ends_with('=');
    match place {
        "nil" => lacks(Value::Nil),
        "number" => lacks(Value::Int(1)),
        "text" => lacks(Value::str("a")),
        "symbol" => lacks(Value::sym("a")),
        "list" => lacks(Value::array(Vec::new())),
        "hash" => lacks(Value::Hash(Shared::new(Vec::new()))),
        "object" => word && !EVERYWHERE.contains(&name),
        "class" => word && !EVERYWHERE.contains(&name) && !IN_CLASS.contains(&name),
        "constant" => !undefined_constant::is_known(name),
        _ => word && name.starts_with(|c: char| c.is_ascii_lowercase()) && !unknown_method::is_anywhere(name),
    }
}

#[test]
fn the_check_knows_all_that_ruby_has() {
    let libraries: Vec<&str> =
        LIBRARIES.iter().copied().filter(|name| !NOT_ASKED.iter().any(|not| name.starts_with(not))).collect();
    for libraries in [Vec::new(), libraries] {
        let Some(rows) = asked(&libraries) else {
            eprintln!("not asked: there is no ruby here");
            return;
        };
        assert!(rows.len() > 1000, "Ruby has more than {}", rows.len());
        let missed: Vec<_> = rows.iter().filter(|(place, name)| is_missed(place, name)).collect();
        assert!(missed.is_empty(), "{} are missed: {missed:?}", missed.len());
    }
}
