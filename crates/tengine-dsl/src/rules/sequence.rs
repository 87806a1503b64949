//! `auto_sequence`, `boot_jobs`, and what a whole block must have.

use crate::frame::Frame;
use crate::model::JobnetKind;
use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;

/// What is wrong with a sequence word at this point of a jobnet.
pub fn word(word: &'static str, span: Span, frame: &Frame) -> Vec<Finding> {
    if let Some((first, _)) = frame.sequence_word {
        let message = if first == word {
            format!("a second {word} in one jobnet: only the last one counts")
        } else {
            format!("both {first} and {word} in one jobnet: only {word}, which comes last, counts")
        };
        return vec![Finding::new(Code::DuplicateSequence, span, message)];
    }
    let first = frame.met == 0 && frame.finally_at.is_none();
    if first {
        return Vec::new();
    }
    vec![Finding::new(Code::SequenceNotFirst, span, format!("{word} should be the first word of its jobnet"))]
}

/// More arguments than a word takes.
pub fn too_many(word: &str, span: Span, most: usize) -> Finding {
    let what = match most {
        0 => "no argument".to_owned(),
        1 => "a name and options only".to_owned(),
        most => format!("at most {most} arguments"),
    };
    Finding::new(Code::WrongArguments, span, format!("\"{word}\" takes {what}"))
}

/// What is wrong with a block that has ended.
pub fn whole(frame: &Frame) -> Option<Finding> {
    if frame.open || frame.met > 0 {
        return None;
    }
    let (word, message) = match frame.kind {
        JobnetKind::Finally => ("finally", "this finally has nothing in it".to_owned()),
        JobnetKind::Jobnet | JobnetKind::HadoopJobRun => {
            let name = frame.name.as_deref().unwrap_or("?");
            (frame.kind.word(), format!("{} \"{name}\" has no job in it", frame.kind.word()))
        }
    };
    let _ = word;
    Some(Finding::new(Code::EmptyJobnet, frame.span, message))
}
