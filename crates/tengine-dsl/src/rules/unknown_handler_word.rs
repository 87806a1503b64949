//! A name in a handler's body is nothing that could be called there.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-handler-word",
    verdict: Verdict::Loads,
    title: "A name in a handler's body is nothing that could be called there.",
    why: "A handler's words are event, session, fire, submit and what Ruby has everywhere. The definition loads, and the handler fails each time it runs. Silent where anything of the load path defines such a method or could, and in blocks that may run on another object.",
    wrong: "driver :closing do
  on :closed do
    fir :booked
  end
end",
    right: "driver :closing do
  on :closed do
    fire :booked
  end
end",
};
