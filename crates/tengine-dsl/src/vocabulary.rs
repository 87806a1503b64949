//! The words a definition may use: Tengine's own, Ruby's, and those of the libraries that come with Tengine.

mod everywhere;
mod libraries;

use super::limits;
pub use everywhere::{EVERYWHERE, IN_CLASS};
pub use libraries::LIBRARIES;

/// The words of `tengine_job`.
pub const JOB_WORDS: &[&str] = &[
    "jobnet",
    "job",
    "ssh_job",
    "ruby_job",
    "hadoop_job_run",
    "hadoop_job",
    "expansion",
    "finally",
    "auto_sequence",
    "boot_jobs",
];

/// The words of `tengine_core` at the top level of a file.
pub const CORE_WORDS: &[&str] =
    &["driver", "ack_policy", "setup_eventmachine", "dsl_version", "fire", "session", "config", "event"];

/// The words inside a `driver` block.
pub const DRIVER_WORDS: &[&str] = &["on", "session", "driver", "driver_name"];

/// The words inside a handler's block.
pub const HANDLER_WORDS: &[&str] = &["event", "session", "kernel", "fire", "submit", "ack?", "event!", "halt"];

/// Modules that bring no method which a definition could mistake for a word.
pub const HARMLESS_MODULES: &[&str] = &["Comparable", "Enumerable", "Singleton", "Tengine::Core::Driveable"];

/// Whether `require name` is Ruby's own or Tengine's, and defines no words of its own.
pub fn is_known_library(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name).trim_end_matches(".rb");
    LIBRARIES.contains(&first)
}

/// Whether `require name` brings the jobnet words.
pub fn brings_jobs(name: &str) -> bool {
    name.trim_end_matches(".rb") == "tengine_job"
}

/// The word closest to `name` among `words`, if it is close enough to be meant.
pub fn closest<'w>(name: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = name.chars().count();
    if length > limits::ADVISED {
        return None;
    }
    let limit = (length / 3).clamp(1, 3);
    words
        .filter(|word| word.chars().count().abs_diff(length) <= limit)
        .map(|word| (strsim::damerau_levenshtein(name, word), word))
        .filter(|(distance, _)| *distance <= limit && *distance < length)
        .min()
        .map(|(_, word)| word)
}
