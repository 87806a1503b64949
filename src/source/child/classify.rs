//! Tells libgit2's errors apart, and says them in our words.
//!
//! libgit2 has one code for many things, so its texts (of version 1.9, which is pinned with the crate) are read as well, and none of
//! them is passed on: they go to the log. What a host says of itself is: it is quoted as that. The tests against real servers keep
//! this honest.

use git2::{ErrorClass, ErrorCode};

use super::known_hosts::HostKeys;
use crate::source::SourceError;
use crate::source::wire::WireRemote;
use crate::words::shown::shown_without;

/// The longest text of a host's that is passed on, in characters.
const LONGEST_DETAIL: usize = 200;

/// What libgit2 and libssh2 put before what they have to say of an SSH connection. Everything else of that class is what the host
/// wrote to its standard error.
const OF_LIBRARIES: [&str; 19] = [
    "SSH could not ",
    "Failed to open SSH channel",
    "authentication callback ",
    "authentication required ",
    "callback failed ",
    "error authenticating",
    "error checking for known host",
    "error initializing known hosts",
    "error loading known_hosts",
    "error reading known_hosts",
    "failed to authenticate SSH session",
    "failed to retrieve hostkey",
    "failed to set hostkey preference",
    "failed to start SSH session",
    "invalid or unknown remote ssh hostkey",
    "remote rejected authentication",
    "unable to get the host key",
    "unable to initialize libssh2",
    "username does not match",
];

/// What libgit2 puts before the words of a host that speaks Git.
const OF_THE_HOST: &str = "remote error: ";

/// What `error` means for the person who wrote the URL and the Secret.
pub(super) fn classify(error: &git2::Error, remote: &WireRemote) -> SourceError {
    log(error, remote);
    let (host, url) = (remote.url.authority().to_owned(), remote.url.to_string());
    match error.code() {
        ErrorCode::Certificate => return host_key(remote),
        ErrorCode::Auth => return refused(remote),
        ErrorCode::Timeout => return SourceError::TimedOut { host, after: remote.deadline },
        _ => {}
    }
    if let Some(words) = error.message().strip_prefix(OF_THE_HOST) {
        return said_by_the_host(words, remote);
    }
    if remote.ssh.is_some() && error.class() == ErrorClass::Ssh {
        let is_a_librarys = OF_LIBRARIES.iter().any(|known| error.message().starts_with(known));
        return if is_a_librarys { over_ssh(error, remote) } else { said_by_the_host(error.message(), remote) };
    }
    let says = |texts: &[&str]| texts.iter().any(|text| error.message().contains(text));
    if says(&["invalid packet line"]) {
        return SourceError::NotARepository { url };
    }
    if says(&["object format"]) {
        return SourceError::Unsupported { url, detail: "the names of its objects are not SHA-1".to_owned() };
    }
    if says(&["timed out"]) {
        return SourceError::TimedOut { host, after: remote.deadline };
    }
    match error.class() {
        ErrorClass::NoMemory => SourceError::Local { detail: "there is not enough memory".to_owned() },
        ErrorClass::Filesystem | ErrorClass::Os => SourceError::Local { detail: on_this_disk(error).to_owned() },
        _ if says(&["No space left", "File too large"]) => {
            SourceError::Local { detail: on_this_disk(error).to_owned() }
        }
        ErrorClass::Net | ErrorClass::Http | ErrorClass::Ssl | ErrorClass::Ssh => {
            SourceError::Unreachable { host, detail: of_the_connection(error.message()).to_owned() }
        }
        class => match damage_told_by(class) {
            Some(detail) => SourceError::Damaged { url, detail: detail.to_owned() },
            None => SourceError::Local { detail: "Git's library gives up".to_owned() },
        },
    }
}

/// What libgit2 says, into the log, without credentials: a host may send back what it was sent.
pub(super) fn log(error: &git2::Error, remote: &WireRemote) {
    let text = in_its_words(error.message(), remote);
    tracing::debug!(class = ?error.class(), code = ?error.code(), text, "Git's library gives up");
}

/// What is not as it should be about what was sent.
pub(super) fn damage(error: &git2::Error) -> &'static str {
    damage_told_by(error.class()).unwrap_or("an object cannot be read")
}

