//! Values that cannot be wrong: each is made by parsing, and its rule stands with its type.
//!
//! Nothing here does I/O, and nothing here knows Kubernetes.

mod commit;
mod deployment_name;
mod digest;
mod duration;
mod git_ref;
mod host_release;
mod image;
mod key;
mod name;
mod natural;
mod object_name;
mod path;
mod retry_after;
mod shard;
mod tag_choice;
mod tag_mismatch;
mod tag_template;
#[cfg(test)]
mod tests;
mod url;

pub use commit::CommitId;
pub use deployment_name::DeploymentName;
pub use digest::Digest;
pub use duration::Span;
pub use git_ref::{FullRef, GitRef};
pub use host_release::{ApiUrl, GitProvider, HostRelease, ReleaseStage, is_of_the_same_host};
pub use image::{BaseReference, ImageRepository, Platform};
pub use key::{BuildKey, KeyHasher, ReleaseKey};
pub use name::{ChildName, Component, Place, ReleaseName};
pub use object_name::ObjectName;
pub use path::TreePath;
pub use retry_after::retry_after;
pub use shard::{NoShard, Shard};
pub use tag_choice::{TagChoice, TagJudge, TagOrder, TagPattern, TagRank, VersionRange, is_read_as_written};
pub use tag_mismatch::{Lack, TagMismatch};
pub use tag_template::TagTemplate;
pub use url::{GitScheme, RepositoryUrl};

/// A text that does not follow the rule of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {what}: {rule}")]
pub struct Malformed {
    /// What the text should have been, with its article.
    pub what: &'static str,
    /// The text, cut to 100 characters.
    pub value: String,
    /// The rule, as an instruction.
    pub rule: &'static str,
}

impl Malformed {
    fn new(what: &'static str, value: &str, rule: &'static str) -> Self {
        Self { what, value: value.chars().take(100).collect(), rule }
    }
}

/// `Display`, `Debug`, `AsRef<str>` and serde (as a string, parsed on the way in) for a newtype around `String`.
macro_rules! text_value {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::domain::Malformed;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}
use text_value;
