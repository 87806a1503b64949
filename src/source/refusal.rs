//! What is refused for what it is.

use serde::{Deserialize, Serialize};

use crate::domain::TreePath;
use crate::dsl::Diagnostic;

/// Why the content of a commit is refused. Its text is a fact and then what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The commit has no folder of that name.
    #[error("There is no folder {path:?}{}. Correct path, or push the folder.", what(.found.as_deref()))]
    PathNotFound {
        /// The path asked for.
        path: String,
        /// What is there instead, with its article.
        found: Option<String>,
    },
    /// There is no Ruby file to load.
    #[error("There is no .rb file{}, so there is nothing to run. Correct path, or push the definition.", below(.path))]
    NoDefinition {
        /// The path asked for.
        path: String,
    },
    /// The tree has something that must not get into an image.
    #[error("{path:?} {why}")]
    TreeRefused {
        /// The path in the repository.
        path: String,
        /// The rule it breaks and what to do, as the rest of the sentence that begins with the path.
        why: String,
    },
    /// There is too much of it.
    #[error("{what}. Leave out what Tengine does not load, or move it out of the definition's folder.")]
    TooLarge {
        /// What is too large, and the limit, without the full stop.
        what: String,
    },
    /// The definition is wrong.
    #[error("{}", first_and_rest(.findings, *.errors))]
    DefinitionInvalid {
        /// The findings, errors first; at most [`Refusal::FINDINGS_KEPT`].
        findings: Vec<Diagnostic>,
        /// How many errors there are in all.
        errors: usize,
    },
}

impl Refusal {
    /// How many findings are kept; an author repairs the first ones first.
    pub const FINDINGS_KEPT: usize = 100;

    /// One CamelCase word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Refusal::PathNotFound { .. } => "PathNotFound",
            Refusal::NoDefinition { .. } => "NoDefinition",
            Refusal::TreeRefused { .. } => "TreeRefused",
            Refusal::TooLarge { .. } => "TooLarge",
            Refusal::DefinitionInvalid { .. } => "DefinitionInvalid",
        }
    }

    /// The same, with paths as the repository has them instead of below `root`.
    #[must_use]
    pub(super) fn seen_from_the_root(self, root: &TreePath) -> Self {
        match self {
            Refusal::TreeRefused { path, why } => Refusal::TreeRefused { path: join(root.as_ref(), &path), why },
            Refusal::DefinitionInvalid { findings, errors } => {
                let findings = findings.into_iter().map(|finding| from_the_root(finding, root)).collect();
                Refusal::DefinitionInvalid { findings, errors }
            }
            other @ (Refusal::PathNotFound { .. } | Refusal::NoDefinition { .. } | Refusal::TooLarge { .. }) => other,
        }
    }

    /// The findings of the check, if it is the check that refuses.
    pub fn findings(&self) -> &[Diagnostic] {
        match self {
            Refusal::DefinitionInvalid { findings, .. } => findings,
            Refusal::PathNotFound { .. }
            | Refusal::NoDefinition { .. }
            | Refusal::TreeRefused { .. }
            | Refusal::TooLarge { .. } => &[],
        }
    }
}

/// A finding of the check below `root` as one of the repository. One about the whole tree names no file.
pub(super) fn from_the_root(finding: Diagnostic, root: &TreePath) -> Diagnostic {
    let path = match finding.path.as_str() {
        "" => String::new(),
        path => join(root.as_ref(), path),
    };
    Diagnostic { path, ..finding }
}

/// A path below a folder, which may be the root.
pub(super) fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}

fn what(found: Option<&str>) -> String {
    found.map(|found| format!(": it is {found}")).unwrap_or_default()
}

fn below(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!(" below {path:?}"),
    }
}

fn first_and_rest(findings: &[Diagnostic], errors: usize) -> String {
    let Some(first) = findings.first() else {
        return format!("The definition has {errors} errors.");
    };
    let more = match errors.saturating_sub(1) {
        0 => String::new(),
        more => format!(", {more} more"),
    };
    format!("{}{more}. Push a fix; it is tried by itself.", line(first))
}

/// `path:line:column: message`, as compilers say it and editors jump to it.
fn line(finding: &Diagnostic) -> String {
    match finding.path.as_str() {
        "" => finding.message.clone(),
        path => format!("{path}:{}:{}: {}", finding.line, finding.column, finding.message),
    }
}
