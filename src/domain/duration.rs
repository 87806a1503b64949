//! Durations as people write them in Kubernetes objects.

use super::{Malformed, text_value};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A duration of whole numbers with the units `h`, `m` and `s` in that order, such as `1h30m` or `45s`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(String);
text_value!(Span);

const RULE: &str = "use whole hours, minutes and seconds, such as 1h30m, 10m or 45s, at most 8760h in all";
const LONGEST_SECONDS: u64 = 8760 * 3600;

impl Span {
    /// The length of time.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(seconds(&self.0).unwrap_or(0))
    }
}

/// `None` where the text breaks the rule.
fn seconds(text: &str) -> Option<u64> {
    let (mut total, mut rest, mut found) = (0_u64, text, false);
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(length)?)?;
            (rest, found) = (after, true);
        }
    }
    (found && rest.is_empty() && total <= LONGEST_SECONDS).then_some(total)
}

impl std::str::FromStr for Span {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        seconds(text).map(|_| Self(text.into())).ok_or_else(|| Malformed::new("a duration", text, RULE))
    }
}
