//! The command line.
//!
//! Every flag has an environment name (`TENGINE_OPERATOR_…`), a default and a help text; a flag
//! wins over its variable.

mod check;
mod crd;
mod diff;
mod duration;
mod graph;
mod run;
mod tree;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps Tengine job engines on Kubernetes at the commit of a Git branch.
#[derive(Debug, Parser)]
#[command(name = "tengine-operator", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the operator: watch TengineDeployments and keep them at their commit.
    Run(Box<run::Args>),
    /// Print the CustomResourceDefinitions, or write them to a folder.
    Crd(crd::Args),
    /// Check Tengine definitions: exit 0 without errors, 1 with, 2 if they could not be read.
    Check(check::Args),
    /// Compare two definitions: exit 0 if nothing changed, 1 if something did, 2 if they could not be read.
    Diff(diff::Args),
    /// Draw a root jobnet: Mermaid, DOT, SVG or JSON.
    Graph(graph::Args),
    /// Answer one question of the operator's, in a process of its own.
    #[command(hide = true, name = crate::worker::SUBCOMMAND)]
    Worker,
}

/// Runs the subcommand named by the process arguments.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Run(args) => run::run(*args),
        Command::Crd(args) => crd::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Worker => crate::worker::serve(crate::source::answer),
    }
}

/// Prints an error and what caused it, outermost first, on one line of standard error.
fn report(error: &dyn std::error::Error) -> ExitCode {
    let mut line = format!("tengine-operator: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        cause = inner.source();
    }
    eprintln!("{line}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests;
