//! Findings as workflow commands: one line each, shown by GitHub at the line they are about.

use super::Report;
use std::fmt::Write;

/// `::error file=…,line=…,col=…,title=…::message`
pub fn print(report: &Report) -> String {
    let mut out = String::new();
    for found in &report.diagnostics {
        let _ = write!(out, "::{} ", found.severity);
        if !found.path.is_empty() {
            let _ = write!(out, "file={},line={},endLine={},", property(&found.path), found.line, found.end_line);
            // GitHub takes columns only for a finding within one line.
            if found.line == found.end_line {
                let _ = write!(out, "col={},endColumn={},", found.column, found.end_column);
            }
        }
        let help = found.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
        let _ = writeln!(out, "title={}::{}", property(&found.code), escaped(&format!("{}{help}", found.message)));
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
