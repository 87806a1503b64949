//! `tengine-operator check`: what is wrong with definitions, before anything is built.

use super::tree;
use crate::dsl::report::{Report, github, json, sarif, text};
use crate::dsl::{self, CheckOptions, RubyVersion, catalogue};
use crate::source::attributes::left_out;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Could not check: usage, or a file that cannot be read.
pub const COULD_NOT: u8 = 2;

/// Check Tengine definitions: exit 0 without errors, 1 with, 2 if they could not be read.
///
/// An error is what Tengine refuses, a warning what it loads though it is hardly meant so.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Load paths: folders, or single files that are each a whole load path.
    #[arg(required_unless_present = "explain")]
    paths: Vec<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text, env = "TENGINE_OPERATOR_CHECK_FORMAT")]
    format: Format,
    /// Exit 1 for warnings too.
    #[arg(long, env = "TENGINE_OPERATOR_CHECK_STRICT")]
    strict: bool,
    /// The Ruby of the base, like 3.1: what it cannot read is an error.
    #[arg(long, value_name = "VERSION", env = "TENGINE_OPERATOR_CHECK_RUBY")]
    ruby: Option<RubyVersion>,
    /// Explain a rule with a wrong and a right example; `all` prints the page of all rules.
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub.
    Github,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let mut report = Report::default();
    for path in &args.paths {
        match tree::read(path) {
            Ok(found) => {
                if let Some(note) = left_out(found.left_out) {
                    eprintln!("tengine-operator: {note}");
                }
                let options = CheckOptions { ruby: args.ruby, ..found.options };
                report.add(&found.prefix, &dsl::check(&found.files, &options));
            }
            Err(error) => {
                super::report(&error);
                return ExitCode::from(COULD_NOT);
            }
        }
    }
    let printed = match args.format {
        Format::Text => Ok(text::print(&report)),
        Format::Json => serde_json::to_string_pretty(&json::value(&report)).map(|json| json + "\n"),
        Format::Sarif => {
            serde_json::to_string_pretty(&sarif::log(&report, env!("CARGO_PKG_VERSION"))).map(|json| json + "\n")
        }
        Format::Github => Ok(github::print(&report)),
    };
    match printed {
        Ok(text) => {
            let refused = report.summary.errors > 0 || (args.strict && report.summary.warnings > 0);
            written(&text, if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Err(_) => ExitCode::from(COULD_NOT),
    }
}

fn explain(code: &str) -> ExitCode {
    if code == "all" {
        return written(&catalogue::page(), ExitCode::SUCCESS);
    }
    if let Some(rule) = catalogue::rule(code) {
        return written(&catalogue::explain(rule), ExitCode::SUCCESS);
    }
    eprintln!("tengine-operator: there is no rule \"{code}\"; --explain all prints all of them");
    ExitCode::from(COULD_NOT)
}

/// Writes to standard output; a reader that has gone away is no fault of ours.
pub fn written(text: &str, code: ExitCode) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(COULD_NOT),
        Ok(()) | Err(_) => code,
    }
}
