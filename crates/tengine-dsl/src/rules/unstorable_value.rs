//! An option has a value that the database cannot hold.

use super::{Code, Rule, Verdict};
use crate::parse::Finding;
use crate::value::{Placed, Value};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unstorable-value",
    verdict: Verdict::Refuses,
    title: "An option has a value that the database cannot hold.",
    why: "Options are stored as BSON: texts, numbers of 8 bytes, symbols, lists, hashes, times. A block, a Set, a Struct or any other object is a NoMethodError when the jobnet is saved.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh", :conductor => proc { })
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};

/// What is wrong with the value of an option of `word` that is stored.
pub fn check(word: &str, key: &Placed<'_>, value: &Placed<'_>) -> Option<Finding> {
    let Value::Sym(option) = &key.value else { return None };
    let taken_out = matches!(&**option, "to" | "redirect_to" | "preparation" | "auto_sequence");
    (!taken_out && word != "driver" && word != "hadoop_job" && holds_code(&value.value, 0)).then(|| {
        let message = format!(":{option} holds a block, which the database cannot store");
        Finding::new(Code::UnstorableValue, value.span, message)
    })
}

/// Whether code is among it, some levels deep: a list may hold itself.
fn holds_code(value: &Value<'_>, depth: u32) -> bool {
    const DEEPEST: u32 = 8;
    if depth > DEEPEST {
        return false;
    }
    match value {
        Value::Proc(_) => true,
        Value::Array(list) => list.get().unwrap_or_default().iter().any(|item| holds_code(&item.value, depth + 1)),
        Value::Hash(pairs) => pairs.get().unwrap_or_default().iter().any(|(_, value)| holds_code(&value.value, depth + 1)),
        _ => false,
    }
}
