//! Short names for "these very inputs".

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// Sixteen hexadecimal digits that stand for everything that decides what an image holds.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BuildKey(String);
text_value!(BuildKey);

/// Sixteen hexadecimal digits that stand for everything that decides what a release runs:
/// one key has one release.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseKey(String);
text_value!(ReleaseKey);

/// Hashes labelled parts so that no two lists of parts give the same bytes.
#[derive(Default)]
pub struct KeyHasher(sha2::Sha256);

impl KeyHasher {
    /// Adds one part under its label.
    #[must_use]
    pub fn part(mut self, label: &str, value: impl AsRef<[u8]>) -> Self {
        for bytes in [label.as_bytes(), value.as_ref()] {
            self.0.update((bytes.len() as u64).to_be_bytes());
            self.0.update(bytes);
        }
        self
    }

    /// The key of an image.
    pub fn build_key(self) -> BuildKey {
        BuildKey(self.digits())
    }

    /// The key of a release.
    pub fn release_key(self) -> ReleaseKey {
        ReleaseKey(self.digits())
    }

    /// All sixty-four hexadecimal digits, for what keeps one tenant's from another's.
    pub fn all_digits(self) -> String {
        hex::encode(self.0.finalize())
    }

    /// The first sixteen hexadecimal digits.
    pub fn digits(self) -> String {
        hex::encode(self.number().to_be_bytes())
    }

    /// The number that these digits are.
    pub fn number(self) -> u64 {
        self.0.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

fn parse(text: &str) -> Result<String, Malformed> {
    let fine = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    fine.then(|| text.to_owned()).ok_or_else(|| Malformed::new("a key", text, "give 16 hexadecimal digits"))
}

impl std::str::FromStr for BuildKey {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).map(Self)
    }
}

impl std::str::FromStr for ReleaseKey {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).map(Self)
    }
}
