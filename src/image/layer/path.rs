//! Which names and link targets may get into an image.

/// The longest name a file system takes, in bytes (`NAME_MAX` of Linux).
const LONGEST_PART: usize = 255;

/// The longest path we pack, in bytes: `PATH_MAX` of Linux (4096) less room for where the tree lies.
const LONGEST_PATH: usize = 3072;

/// The rule that a path breaks. Each message continues a sentence that begins with the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Begins with `/`.
    #[error("is an absolute name; names must be relative to the definition's root")]
    Absolute,
    /// Has `.`, `..` or nothing between two slashes.
    #[error("has a part that is empty, \".\" or \"..\"; a name must lead straight into the tree")]
    NotStraight,
    /// Has a part that begins with `.wh.`: layers mean deletion by that.
    #[error("has a part that begins with \".wh.\"; image layers delete files by such names, so rename it")]
    Whiteout,
    /// Has a NUL character.
    #[error("has a NUL character, which no file system takes")]
    Nul,
    /// Is longer than a file system takes.
    #[error("is too long: at most 255 bytes a part and 3072 in all")]
    TooLong,
    /// Twice in one tree.
    #[error("is in the tree twice")]
    Duplicate,
    /// Needed as a file and as a folder.
    #[error("is both a file and a folder")]
    FileAndFolder,
    /// A link to an absolute path.
    #[error("is a link to the absolute path {0:?}; only links inside the definition are packed")]
    LinkAbsolute(String),
    /// A link that leaves the tree, or could.
    #[error(
        "is a link to {0:?}, which leads out of the definition or goes back up after going down; only plain links inside the definition are packed"
    )]
    LinkLeaves(String),
    /// A link to nothing.
    #[error("is a link without a target")]
    LinkEmpty,
}

/// Checks the name of a file.
pub(super) fn check(path: &str) -> Result<(), PathError> {
    if path.starts_with('/') {
        return Err(PathError::Absolute);
    }
    if path.contains('\0') {
        return Err(PathError::Nul);
    }
    if path.len() > LONGEST_PATH || path.split('/').any(|part| part.len() > LONGEST_PART) {
        return Err(PathError::TooLong);
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(PathError::NotStraight);
    }
    if path.split('/').any(|part| part.starts_with(".wh.")) {
        return Err(PathError::Whiteout);
    }
    Ok(())
}

/// Checks where the link at `path` (already checked) points.
///
/// A target may climb first and then only descend. The folders above a link are real ones, so the climb is exact; what it
/// then descends through may be links, but those were held to the same rule. A target that climbs after descending could
/// be led out of the tree by a link on its way, so it is refused, even if it happens to stay inside.
pub(super) fn check_target(path: &str, target: &str) -> Result<(), PathError> {
    if target.is_empty() {
        return Err(PathError::LinkEmpty);
    }
    if target.starts_with('/') {
        return Err(PathError::LinkAbsolute(target.to_owned()));
    }
    if target.contains('\0') {
        return Err(PathError::Nul);
    }
    if target.len() > LONGEST_PATH {
        return Err(PathError::TooLong);
    }
    let depth = path.matches('/').count();
    let mut climbed = 0;
    let mut descended = false;
    for part in target.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            climbed += 1;
            if descended || climbed > depth {
                return Err(PathError::LinkLeaves(target.to_owned()));
            }
        } else {
            descended = true;
        }
    }
    Ok(())
}
