//! Git commit ids.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};

/// A full Git object id of a commit: 40 lower-case hexadecimal digits (SHA-1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitId(String);
text_value!(CommitId);

impl CommitId {
    /// The first seven digits: what people say and read.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl std::str::FromStr for CommitId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let hex = text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        hex.then(|| Self(text.into()))
            .ok_or_else(|| Malformed::new("a commit id", text, "give all 40 hexadecimal digits, in lower case"))
    }
}
