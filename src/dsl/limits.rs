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
