//! Content digests.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// `sha256:` and 64 lower-case hexadecimal digits, as OCI registries write it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);
text_value!(Digest);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes))))
    }

    /// The digest that a SHA-256 of 32 bytes stands for.
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        Self(format!("sha256:{}", hex::encode(hash)))
    }

    /// The 64 digits without `sha256:`.
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }

    /// The first `digits` (at most 64) of the digits.
    pub fn short(&self, digits: usize) -> &str {
        &self.hex()[..digits.min(64)]
    }
}

impl std::str::FromStr for Digest {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let valid = text.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        });
        valid
            .then(|| Self(text.into()))
            .ok_or_else(|| Malformed::new("a digest", text, "give sha256: and 64 hexadecimal digits, in lower case"))
    }
}
