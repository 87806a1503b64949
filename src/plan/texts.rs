//! How long the texts are that are written down. What the schema refuses is never written, with all that stands beside it: so
//! whatever comes from outside (names, reasons, messages) is cut here, and nowhere else.

use crate::api::v1alpha1::{TengineActionStatus, TengineReleaseStatus};

/// Of a message, in bytes: no schema takes fewer characters.
const MESSAGE: usize = 1024;
/// Of a step, which `kubectl describe` shows beside others.
const STEP: usize = 500;
/// Of a line on one of up to a hundred instances.
const LINE: usize = 300;
/// Of what a core or a check said; the schema takes 64 KiB.
const EVIDENCE: usize = 60 * 1024;

/// As much of a message as a status carries.
pub fn message(text: &str) -> String {
    cut(text, MESSAGE)
}

/// As much of a line on one of many as a status carries.
pub fn line(text: &str) -> String {
    cut(text, LINE)
}

/// As much of a line on a step as a status carries.
pub fn step(text: &str) -> String {
    cut(text, STEP)
}

/// A release's record as it can be written. What was cut before stays as it is.
pub fn fit_release(status: &mut TengineReleaseStatus) {
    for gate in &mut status.gates {
        fit(&mut gate.message, MESSAGE);
    }
    for text in status.steps.iter_mut().filter_map(|step| step.message.as_mut()) {
        fit(text, STEP);
    }
    if let Some(evidence) = &mut status.evidence {
        fit(evidence, EVIDENCE);
    }
}

/// An answer as it can be written.
pub fn fit_answer(status: &mut TengineActionStatus) {
    if let Some(text) = &mut status.message {
        fit(text, MESSAGE);
    }
}

fn fit(text: &mut String, longest: usize) {
    if text.len() > longest {
        *text = cut(text, longest);
    }
}

/// The beginning, of so many bytes at most; that something is missing can be seen.
fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    format!("{}…", text[..text.floor_char_boundary(longest - '…'.len_utf8())].trim_end())
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_between_characters_and_shows_it() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("too long", 7), "too…");
        assert_eq!(cut("éééé", 7), "éé…");
        assert_eq!(cut(&cut("éééééé", 8), 8), cut("éééééé", 8));
    }
}
