//! Source text and positions in it.
//!
//! Guarantees: every position handed out is 1-based, in lines and *characters*, of the file as its author sees it.

use serde::{Deserialize, Serialize};

/// What may be chosen about a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckOptions {
    /// Whether the files given are all there are.
    pub extent: Extent,
    /// The Ruby that will load them, if it is known.
    pub ruby: Option<RubyVersion>,
}

/// A version of Ruby, as far as its grammar depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RubyVersion {
    /// 3 of 3.1.
    pub major: u8,
    /// 1 of 3.1.
    pub minor: u8,
}

impl std::fmt::Display for RubyVersion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for RubyVersion {
    type Err = &'static str;

    /// `3.1`, and what follows it in `3.1.4` or `3.1.4-p223` does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let number = |part: Option<&str>| part.and_then(|part| part.parse().ok());
        match (number(parts.next()), number(parts.next())) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            (_, _) => Err("a version of Ruby is two numbers with a dot between them, like 3.1"),
        }
    }
}

/// Whether the files given are all there are in the load path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// All of them.
    #[default]
    Whole,
    /// There may be others that can be required: nothing is said about files and names that are missing.
    Part,
}

/// One file of a load path, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the load path, separated by `/`.
    pub path: String,
    /// The file's bytes, unchanged.
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// A file at `path` with `bytes`.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

/// A range of bytes in one file: which file, where it starts, where it ends (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Index of the file in the checked tree.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A position as people count: first line 1, first character 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// UTF-8 text with an index of its lines.
#[derive(Debug, Clone)]
pub struct Text {
    text: String,
    starts: Vec<u32>,
}

impl Text {
    /// Indexes `text`.
    pub fn new(text: String) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(at, _)| offset(at + 1))).collect();
        Self { text, starts }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number of lines.
    pub fn line_count(&self) -> u32 {
        offset(self.starts.len())
    }

    /// The 1-based position of the byte at `at`; beyond the end is the end, inside a character is its start.
    pub fn position(&self, at: u32) -> Position {
        let at = self.text.floor_char_boundary(at as usize);
        let line = self.starts.partition_point(|start| *start as usize <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default() as usize;
        let before = self.text.get(start..at).unwrap_or_default();
        Position { line: offset(line), column: offset(before.chars().count() + 1) }
    }

    /// The line with the 1-based number `line`, without its end.
    pub fn line(&self, line: u32) -> &str {
        let index = (line as usize).saturating_sub(1);
        let start = self.starts.get(index).copied().unwrap_or_default() as usize;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }
}

/// A length as a 32-bit offset. Files are capped far below the limit.
pub(crate) fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
