//! A handler's block takes more than the event.

use super::{Rule, Verdict};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "handler-parameters",
    verdict: Verdict::Refuses,
    title: "A handler's block takes more than the event.",
    why: "It takes the event, or nothing.",
    wrong: "driver :closing do
  on :closed do |event, time|
  end
end",
    right: "driver :closing do
  on :closed do |event|
  end
end",
};
