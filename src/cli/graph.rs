//! `tengine-operator graph`: a root jobnet as a picture.

use super::check::{COULD_NOT, written};
use super::tree;
use crate::dsl::graph::{dot, json, mermaid, svg};
use crate::dsl::{self, model::Jobnet};
use std::path::PathBuf;
use std::process::ExitCode;

/// Draw a root jobnet: what is in it, and in which order it runs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The load path: a folder or a single file.
    path: PathBuf,
    /// The root jobnet; may be left out if there is only one.
    #[arg(long, value_name = "NAME")]
    jobnet: Option<String>,
    /// The language of the picture.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A Mermaid flow chart.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// The model with edges and resolved options.
    Json,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let found = match tree::read(&args.path) {
        Ok(found) => found,
        Err(error) => {
            super::report(&error);
            return ExitCode::from(COULD_NOT);
        }
    };
    let definition = dsl::check(&found.files, &found.options).definition;
    let chosen = match (&args.jobnet, definition.jobnets.as_slice()) {
        (Some(name), _) => definition.jobnet(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let Some(jobnet) = chosen else {
        let names: Vec<&str> = definition.jobnets.iter().map(|jobnet| jobnet.name.as_str()).collect();
        eprintln!("tengine-operator: which root jobnet? --jobnet takes one of: {}", names.join(", "));
        return ExitCode::from(COULD_NOT);
    };
    match printed(jobnet, args.format) {
        Ok(text) => written(&text, ExitCode::SUCCESS),
        Err(_) => ExitCode::from(COULD_NOT),
    }
}

fn printed(jobnet: &Jobnet, format: Format) -> Result<String, serde_json::Error> {
    Ok(match format {
        Format::Mermaid => mermaid::print(jobnet),
        Format::Dot => dot::print(jobnet),
        Format::Svg => svg::print(jobnet),
        Format::Json => serde_json::to_string_pretty(&json::node(jobnet))? + "\n",
    })
}
