//! What runs in the worker process: libgit2, the check, the packing and the push of what was verified.

mod by_name;
mod classify;
mod commit;
mod compare;
mod facts;
mod fetch;
mod host;
mod known_hosts;
mod links;
mod pack;
mod pass_on;
mod push;
mod resolve;
mod transport;
mod tree;

use super::wire::{Answer, Question};

/// Does the one thing that this process was started for.
pub(crate) fn answer(question: Question) -> Answer {
    match question {
        Question::Resolve { remote, references } => Answer::Resolved(resolve::resolve(&remote, &references)),
        Question::Pack { remote, place, by_name, check, limits } => {
            Answer::Packed(pack::pack(&remote, (&place, by_name), check, &limits))
        }
        Question::Compare { remote, new, old, limits } => {
            Answer::Compared(compare::compare(&remote, &new, &old, &limits))
        }
        Question::PassOn { remote, order, limits } => Answer::PassedOn(pass_on::pass_on(&remote, &order, &limits)),
    }
}
