//! A word is used where self is not the top level.

use super::{Code, Rule, Verdict};
use crate::parse::Finding;
use crate::syntax::Call;

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "word-in-object",
    verdict: Verdict::Refuses,
    title: "A word is used where self is not the top level.",
    why: "The words are methods of the top-level object alone. In the body or the methods of a class or module, in a block of `instance_eval` of something else, they are NoMethodErrors.",
    wrong: r#"require 'tengine_job'

class Nightly
  jobnet("nightly") do
    job("load", "$HOME/load.sh")
  end
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  job("load", "$HOME/load.sh")
end"#,
};

/// The finding at `call`, made where self is `what`.
pub fn finding(call: &Call, what: &str) -> Finding {
    let message = format!("\"{}\" in {what}: the words belong to the top level alone", call.name);
    Finding::new(Code::WordInObject, call.name_span, message)
}
