//! Paths inside a Git tree.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};

/// A folder inside a repository, relative to its root; empty for the root itself.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreePath(String);
text_value!(TreePath);

impl TreePath {
    /// Whether this is the repository's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::str::FromStr for TreePath {
    type Err = Malformed;
    /// Leading `./` and trailing `/` are dropped; `.` is the root.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let trimmed = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
        let trimmed = if trimmed == "." { "" } else { trimmed };
        let absolute = text.starts_with('/');
        let part_is_fine = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\0', '\\']);
        let fine = !absolute && trimmed.len() <= 1024 && (trimmed.is_empty() || trimmed.split('/').all(part_is_fine));
        fine.then(|| Self(trimmed.into())).ok_or_else(|| {
            Malformed::new("a folder in a repository", text, "give a path relative to the root, without .. in it")
        })
    }
}
