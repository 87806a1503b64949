//! Reads load paths from disk for the commands about definitions.

use crate::dsl::{CheckOptions, Extent, SourceFile, limits};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A load path as it was read.
pub struct LoadPath {
    /// What findings are prefixed with.
    pub prefix: String,
    /// Its files. Of those that are neither Ruby nor a dictionary only the names are kept.
    pub files: Vec<SourceFile>,
    /// How it is to be checked.
    pub options: CheckOptions,
}

/// Why a load path could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct ReadError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Reads a folder, or one file as a whole load path.
pub fn read(path: &Path) -> Result<LoadPath, ReadError> {
    let failed = |source| ReadError { path: path.to_owned(), source };
    let kind = fs::metadata(path).map_err(failed)?;
    if kind.is_dir() {
        let mut files = Vec::new();
        folder(path, "", &mut files)?;
        return Ok(LoadPath { prefix: shown(path), files, options: CheckOptions::default() });
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parent = path.parent().map(shown).unwrap_or_default();
    let files = vec![SourceFile::new(name, fs::read(path).map_err(failed)?)];
    Ok(LoadPath { prefix: parent, files, options: CheckOptions { extent: Extent::Part, ..CheckOptions::default() } })
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().trim_end_matches('/').to_owned()
}

fn folder(path: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<(), ReadError> {
    let failed = |source| ReadError { path: path.to_owned(), source };
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let (inner, relative) = (entry.path(), format!("{prefix}{name}"));
        // As the core does: links to files are followed, links to folders are not.
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            folder(&inner, &format!("{relative}/"), files)?;
        } else if inner.is_file() {
            files.push(SourceFile::new(relative, content(&inner, &name)?));
        }
    }
    Ok(())
}

fn content(path: &Path, name: &str) -> Result<Vec<u8>, ReadError> {
    let wanted = name == "dictionary.yml" || Path::new(name).extension().is_some_and(|extension| extension == "rb");
    if !wanted {
        return Ok(Vec::new());
    }
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(limits::FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, most), &mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|source| ReadError { path: path.to_owned(), source })
}
