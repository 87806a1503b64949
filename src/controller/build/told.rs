//! What a build tells of a release: why it is refused, whose commit it is, and what the check found in it.

use crate::api::v1alpha1::{Content, condition::Reason};
use crate::dsl::{Diagnostic, Summary};
use crate::plan::observed::{Changes, CommitFacts, Refused};
use crate::source::{self, Comparison, Refusal};

/// How much text of findings a release carries, in bytes; the schema takes 64 KiB.
const EVIDENCE: usize = 59 << 10;

pub(super) fn refused(refusal: &Refusal, commit: Option<Box<source::CommitFacts>>) -> Refused {
    let checked = refusal.checked();
    Refused {
        reason: Reason::from_word(refusal.reason()).unwrap_or(Reason::DefinitionInvalid),
        message: refusal.to_string(),
        evidence: evidence(refusal.findings(), checked.as_ref()),
        facts: commit.map(|commit| facts(*commit)).unwrap_or_default(),
        content: checked.map(|checked| content(&checked)),
    }
}

pub(super) fn facts(commit: source::CommitFacts) -> CommitFacts {
    CommitFacts { subject: Some(commit.subject), author: Some(commit.author), committed_at: commit.committed_at }
}

/// All findings, one a line; what does not fit is counted.
pub(super) fn evidence(findings: &[Diagnostic], checked: Option<&Summary>) -> String {
    let mut text = String::new();
    let mut told = 0;
    for finding in findings {
        let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        let place = match finding.path.as_str() {
            "" => String::new(),
            path => format!("{path}:{}:{}: ", finding.line, finding.column),
        };
        let line = format!("{place}{}[{}]: {}{help}\n", finding.severity, finding.code, finding.message);
        if text.len() + line.len() > EVIDENCE {
            break;
        }
        text.push_str(&line);
        told += 1;
    }
    let all = checked.map_or(findings.len(), |checked| checked.errors + checked.warnings);
    if all > told {
        text.extend(["… and ", &(all - told).to_string(), " more\n"]);
    }
    text
}

pub(super) fn changes(compared: Comparison) -> Changes {
    Changes {
        counts: compared.counts,
        names: compared.names,
        added_events: compared.events.added,
        removed_events: compared.events.removed,
    }
}

pub(super) fn content(checked: &Summary) -> Content {
    let count = |number: usize| Some(i64::try_from(number).unwrap_or(i64::MAX));
    Content {
        files: count(checked.files),
        jobnets: count(checked.jobnets),
        jobs: count(checked.jobs),
        drivers: count(checked.drivers),
        errors: count(checked.errors),
        warnings: count(checked.warnings),
    }
}
