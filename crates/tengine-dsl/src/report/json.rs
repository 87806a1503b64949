//! Findings as one JSON object.

use super::Report;
use crate::{Diagnostic, Summary};
use serde::Serialize;

/// `{"diagnostics": […], "summary": {…}}`
#[derive(Debug, Serialize)]
pub struct Json<'r> {
    diagnostics: &'r [Diagnostic],
    summary: Summary,
}

/// The report as a value to serialise.
pub fn value(report: &Report) -> Json<'_> {
    Json { diagnostics: &report.diagnostics, summary: report.summary }
}
