//! Names of Git branches and tags.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};

/// The short name of a branch or tag, by the rules of `git check-ref-format`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitRef(String);
text_value!(GitRef);

impl std::str::FromStr for GitRef {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
        let part_is_fine = |part: &str| {
            let extension = std::path::Path::new(part).extension();
            !part.is_empty() && !part.starts_with('.') && extension.is_none_or(|extension| extension != "lock")
        };
        let fine = !text.is_empty()
            && text.len() <= 255
            && text != "@"
            && !text.starts_with('-')
            && !text.ends_with('.')
            && !text.contains(forbidden)
            && !text.contains("..")
            && !text.contains("@{")
            && text.split('/').all(part_is_fine);
        fine.then(|| Self(text.into())).ok_or_else(|| {
            Malformed::new("a Git ref name", text, "give the short name of a branch or tag as `git branch` prints it")
        })
    }
}
