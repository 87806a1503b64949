//! Reads Tengine definitions written in Ruby. Pure: no I/O, no clock, no state.
//!
//! The door is [`check()`]: the files of one load path in, everything there is to say about them out.
//!
//! Guarantees: the same files give the same answer, in whatever order they come; hostile input gives a finding,
//! never a hang, and (with the depth limit the parser is built with) never an abort. Not guaranteed: that a clean
//! definition loads. What depends on a value that is only known by running the file is never judged; the summary
//! counts such places, and the core has the last word.
//!
//! In reading order: [`source`] and `decode` (text), `parse` and `lower` (to a tree of our own, `syntax`), `world`
//! (what the files define together), `eval` (follows what is certain), [`model`] (what that makes), `rules`
//! (what is wrong with it), [`catalogue`] (how each rule is explained), [`diff`], [`graph`], [`report`].

// Not for tests, where a panic is how a claim fails.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Arms that say the same of different things are kept apart, and short loops over options read best as for_each.
#![allow(clippy::match_same_arms, clippy::needless_for_each)]

pub mod catalogue;
mod check;
mod decode;
mod diagnostic;
pub mod diff;
mod eval;
mod frame;
pub mod graph;
mod graph_walk;
pub mod limits;
mod lower;
pub mod model;
mod objects;
mod parse;
pub mod print;
mod reads;
pub mod report;
mod requires;
mod rules;
pub mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod value;
mod vocabulary;
mod world;

pub use check::{Checked, check};
pub use diagnostic::{Diagnostic, Severity, Summary};
pub use source::{CheckOptions, Extent, Position, RubyVersion, SourceFile, Span};
