//! `tengine-operator crd`: the `CustomResourceDefinitions`, printed from the types.

use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `crd`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one file per kind into this folder, instead of printing all to standard output.
    #[arg(long, value_name = "DIR", env = "TENGINE_OPERATOR_CRD_OUTPUT_DIR")]
    output_dir: Option<PathBuf>,
}

/// Prints or writes the definitions.
pub(super) fn run(_args: &Args) -> ExitCode {
    ExitCode::SUCCESS
}
