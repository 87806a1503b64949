//! Names of the Kubernetes objects that a spec refers to.

use super::{Malformed, text_value};

/// The name of a Secret, `ConfigMap` or `ServiceAccount`: a DNS subdomain (RFC 1123), so that it can stand in a path of the API.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(String);
text_value!(ObjectName);

impl std::str::FromStr for ObjectName {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let part_is_fine = |part: &str| {
            let bytes = part.as_bytes();
            let edges = bytes.first().copied().is_some_and(plain) && bytes.last().copied().is_some_and(plain);
            edges && bytes.iter().all(|b| plain(*b) || *b == b'-')
        };
        let fine = text.len() <= 253 && text.split('.').all(part_is_fine);
        fine.then(|| Self(text.into()))
            .ok_or_else(|| Malformed::new("the name of an object", text, "use lower-case letters, digits, - and ."))
    }
}
