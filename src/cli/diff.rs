//! `tengine-operator diff`: what changes from one definition to another.

use super::check::{COULD_NOT, written};
use super::tree;
use crate::dsl::diff::Changes;
use crate::dsl::{self, CheckOptions, Checked, SourceFile};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compare two definitions: jobnets, jobs and drivers added, removed, moved and changed.
///
/// Exit 0 if nothing changed, 1 if something did, 2 if they could not be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder or file; a revision with --git.
    old: String,
    /// A folder or file; a revision with --git.
    new: String,
    /// Compare two revisions of this Git repository.
    #[arg(long, value_name = "REPOSITORY", num_args = 0..=1, default_missing_value = ".")]
    git: Option<PathBuf>,
    /// The load path inside the repository.
    #[arg(long, value_name = "PATH", requires = "git", default_value = "")]
    path: String,
    /// How changes are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Why a definition could not be read.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Read(#[from] tree::ReadError),
    #[error("cannot read \"{revision}\" from Git")]
    Git {
        revision: String,
        #[source]
        source: git2::Error,
    },
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let both = checked(args, &args.old).and_then(|old| Ok((old, checked(args, &args.new)?)));
    let (old, new) = match both {
        Ok(both) => both,
        Err(error) => {
            super::report(&error);
            return ExitCode::from(COULD_NOT);
        }
    };
    let changes = dsl::diff::diff(&old.definition, &new.definition);
    let code = if changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    match args.format {
        Format::Text => written(&text(&changes), code),
        Format::Json => match serde_json::to_string_pretty(&changes) {
            Ok(json) => written(&(json + "\n"), code),
            Err(_) => ExitCode::from(COULD_NOT),
        },
    }
}

fn text(changes: &Changes) -> String {
    let mut out = String::new();
    for line in changes.names() {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{changes}");
    if changes.partial {
        out.push_str("parts of these definitions could not be seen through; there may be more\n");
    }
    out
}

fn checked(args: &Args, name: &str) -> Result<Checked, Failed> {
    if let Some(repository) = &args.git {
        let failed = |source| Failed::Git { revision: name.to_owned(), source };
        let files = of_revision(repository, name, &args.path).map_err(failed)?;
        return Ok(dsl::check(&files, &CheckOptions::default()));
    }
    let found = tree::read(Path::new(name))?;
    Ok(dsl::check(&found.files, &found.options))
}

/// The files of a revision, below `path`.
fn of_revision(repository: &Path, revision: &str, path: &str) -> Result<Vec<SourceFile>, git2::Error> {
    let repository = git2::Repository::discover(repository)?;
    let mut tree = repository.revparse_single(revision)?.peel_to_tree()?;
    let path = path.trim_matches('/');
    if !path.is_empty() && path != "." {
        tree = tree.get_path(Path::new(path))?.to_object(&repository)?.peel_to_tree()?;
    }
    let mut files = Vec::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(git2::ObjectType::Blob) {
            let name = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
            let bytes = entry.to_object(&repository).ok().and_then(|object| object.into_blob().ok());
            files.push(SourceFile::new(name, bytes.map(|blob| blob.content().to_vec()).unwrap_or_default()));
        }
        git2::TreeWalkResult::Ok
    })?;
    Ok(files)
}
