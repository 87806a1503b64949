//! Reads a `.dockerconfigjson` and finds the entry that belongs to a repository.
//!
//! Entries are matched as the kubelet's keyring matches them, so that what the operator may push its pods may pull: an entry
//! names a host, a host with port, or a host with a path prefix; `*` stands for anything within one part of
//! the host's name; of several that match, the one that sorts last (the longest prefix) is used. Docker Hub's historical
//! names count as one host.
//!
//! Nothing is ever executed: credential helpers, which a tenant could name, are not consulted. Secret values appear neither in
//! errors nor in `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

mod matching;

use matching::EntryKey;

/// The key of a Secret of type `kubernetes.io/dockerconfigjson`.
pub const SECRET_KEY: &str = ".dockerconfigjson";

/// A user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    /// The user name.
    pub username: String,
    /// The password or access token.
    pub password: String,
}

impl Basic {
    /// `user:password` in base64, as HTTP's Basic scheme sends it.
    pub(super) fn encoded(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.username, self.password))
    }

    /// Everything that must not show up in a text, in the forms in which somebody could repeat it to us.
    pub(super) fn masked_forms(&self) -> Vec<String> {
        let forms = [self.password.clone(), self.username.clone(), self.encoded()];
        forms.into_iter().filter(|form| !form.is_empty()).collect()
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basic(..)")
    }
}

/// What a `.dockerconfigjson` holds, in the order in which its entries are tried.
#[derive(Clone)]
pub struct Credentials {
    entries: Vec<(EntryKey, Result<Basic, EntryError>)>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|(key, _)| key.as_str())).finish()
    }
}

/// Why credentials cannot be used. Never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Not JSON, or not of the expected shape.
    #[error("key {SECRET_KEY} is not a docker config: {what} at line {line} column {column}")]
    NotJson {
        /// What kind of fault it is.
        what: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The entry that belongs to the repository is of no use.
    #[error("key {SECRET_KEY}, entry {key:?}: {why}")]
    Entry {
        /// The entry's key under `auths`.
        key: String,
        /// What is wrong with it.
        why: EntryError,
    },
}

/// What is wrong with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Holds an identity token.
    #[error("has an identitytoken; only a user name and a password (or access token) can be used")]
    IdentityToken,
    /// The `auth` field is not base64.
    #[error("field auth is not base64")]
    NotBase64,
    /// The `auth` field has no colon.
    #[error("field auth is not the base64 form of user:password")]
    NoColon,
    /// No user name or no password.
    #[error("has neither auth nor both username and password")]
    Empty,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    auths: BTreeMap<String, Fields>,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    identitytoken: Option<String>,
}

impl Credentials {
    /// Reads the content of a `.dockerconfigjson`. An entry that cannot be used is an error only for what it belongs to.
    pub fn parse(json: &[u8]) -> Result<Self, CredentialsError> {
        let file: File = serde_json::from_slice(json).map_err(|error| CredentialsError::NotJson {
            // The error's own text may quote the value it stumbled over.
            what: match error.classify() {
                serde_json::error::Category::Data => "a value of the wrong type",
                serde_json::error::Category::Eof => "an unexpected end",
                serde_json::error::Category::Syntax | serde_json::error::Category::Io => "a syntax error",
            },
            line: error.line(),
            column: error.column(),
        })?;
        let mut entries: Vec<_> =
            file.auths.into_iter().map(|(key, fields)| (EntryKey::new(key), fields.login())).collect();
        entries.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(Self { entries })
    }

    /// The login for `path` on `host` (with its port, if it has one), if there is an entry for it.
    pub fn for_repository(&self, host: &str, path: &str) -> Result<Option<Basic>, CredentialsError> {
        let Some((key, login)) = self.entries.iter().find(|(key, _)| key.matches(host, path)) else {
            return Ok(None);
        };
        match login {
            Ok(basic) => Ok(Some(basic.clone())),
            Err(why) => Err(CredentialsError::Entry { key: key.as_str().to_owned(), why: *why }),
        }
    }
}

impl Fields {
    fn login(self) -> Result<Basic, EntryError> {
        let given = |field: Option<String>| field.filter(|value| !value.is_empty());
        if given(self.identitytoken).is_some() {
            return Err(EntryError::IdentityToken);
        }
        if let Some(auth) = given(self.auth) {
            return decode(&auth);
        }
        match (given(self.username), given(self.password)) {
            (Some(username), Some(password)) => Ok(Basic { username, password }),
            _ => Err(EntryError::Empty),
        }
    }
}

fn decode(auth: &str) -> Result<Basic, EntryError> {
    // Tools that write base64 break its lines, and Docker and the kubelet read over that.
    let auth: String = auth.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(auth).map_err(|_| EntryError::NotBase64)?;
    let text = String::from_utf8(bytes).map_err(|_| EntryError::NoColon)?;
    let (username, password) = text.split_once(':').ok_or(EntryError::NoColon)?;
    Ok(Basic { username: username.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests;
