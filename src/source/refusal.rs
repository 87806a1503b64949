//! What is refused for what it is.

use serde::{Deserialize, Serialize};

use crate::domain::TreePath;
use crate::dsl::{Diagnostic, Severity, Summary};

/// Why the content of a commit is refused. Its text is a fact and then what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The commit has no folder of that name.
    #[error("There is no folder {path:?}{}. Correct source.git.path, or push the folder.", what(.found.as_deref()))]
    PathNotFound {
        /// The path asked for.
        path: String,
        /// What is there instead, with its article.
        found: Option<String>,
    },
    /// There is no Ruby file to load.
    #[error(
        "There is no .rb file{}, so there is nothing to run{}. Push a definition, or correct source.git.path.",
        below(.path),
        without(*.left_out)
    )]
    NoDefinition {
        /// The path asked for.
        path: String,
        /// How many files and folders `export-ignore` left out.
        #[serde(default)]
        left_out: u64,
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
    /// A `.gitattributes` asks for more matching than anybody means.
    #[error(
        "{path:?} has more than {most} patterns with export-ignore (together with those above it, and each ** in one counts twice). Give \
         export-ignore to folders instead of to each file."
    )]
    TooManyPatterns {
        /// The file, as the repository has it.
        path: String,
        /// How many are taken.
        most: usize,
    },
    /// The definition is wrong.
    #[error("{}{}. Push a fix; it is tried by itself.", first_and_rest(.findings, of_the_first(.findings, .checked)), by_rule(.checked))]
    DefinitionInvalid {
        /// The findings, errors first; at most [`Refusal::FINDINGS_KEPT`].
        findings: Vec<Diagnostic>,
        /// What was found in all.
        checked: Summary,
    },
}

impl Refusal {
    /// How many findings are kept; an author repairs the first ones first.
    pub const FINDINGS_KEPT: usize = 1000;

    /// One CamelCase word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Refusal::PathNotFound { .. } => "PathNotFound",
            Refusal::NoDefinition { .. } => "NoDefinition",
            Refusal::TreeRefused { .. } => "TreeRefused",
            Refusal::TooLarge { .. } | Refusal::TooManyPatterns { .. } => "TooLarge",
            Refusal::DefinitionInvalid { .. } => "DefinitionInvalid",
        }
    }

    /// The same, with paths as the repository has them instead of below `root`.
    #[must_use]
    pub(super) fn seen_from_the_root(self, root: &TreePath) -> Self {
        match self {
            Refusal::TreeRefused { path, why } => Refusal::TreeRefused { path: join(root.as_ref(), &path), why },
            Refusal::DefinitionInvalid { findings, checked } => {
                let findings = findings.into_iter().map(|finding| from_the_root(finding, root)).collect();
                Refusal::DefinitionInvalid { findings, checked }
            }
            other @ (Refusal::PathNotFound { .. }
            | Refusal::NoDefinition { .. }
            | Refusal::TooLarge { .. }
            | Refusal::TooManyPatterns { .. }) => other,
        }
    }

    /// What the check counted, if it is the check that refuses.
    pub fn checked(&self) -> Option<Summary> {
        match self {
            Refusal::DefinitionInvalid { checked, .. } => Some(*checked),
            Refusal::PathNotFound { .. }
            | Refusal::NoDefinition { .. }
            | Refusal::TreeRefused { .. }
            | Refusal::TooLarge { .. }
            | Refusal::TooManyPatterns { .. } => None,
        }
    }

    /// The findings of the check, if it is the check that refuses.
    pub fn findings(&self) -> &[Diagnostic] {
        match self {
            Refusal::DefinitionInvalid { findings, .. } => findings,
            Refusal::PathNotFound { .. }
            | Refusal::NoDefinition { .. }
            | Refusal::TreeRefused { .. }
            | Refusal::TooLarge { .. }
            | Refusal::TooManyPatterns { .. } => &[],
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

fn without(left_out: u64) -> String {
    match left_out {
        0 => String::new(),
        1 => ": export-ignore in .gitattributes leaves one file or folder out".to_owned(),
        more => format!(": export-ignore in .gitattributes leaves {more} files and folders out"),
    }
}

fn below(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!(" below {path:?}"),
    }
}

/// The first finding, and how many more of its severity there are in all; without a full stop.
pub(super) fn first_and_rest(findings: &[Diagnostic], of_its_kind: usize) -> String {
    let Some(first) = findings.first() else {
        return format!("The definition has {of_its_kind} errors");
    };
    match of_its_kind.saturating_sub(1) {
        0 => line(first),
        more => format!("{}, {more} more", line(first)),
    }
}

/// How many findings are as bad as the first one, which is as bad as any.
fn of_the_first(findings: &[Diagnostic], checked: &Summary) -> usize {
    match findings.first().map(|first| first.severity) {
        Some(Severity::Warning) => checked.warnings,
        Some(Severity::Error) | None => checked.errors,
    }
}

/// By what a definition is refused that Tengine would load.
fn by_rule(checked: &Summary) -> &'static str {
    if checked.errors == 0 { ". Tengine would load it; checks.definition: Strict refuses warnings too" } else { "" }
}

/// What stops nothing and should be known all the same: the first finding and how many there are, as a sentence.
pub(super) fn remark(findings: &[Diagnostic], checked: &Summary) -> Option<String> {
    let first = findings.first()?;
    let (word, count) = match first.severity {
        Severity::Error => ("error", checked.errors),
        Severity::Warning => ("warning", checked.warnings),
    };
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {word}{plural} in the definitions: {}.", first_and_rest(findings, count)))
}

/// `path:line:column: message (help)`, as compilers say it and editors jump to it.
fn line(finding: &Diagnostic) -> String {
    let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
    match finding.path.as_str() {
        "" => format!("{}{help}", finding.message),
        path => format!("{path}:{}:{}: {}{help}", finding.line, finding.column, finding.message),
    }
}
