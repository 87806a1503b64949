//! What a registry's `WWW-Authenticate` offers that we can do.

use http_auth::{ChallengeParser, ChallengeRef};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// How a registry wants to be authenticated to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// With user name and password.
    Basic,
    /// With a token from `realm`.
    Bearer {
        realm: String,
        service: Option<String>,
        /// The scopes that this request needs, in the registry's words.
        scope: Option<String>,
    },
}

impl Challenge {
    /// The one we use: a token, if it is offered.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut found: Vec<Self> = read(headers, Self::understand);
        found.sort_by_key(|challenge| matches!(challenge, Self::Basic));
        found.into_iter().next()
    }

    fn understand(offered: &ChallengeRef<'_>) -> Option<Self> {
        if offered.scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        let parameter = |wanted: &str| {
            let found = offered.params.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.to_unescaped())
        };
        let realm = parameter("realm").filter(|_| offered.scheme.eq_ignore_ascii_case("bearer"))?;
        Some(Self::Bearer { realm, service: parameter("service"), scope: parameter("scope") })
    }
}

/// The names of everything that is offered.
pub(super) fn schemes(headers: &HeaderMap) -> Vec<String> {
    read(headers, |offered| Some(offered.scheme.to_owned()))
}

/// One header may offer several, and there may be several headers. What comes before a fault in one of them counts.
fn read<T>(headers: &HeaderMap, each: impl Fn(&ChallengeRef<'_>) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    for value in headers.get_all(WWW_AUTHENTICATE) {
        // A realm in somebody's own language says nothing to us.
        let text: String = value.as_bytes().iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect();
        found.extend(ChallengeParser::new(&text).map_while(Result::ok).filter_map(|offered| each(&offered)));
    }
    found
}

#[cfg(test)]
mod tests;
