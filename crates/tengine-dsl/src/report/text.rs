//! Findings for a terminal.

use super::Report;
use crate::Diagnostic;
use std::fmt::Write;

/// All findings with their source lines, then the counts.
pub fn print(report: &Report) -> String {
    let mut out = String::new();
    report.diagnostics.iter().for_each(|found| finding(found, &mut out));
    let _ = writeln!(out, "{}", report.summary);
    out
}

fn finding(found: &Diagnostic, out: &mut String) {
    let path = if found.path.is_empty() { "." } else { &found.path };
    let _ =
        writeln!(out, "{path}:{}:{}: {}[{}]: {}", found.line, found.column, found.severity, found.code, found.message);
    if found.excerpt.trim().is_empty() || found.column as usize > found.excerpt.chars().count() + 1 {
        if let Some(help) = &found.help {
            let _ = writeln!(out, "      = {help}");
        }
        return;
    }
    let number = format!("{:>5}", found.line);
    let _ = writeln!(out, "{number} | {}", found.excerpt);
    let before: String = found.excerpt.chars().take(found.column as usize - 1).collect();
    let lead: String = before.chars().map(|c| if c == '\t' { "\t".to_owned() } else { " ".repeat(width(c)) }).collect();
    let length =
        if found.end_line == found.line { found.end_column.saturating_sub(found.column) as usize } else { usize::MAX };
    let marked: usize = found.excerpt.chars().skip(before.chars().count()).take(length).map(width).sum();
    let help = found.help.as_deref().map(|help| format!(" {help}")).unwrap_or_default();
    let _ = writeln!(out, "      | {lead}{}{help}", "^".repeat(marked.max(1)));
}

/// How many columns a terminal gives a character: two for those of East Asian scripts.
pub fn width(c: char) -> usize {
    let wide = matches!(c as u32,
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA000..=0xA4CF
        | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    if wide { 2 } else { 1 }
}
