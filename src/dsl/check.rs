//! The check of one load path: read every file, then say what is wrong.

use super::diagnostic::{Diagnostic, Severity, Summary};
use super::limits;
use super::parse::{Finding, ParsedFile, parse_file};
use super::source::{SourceFile, offset};
use rayon::prelude::*;
use serde::Serialize;

/// What may be chosen about a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckOptions {}

/// Everything the check has to say about one load path.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// The findings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The counts.
    pub summary: Summary,
}

impl Checked {
    /// Whether the core would refuse this definition.
    pub fn has_errors(&self) -> bool {
        self.summary.errors > 0
    }
}

/// Checks the files of one load path, as the core would load them: every `.rb` file, and `dictionary.yml` files.
pub fn check(tree: &[SourceFile], options: &CheckOptions) -> Checked {
    let CheckOptions {} = options;
    let mut ruby: Vec<&SourceFile> = tree.iter().filter(|file| is_ruby(&file.path)).collect();
    ruby.sort_by(|a, b| a.path.cmp(&b.path));
    let mut diagnostics = Vec::new();
    if ruby.is_empty() {
        diagnostics.push(about_the_tree("no-ruby-file", "no .rb file in this load path"));
    }
    ruby.truncate(limits::FILES);
    let files: Vec<ParsedFile> =
        ruby.par_iter().enumerate().map(|(index, file)| parse_file(offset(index), file)).collect();
    for file in &files {
        diagnostics.extend(file.findings.iter().map(|finding| placed(file, finding)));
    }
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    let summary = Summary {
        files: files.len(),
        errors: diagnostics.iter().filter(|d| d.severity == Severity::Error).count(),
        warnings: diagnostics.iter().filter(|d| d.severity == Severity::Warning).count(),
        ..Summary::default()
    };
    Checked { diagnostics, summary }
}

/// A Ruby file the core would load: dot-folders and dot-files are passed over.
fn is_ruby(path: &str) -> bool {
    path.ends_with(".rb") && !path.split('/').any(|part| part.starts_with('.'))
}

fn about_the_tree(code: &str, message: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: code.to_owned(),
        path: String::new(),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        message: message.to_owned(),
        help: None,
        excerpt: String::new(),
    }
}

fn placed(file: &ParsedFile, finding: &Finding) -> Diagnostic {
    let start = file.text.position(finding.span.start);
    let end = file.text.position(finding.span.end.max(finding.span.start));
    Diagnostic {
        severity: finding.severity,
        code: finding.code.to_owned(),
        path: file.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        message: finding.message.clone(),
        help: finding.help.clone(),
        excerpt: file.text.line(start.line).chars().take(limits::EXCERPT).collect(),
    }
}
