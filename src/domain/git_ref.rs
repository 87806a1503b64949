//! Names of Git branches, tags and other refs.

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
        is_well_formed(text).then(|| Self(text.into())).ok_or_else(|| {
            Malformed::new("a Git ref name", text, "give the short name of a branch or tag as `git branch` prints it")
        })
    }
}

/// The full name of any ref, such as `refs/heads/main` or `refs/pull/7/head`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FullRef(String);
text_value!(FullRef);

impl std::str::FromStr for FullRef {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let is_below_refs = text.strip_prefix("refs/").is_some_and(|rest| !rest.is_empty());
        (is_below_refs && is_well_formed(text)).then(|| Self(text.into())).ok_or_else(|| {
            let rule = "give it in full as `git ls-remote` prints it, such as refs/heads/main";
            Malformed::new("the full name of a Git ref", text, rule)
        })
    }
}

/// Whether `git check-ref-format` takes it, one level being enough, within the length that this API has for names.
pub(super) fn is_well_formed(text: &str) -> bool {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let part_is_fine = |part: &str| {
        let extension = std::path::Path::new(part).extension();
        !part.is_empty() && !part.starts_with('.') && extension.is_none_or(|extension| extension != "lock")
    };
    !text.is_empty()
        && text.len() <= 255
        && text != "@"
        && !text.starts_with('-')
        && !text.ends_with('.')
        && !text.contains(forbidden)
        && !text.contains("..")
        && !text.contains("@{")
        && text.split('/').all(part_is_fine)
}
