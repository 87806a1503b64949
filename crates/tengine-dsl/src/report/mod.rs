//! Findings for people and for machines. Everything here returns text or serialisable values; nothing prints.

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use super::{Diagnostic, Summary};

/// The findings of one or several load paths, with paths as the reader knows them.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// All findings.
    pub diagnostics: Vec<Diagnostic>,
    /// All counts, added up.
    pub summary: Summary,
}

impl Report {
    /// Adds the findings of the load path called `prefix` (empty: paths are left as they are).
    pub fn add(&mut self, prefix: &str, checked: &super::Checked) {
        for found in &checked.diagnostics {
            let mut found = found.clone();
            found.path = joined(prefix, &found.path);
            self.diagnostics.push(found);
        }
        let (sum, more) = (&mut self.summary, &checked.summary);
        sum.files += more.files;
        sum.jobnets += more.jobnets;
        sum.jobs += more.jobs;
        sum.drivers += more.drivers;
        sum.errors += more.errors;
        sum.warnings += more.warnings;
        sum.opaque += more.opaque;
    }
}

fn joined(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim_end_matches('/');
    match (prefix, path) {
        ("" | ".", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}/{path}"),
    }
}