fn damage_told_by(class: ErrorClass) -> Option<&'static str> {
    Some(match class {
        ErrorClass::Indexer => "the objects that it sends do not come as a whole",
        ErrorClass::Zlib => "an object cannot be unpacked",
        ErrorClass::Sha1 | ErrorClass::Odb => "an object is missing, or is not what its name says",
        ErrorClass::Object | ErrorClass::Tree | ErrorClass::Tag => "an object cannot be read",
        ErrorClass::Reference => "a reference has a name that none can have",
        _ => return None,
    })
}

fn on_this_disk(error: &git2::Error) -> &'static str {
    let text = error.message();
    if text.contains("No space left") || text.contains("quota") {
        "there is no room left in its folder"
    } else if text.contains("File too large") {
        "what it receives is larger than a file may be there"
    } else {
        "its folder cannot be used"
    }
}

/// Why there is no connection any more, as the rest of a sentence about the host.
fn of_the_connection(text: &str) -> &'static str {
    let text = text.to_ascii_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|known| text.contains(known));
    if says(&["resolve"]) {
        "its name is not known"
    } else if says(&["connection refused"]) {
        "it refuses connections on this port"
    } else if says(&["no route", "unreachable"]) {
        "there is no way to it"
    } else if says(&["banner"]) {
        "it does not answer as an SSH host"
    } else if says(&["failed to connect", "could not connect"]) {
        "no connection comes about"
    } else {
        "the connection ended early"
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
    let known = remote.ssh.as_ref().is_some_and(|key| HostKeys::of(&key.known_hosts, name, port).is_known());
    let host = remote.url.authority().to_owned();
    if known { SourceError::HostKeyMismatch { host } } else { SourceError::HostKeyUnknown { host } }
}

/// What went wrong on an SSH connection, by the texts of libgit2 and libssh2.
fn over_ssh(error: &git2::Error, remote: &WireRemote) -> SourceError {
    let (host, text) = (remote.url.authority().to_owned(), error.message().to_ascii_lowercase());
    let says = |texts: &[&str]| texts.iter().any(|known| text.contains(known));
    if says(&["extract public key", "wrong passphrase", "unrecognized private key", "unable to open public key"]) {
        let key = remote.ssh.as_ref().map_or_else(String::new, |key| key.name.clone());
        return SourceError::KeyUnusable { host, key };
    }
    if says(&["known_hosts", "known hosts"]) {
        return SourceError::KnownHostsUnusable { host };
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
    if says(&["execute request", "open ssh channel"]) {
        return SourceError::HostRefused { host, detail: "it lets nobody run Git with this key".to_owned() };
    }
    SourceError::Unreachable { host, detail: of_the_connection(&text).to_owned() }
}

/// What an SSH host, or its Git, says before it ends the connection. Of a single object ("not our ref", "object … does not exist") it is
/// said that the host refuses: the repository is there.
fn said_by_the_host(words: &str, remote: &WireRemote) -> SourceError {
    let url = remote.url.to_string();
    let text = words.to_ascii_lowercase();
    let says = |texts: &[&str]| remote.ssh.is_some() && texts.iter().any(|known| text.contains(known));
    let of_an_object =
        ["not our ref", "unadvertised object", "object ", "commit "].iter().any(|known| text.contains(known));
    if !of_an_object
        && says(&[
            "not found",
            "does not exist",
            "does not appear to be a git",
            "could not be found",
            "cannot find repository",
        ])
    {
        return SourceError::RepositoryNotFound { url };
    }
    if says(&["denied", "not authorized", "forbidden", "no access"]) {
        return SourceError::AccessDenied { url };
    }
    SourceError::HostRefused { host: remote.url.authority().to_owned(), detail: in_its_words(words, remote) }
}

/// What a host says, as one printable line without credentials: it may name the user, or repeat the header with the credentials.
pub(super) fn in_its_words(text: &str, remote: &WireRemote) -> String {
    let text = text.split("Basic ").next().unwrap_or_default();
    let passphrase = remote.ssh.as_ref().and_then(|key| key.passphrase.as_ref());
    let secrets = [remote.password.as_ref(), remote.bearer.as_ref(), remote.username.as_ref(), passphrase];
    let line: String = shown_without(text, secrets.into_iter().flatten()).chars().take(LONGEST_DETAIL).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
