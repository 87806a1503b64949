//! Findings as SARIF 2.1.0, which code hosts and editors read.

use super::Report;
use crate::catalogue::{self, RULES};
use crate::{Diagnostic, Severity};
use serde::Serialize;
use std::fmt::Write;

/// A SARIF log with one run.
#[derive(Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Component,
}

#[derive(Debug, Serialize)]
struct Component {
    name: &'static str,
    version: String,
    rules: Vec<Descriptor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Debug, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// The report as a SARIF log of the tool at `version`.
pub fn log(report: &Report, version: &str) -> Log {
    let driver = Component {
        name: "tengine-operator",
        version: version.to_owned(),
        rules: RULES.iter().map(described).collect(),
    };
    let results = report.diagnostics.iter().map(found).collect();
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
}

fn described(rule: &catalogue::Rule) -> Descriptor {
    let message = |text: String| Message { text };
    Descriptor {
        id: rule.code,
        short_description: message(rule.title.to_owned()),
        full_description: message(rule.why.to_owned()),
        help: message(catalogue::explain(rule)),
    }
}

fn found(finding: &Diagnostic) -> Found {
    let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
    let uri = if finding.path.is_empty() { ".".to_owned() } else { encoded(&finding.path) };
    let region = Region {
        start_line: finding.line,
        start_column: finding.column,
        end_line: finding.end_line,
        end_column: finding.end_column,
    };
    Found {
        rule_id: finding.code.clone(),
        rule_index: RULES.iter().position(|rule| rule.code == finding.code),
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: Message { text: format!("{}{help}", finding.message) },
        locations: vec![Location { physical_location: Physical { artifact_location: Artifact { uri }, region } }],
    }
}

/// A relative path as a URI reference.
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
