//! Reads `WWW-Authenticate` (RFC 9110, section 11).

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
        let offered = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let mut found: Vec<Self> = offered.filter_map(Self::parse).collect();
        found.sort_by_key(|challenge| matches!(challenge, Self::Basic));
        found.into_iter().next()
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                "scope" => scope = Some(value),
                _ => {}
            }
        }
        realm.map(|realm| Self::Bearer { realm, service, scope })
    }
}

/// `name="value", name=value`; a quoted value may hold commas and escaped characters.
fn parameters(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let mut value = String::new();
        let mut end = after.len();
        let mut chars = after.char_indices();
        if after.starts_with('"') {
            chars.next();
            while let Some((i, c)) = chars.next() {
                match c {
                    '"' => {
                        end = i + 1;
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
                    c => value.push(c),
                }
            }
        } else {
            end = after.find(',').unwrap_or(after.len());
            after[..end].trim().clone_into(&mut value);
        }
        found.push((name.trim_matches([' ', ',']), value));
        rest = &after[end..];
    }
    found
}

#[cfg(test)]
mod tests;
