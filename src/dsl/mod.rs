//! Reads Tengine definitions written in Ruby. Pure: no I/O, no clock, no state.
//!
//! The door is [`check`]: the files of one load path in, everything there is to say about them out.
//!
//! Guarantees: the same files give the same answer, in whatever order they come; hostile input gives a finding,
//! never a hang, and (with the depth limit the parser is built with) never an abort. Not guaranteed: that a clean
//! definition loads. What depends on a value that is only known by running the file is never judged; the summary
//! counts such places, and the core has the last word.

mod check;
mod decode;
mod diagnostic;
pub mod limits;
mod parse;
mod source;

pub use check::{CheckOptions, Checked, check};
pub use diagnostic::{Diagnostic, Severity, Summary};
pub use source::{Position, SourceFile, Span};
