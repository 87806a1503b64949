//! Words that stand where they may not.

use crate::model::JobnetKind;
use crate::parse::Finding;
use crate::source::Span;

/// What is wrong with `word` inside `around`, or at the top level of a file.
pub fn check(word: &str, span: Span, around: Option<JobnetKind>) -> Option<Finding> {
    let message = match (word, around) {
        ("jobnet", None) => return None,
        (_, None) => format!("\"{word}\" outside of a jobnet block"),
        ("job" | "ssh_job", Some(JobnetKind::HadoopJobRun)) => {
            format!("\"{word}\" inside hadoop_job_run, which holds hadoop_job only")
        }
        ("hadoop_job", Some(JobnetKind::Jobnet)) => "\"hadoop_job\" outside of hadoop_job_run".to_owned(),
        ("hadoop_job", Some(JobnetKind::Finally)) => "\"hadoop_job\" in finally".to_owned(),
        ("finally", Some(JobnetKind::Finally)) => "\"finally\" directly in finally".to_owned(),
        (_, Some(_)) => return None,
    };
    Some(Finding::error("misplaced-word", span, message))
}
