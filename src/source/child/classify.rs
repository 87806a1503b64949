//! Tells libgit2's errors apart.
//!
//! libgit2 has one code for many things, so its texts (of version 1.9, which is pinned with the crate) are read as well.
//! The tests against real servers keep this honest.

use git2::{ErrorClass, ErrorCode};

use super::host::Incidents;
use crate::source::SourceError;
use crate::source::wire::WireRemote;

/// The longest text of a host's that is passed on, in characters.
const LONGEST_DETAIL: usize = 200;

/// What `error` means for the person who wrote the URL and the Secret.
pub(super) fn classify(error: &git2::Error, remote: &WireRemote, incidents: &Incidents) -> SourceError {
    let host = remote.url.authority().to_owned();
    let url = remote.url.to_string();
    let detail = clean(error.message(), remote);
    if incidents.asked_elsewhere.get() {
        return SourceError::Redirected { url, detail: "the new address asks for credentials".to_owned() };
    }
    match error.code() {
        ErrorCode::Certificate => return SourceError::CertificateInvalid { host, detail },
        ErrorCode::Auth => return authentication(error, remote, detail),
        ErrorCode::Timeout => {
            return SourceError::TimedOut { host, after: remote.deadline };
        }
        _ => {}
    }
    let says = |texts: &[&str]| texts.iter().any(|text| error.message().contains(text));
    if let Some(status) = http_status(error.message()) {
        return by_status(status, host, url);
    }
    if says(&["invalid content-type", "no content-type header", "invalid packet line"]) {
        return SourceError::NotARepository { url };
    }
    if says(&["object format"]) {
        return SourceError::Unsupported { url, detail };
    }
    if says(&["cannot redirect", "unexpected redirect", "redirect without location"]) {
        return SourceError::Redirected { url, detail };
    }
    if says(&["failed to connect"]) && says(&["Permission denied"]) {
        // The kernel keeps this process from every port but the URL's own.
        return SourceError::Redirected { url, detail: "the new address has another port".to_owned() };
    }
    if says(&["too many redirects or authentication replays"]) {
        return match incidents.presented.get() {
            0 => SourceError::Redirected { url, detail },
            _ => SourceError::AuthenticationFailed { host },
        };
    }
    if says(&["proxy returned", "proxy requires"]) {
        return SourceError::ProxyRefused { host, detail };
    }
    if says(&["remote error: "]) {
        return SourceError::HostRefused { host, detail: in_its_words(&detail, remote) };
    }
    if says(&["received early EOF"]) {
        // libgit2 says this also of a certificate without any address, when the URL has an address for a host.
        let detail = "the TLS connection ended early (is the certificate for this very name?)".to_owned();
        return SourceError::Unreachable { host, detail };
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

fn authentication(error: &git2::Error, remote: &WireRemote, detail: String) -> SourceError {
    let host = remote.url.authority().to_owned();
    if error.message().starts_with("proxy") {
        return SourceError::ProxyRefused { host, detail };
    }
    match remote.username {
        Some(_) => SourceError::AuthenticationFailed { host },
        None => SourceError::AuthenticationRequired { host },
    }
}

fn http_status(message: &str) -> Option<u16> {
    message.strip_prefix("unexpected http status code: ")?.trim().parse().ok()
}

fn by_status(status: u16, host: String, url: String) -> SourceError {
    match status {
        401 => SourceError::AuthenticationFailed { host },
        403 => SourceError::AccessDenied { url },
        404 | 410 => SourceError::RepositoryNotFound { url },
        429 => SourceError::RateLimited { host, retry_after: None },
        _ => SourceError::HostFailed { host, status },
    }
}

/// A text of libgit2's as one printable line without credentials: a host may send back what it was sent, and libgit2 quotes
/// the proxy's URL.
fn clean(text: &str, remote: &WireRemote) -> String {
    let secrets = [&remote.proxy, &remote.password].into_iter().flatten().filter(|secret| !secret.is_empty());
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
