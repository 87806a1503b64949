//! Reads load paths from disk for the commands about definitions.

use crate::dsl::{CheckOptions, Extent, SourceFile, limits};
use crate::source::Refusal;
use crate::source::attributes::{self, Attributes, Kind, TooMany};
use crate::words;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A load path as it was read.
pub struct LoadPath {
    /// What findings are prefixed with.
    pub prefix: String,
    /// Its files. Of those that are neither Ruby nor a dictionary only the names are kept.
    pub files: Vec<SourceFile>,
    /// How many files and folders `export-ignore` left out.
    pub left_out: u64,
    /// How it is to be checked.
    pub options: CheckOptions,
}

/// Why a load path could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file or folder could not be used.
    #[error("cannot read {}: {}", path.display(), words::of_a_file(error))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A build would refuse the folder for what its `.gitattributes` ask for.
    #[error("{0}")]
    Refused(Refusal),
}

impl ReadError {
    fn of(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        |error| Self::Unreadable { path: path.to_owned(), error }
    }
}

/// Reads a folder, or one file as a whole load path. What `export-ignore` leaves out of an archive of the repository is left out, as it
/// is of images; the folder itself was asked for.
pub fn read(path: &Path) -> Result<LoadPath, ReadError> {
    let failed = ReadError::of(path);
    let kind = fs::metadata(path).map_err(failed)?;
    if kind.is_dir() {
        let mut reading = Reading::of(path)?;
        reading.folder(path, "")?;
        let Reading { files, left_out, .. } = reading;
        return Ok(LoadPath { prefix: shown(path), files, left_out, options: CheckOptions::default() });
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let prefix = path.parent().map(shown).unwrap_or_default();
    let files = vec![SourceFile::new(name, fs::read(path).map_err(failed)?)];
    let options = CheckOptions { extent: Extent::Part, ..CheckOptions::default() };
    Ok(LoadPath { prefix, files, left_out: 0, options })
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().trim_end_matches('/').to_owned()
}

/// A folder that is being read.
struct Reading {
    /// The folder, seen from the repository's root.
    root: String,
    attributes: Attributes,
    files: Vec<SourceFile>,
    left_out: u64,
}

impl Reading {
    /// With the attributes of the folders above, up to the repository's root; outside of a repository nothing is above.
    fn of(path: &Path) -> Result<Self, ReadError> {
        let failed = ReadError::of(path);
        let whole = path.canonicalize().map_err(failed)?;
        let top = whole.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&whole);
        let below = whole.strip_prefix(top).unwrap_or(Path::new(""));
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let (root, attributes) = (names.join("/"), Attributes::default());
        let mut reading = Self { root, attributes, files: Vec::new(), left_out: 0 };
        let mut folder = top.to_owned();
        for (depth, name) in names.iter().enumerate() {
            reading.enter(&folder, &names[..depth].join("/"))?;
            folder.push(name);
        }
        Ok(reading)
    }

    /// Whether the folder has attributes, which count from now on; `seen` is its path from the repository's root.
    fn enter(&mut self, folder: &Path, seen: &str) -> Result<bool, ReadError> {
        let path = folder.join(attributes::FILE);
        // As with Git, a link is not followed.
        if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
            return Ok(false);
        }
        let bytes = read_up_to(&path, attributes::LONGEST_FILE).map_err(ReadError::of(&path))?;
        let refused = |TooMany| ReadError::Refused(TooMany::refusal(seen));
        self.attributes.enter(seen, &bytes).map_err(refused)?;
        Ok(true)
    }

    fn folder(&mut self, path: &Path, prefix: &str) -> Result<(), ReadError> {
        let failed = ReadError::of(path);
        let seen = self.seen(prefix);
        let entered = self.enter(path, seen.trim_end_matches('/'))?;
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let (inner, relative) = (entry.path(), format!("{prefix}{name}"));
            // As the core does: links to files are followed, links to folders are not.
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let kind = if is_folder { Kind::Folder } else { Kind::File };
            if self.attributes.leave_out(&self.seen_bytes(prefix, &entry.file_name()), kind) {
                self.left_out += 1;
            } else if is_folder {
                self.folder(&inner, &format!("{relative}/"))?;
            } else if inner.is_file() {
                self.files.push(SourceFile::new(relative, content(&inner, &name)?));
            }
        }
        if entered {
            self.attributes.leave();
        }
        Ok(())
    }

    /// The same of a name that need not be UTF-8, as Git has it.
    fn seen_bytes(&self, prefix: &str, name: &OsStr) -> Vec<u8> {
        [self.seen(prefix).as_bytes(), name.as_encoded_bytes()].concat()
    }

    /// A path below the folder, seen from the repository's root.
    fn seen(&self, relative: &str) -> String {
        if self.root.is_empty() { relative.to_owned() } else { format!("{}/{relative}", self.root) }
    }
}

fn content(path: &Path, name: &str) -> Result<Vec<u8>, ReadError> {
    let wanted = name == "dictionary.yml" || Path::new(name).extension().is_some_and(|extension| extension == "rb");
    if !wanted {
        return Ok(Vec::new());
    }
    let most = u64::try_from(limits::FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    read_up_to(path, most).map_err(ReadError::of(path))
}

/// A file, or as much of it.
fn read_up_to(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, most), &mut bytes)?;
    Ok(bytes)
}
