//! Words that stand where they may not.

use crate::model::JobnetKind;
use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;

/// What is wrong with `word` inside `around`, or at the top level of a file.
pub fn check(word: &str, span: Span, around: Option<JobnetKind>) -> Option<Finding> {
    let message = match (word, around) {
        ("jobnet", None) => return None,
        ("job" | "hadoop_job" | "expansion", None) => {
            let message = format!("\"{word}\" outside of a jobnet block: there is nothing to add it to");
            return Some(Finding::new(Code::WordOutsideJobnet, span, message));
        }
        ("finally" | "hadoop_job_run", None) => {
            format!("\"{word}\" outside of a jobnet block: Tengine makes a root jobnet of it")
        }
        (_, None) => format!("\"{word}\" outside of a jobnet block, where it says nothing"),
        ("job", Some(JobnetKind::HadoopJobRun)) => {
            format!("\"{word}\" inside hadoop_job_run, which holds hadoop_job only: Tengine loads it")
        }
        ("hadoop_job", Some(JobnetKind::Jobnet)) => "\"hadoop_job\" outside of hadoop_job_run".to_owned(),
        ("hadoop_job", Some(JobnetKind::Finally)) => "\"hadoop_job\" in finally".to_owned(),
        ("finally", Some(JobnetKind::Finally)) => "\"finally\" directly in finally".to_owned(),
        (_, Some(_)) => return None,
    };
    Some(Finding::new(Code::MisplacedWord, span, message))
}
