//! `tengine-operator crd`: the CustomResourceDefinitions and the API reference, printed from the types.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::api;

/// Flags of `crd`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write one file per kind into this folder, instead of printing all to standard output.
    #[arg(long, value_name = "DIR", env = "TENGINE_OPERATOR_CRD_OUTPUT_DIR")]
    output_dir: Option<PathBuf>,

    /// Print the API reference, in Markdown, instead of the definitions.
    #[arg(long, conflicts_with = "output_dir")]
    reference: bool,
}

#[derive(Debug, thiserror::Error)]
enum CrdError {
    #[error("cannot print the definitions")]
    Print(#[source] Box<dyn std::error::Error>),
    #[error("cannot write {to}")]
    Write {
        to: String,
        #[source]
        source: io::Error,
    },
}

/// Prints or writes the definitions.
pub(super) fn run(args: &Args) -> ExitCode {
    let done = match &args.output_dir {
        Some(folder) => write(folder),
        None if args.reference => print(&api::reference()),
        None => files().and_then(|files| print(&files.into_iter().map(|(_, text)| text).collect::<String>())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::report(&error),
    }
}

/// Each file begins a YAML document, so that all of them one after the other are what is printed.
fn files() -> Result<Vec<(&'static str, String)>, CrdError> {
    let files = api::print().map_err(|error| CrdError::Print(Box::new(error)))?;
    let document = |text: String| format!("---\n{}\n", text.trim_start_matches("---\n").trim_end());
    Ok(files.into_iter().map(|(name, text)| (name, document(text))).collect())
}

fn print(text: &str) -> Result<(), CrdError> {
    let failed = |source| CrdError::Write { to: "to standard output".into(), source };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed)
}

fn write(folder: &Path) -> Result<(), CrdError> {
    for (name, text) in files()? {
        let path = folder.join(name);
        let failed = |source| CrdError::Write { to: path.display().to_string(), source };
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)).map_err(failed)?;
    }
    Ok(())
}
