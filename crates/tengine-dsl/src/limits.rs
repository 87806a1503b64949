//! How much input the check accepts. Beyond a cap it says so instead of trying.

/// Largest Ruby file, in bytes.
pub const FILE_BYTES: usize = 256 * 1024;
/// Most Ruby files in one load path.
pub const FILES: usize = 20_000;
/// Most bytes of Ruby in one load path.
pub const TREE_BYTES: usize = 64 * 1024 * 1024;
/// Deepest nesting of expressions that is followed.
pub const DEPTH: u32 = 400;
/// Most syntax errors told of one file: what follows the first few is rarely worth reading.
pub const SYNTAX_ERRORS: usize = 100;
/// Longest part of a source line that is shown, in characters.
pub const EXCERPT: usize = 240;
/// Longest name, in characters, for which one that is close to it is looked for.
pub const ADVISED: usize = 100;
/// Most missing names, of one jobnet or of all expansions, for which one that is close is looked for.
pub const ADVICES: usize = 20;
/// Most steps that are followed in one load path.
pub const STEPS: u64 = 1_200_000;
/// Steps that a load path gets whatever its size; each byte of it adds one.
pub const FIRST_STEPS: u64 = 200_000;
/// Deepest nesting of calls and expressions that is followed.
pub const CALLS: u32 = 600;
/// Longest text that is kept, in bytes.
pub const TEXT: usize = 64 * 1024;
/// Longest list that is kept, and longest loop that is followed.
pub const ELEMENTS: usize = 10_000;
/// Most jobs, jobnets and expansions that are kept.
pub const VERTICES: usize = 200_000;
/// Stack of the threads that read and follow files, in bytes.
pub const STACK: usize = 96 * 1024 * 1024;
