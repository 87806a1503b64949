//! What the check has to say: findings and how many there are.

use super::source::Position;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The core would refuse the definition.
    Error,
    /// The core may load it, and it is still likely not what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One finding, at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The rule's stable name, in kebab case.
    pub code: String,
    /// The file, relative to the load path; empty when the finding is about the whole tree.
    pub path: String,
    /// First line, from 1.
    pub line: u32,
    /// First column in characters, from 1.
    pub column: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, where something is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The source line, for people.
    #[serde(skip)]
    pub excerpt: String,
}

impl Diagnostic {
    /// The place to sort and compare by.
    pub fn order(&self) -> (&str, Position, Position, &str, &str) {
        let start = Position { line: self.line, column: self.column };
        let end = Position { line: self.end_line, column: self.end_column };
        (&self.path, start, end, &self.code, &self.message)
    }
}

/// How much was looked at, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Ruby files.
    pub files: usize,
    /// Root jobnets.
    pub jobnets: usize,
    /// Jobs at any depth.
    pub jobs: usize,
    /// Event drivers.
    pub drivers: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Places whose effect on the definition cannot be known without running it.
    pub opaque: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}, {}, {}: {}, {}",
            counted(self.files, "file"),
            counted(self.jobnets, "root jobnet"),
            counted(self.jobs, "job"),
            counted(self.drivers, "driver"),
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
        )?;
        match self.opaque {
            0 => Ok(()),
            1 => f.write_str(" (1 place could not be seen through)"),
            n => write!(f, " ({n} places could not be seen through)"),
        }
    }
}

fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
