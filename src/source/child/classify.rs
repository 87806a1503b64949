//! Tells libgit2's errors apart.
//!
//! libgit2 has one code for many things, so its texts (of version 1.9, which is pinned with the crate) are read as well.
//! The tests against real servers keep this honest.

use git2::{ErrorClass, ErrorCode};

use super::known_hosts::knows;
use crate::source::SourceError;
use crate::source::wire::WireRemote;

/// The longest text of a host's that is passed on, in characters.
const LONGEST_DETAIL: usize = 200;

/// What `error` means for the person who wrote the URL and the Secret.
pub(super) fn classify(error: &git2::Error, remote: &WireRemote) -> SourceError {
    let host = remote.url.authority().to_owned();
    let url = remote.url.to_string();
    let detail = clean(error.message(), remote);
    match error.code() {
        ErrorCode::Certificate => return host_key(remote),
        ErrorCode::Auth => return refused(remote),
        ErrorCode::Timeout => {
            return SourceError::TimedOut { host, after: remote.deadline };
        }
        _ => {}
    }
    if remote.ssh.is_some() && matches!(error.class(), ErrorClass::Ssh | ErrorClass::Net) {
        return said_over_ssh(detail, remote);
    }
    let says = |texts: &[&str]| texts.iter().any(|text| error.message().contains(text));
    if says(&["invalid packet line"]) {
        return SourceError::NotARepository { url };
    }
    if says(&["object format"]) {
        return SourceError::Unsupported { url, detail };
    }
    if says(&["remote error: "]) {
        return SourceError::HostRefused { host, detail: in_its_words(&detail, remote) };
    }
    if says(&["timed out"]) {
        return SourceError::TimedOut { host, after: remote.deadline };
    }
    match error.class() {
        ErrorClass::NoMemory | ErrorClass::Filesystem => SourceError::Local { detail },
        ErrorClass::Indexer | ErrorClass::Zlib | ErrorClass::Odb | ErrorClass::Sha1 => {
            SourceError::Damaged { url, detail }
        }
        _ if says(&["No space left", "File too large"]) => SourceError::Local { detail },
        _ => SourceError::Unreachable { host, detail },
    }
}

fn refused(remote: &WireRemote) -> SourceError {
    SourceError::AuthenticationFailed {
        host: remote.url.authority().to_owned(),
        broken_line: remote.broken_line.clone(),
    }
}

/// The key that an SSH host shows is not among those that are known.
fn host_key(remote: &WireRemote) -> SourceError {
    let (name, port) = remote.url.host_and_port();
    let known = remote.ssh.as_ref().is_some_and(|key| knows(&key.known_hosts, name, port));
    let host = remote.url.authority().to_owned();
    if known { SourceError::HostKeyMismatch { host } } else { SourceError::HostKeyUnknown { host } }
}

/// What an SSH host, or its Git, says before it ends the connection.
fn said_over_ssh(detail: String, remote: &WireRemote) -> SourceError {
    let (host, url) = (remote.url.authority().to_owned(), remote.url.to_string());
    let says = |texts: &[&str]| texts.iter().any(|text| detail.to_ascii_lowercase().contains(text));
    if says(&["extract public key", "wrong passphrase", "unrecognized private key", "unable to open public key"]) {
        return SourceError::KeyUnusable { host };
    }
    if says(&["known_hosts", "known hosts"]) {
        return SourceError::KnownHostsUnusable { host };
    }
    if says(&[
        "not found",
        "does not exist",
        "does not appear to be a git",
        "could not be found",
        "cannot find repository",
    ]) {
        return SourceError::RepositoryNotFound { url };
    }
    if says(&["denied", "not authorized", "forbidden", "no access"]) {
        return SourceError::AccessDenied { url };
    }
    if says(&["timed out", "timeout"]) {
        return SourceError::TimedOut { host, after: remote.deadline };
    }
    if says(&["exchange encryption keys", "key exchange", "hostkey preference"]) {
        let detail =
            "SSH finds no cipher or kind of host key that both know (known_hosts may have a kind that the host lacks)"
                .to_owned();
        return SourceError::HostRefused { host, detail };
    }
    if says(&["failed to connect", "could not connect", "resolve", "refused", "socket"]) {
        return SourceError::Unreachable { host, detail };
    }
    SourceError::HostRefused { host, detail }
}

/// A text of libgit2's as one printable line without credentials: a host may send back what it was sent.
fn clean(text: &str, remote: &WireRemote) -> String {
    let secrets = [&remote.password, &remote.bearer].into_iter().flatten().filter(|secret| !secret.is_empty());
    let masked = secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"));
    let printable = masked.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line = printable.take(LONGEST_DETAIL).collect::<String>();
    line.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// What a host says of itself; it may name the user, or repeat the header with the credentials.
fn in_its_words(detail: &str, remote: &WireRemote) -> String {
    let words = detail.trim_start_matches("remote error: ");
    let words = words.split("Basic ").next().unwrap_or_default();
    match remote.username.as_deref() {
        Some(username) if !username.is_empty() => words.replace(username, "***"),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests;
