//! What can go wrong on the way to a host or with a file, in words of ours.
//!
//! The texts of libraries are written for those who program with them, change with their versions, and may quote what nobody should
//! read; so no condition, no event and no output has them. They go to the log, at level debug, where they are met.
//! One is shown all the same: where the file of hosts is no YAML, its parser says in which line.

pub mod shown;

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use crate::tls::{causes, tls_error};

/// What is wrong with a certificate, as the end of a sentence about it.
pub fn of_a_certificate(why: &CertificateError) -> &'static str {
    use CertificateError as E;
    match why {
        E::Expired | E::ExpiredContext { .. } => "it has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet",
        E::NotValidForName | E::NotValidForNameContext { .. } => "it is for another name",
        E::UnknownIssuer => "nobody whom the operator trusts has signed it",
        E::Revoked => "it was revoked",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "it is not for servers",
        E::BadEncoding => "it cannot be read",
        E::BadSignature => "its signature is wrong",
        E::UnhandledCriticalExtension => "it has an extension that is critical and not known",
        E::Other(_) => "it breaks a rule for certificates, such as being an authority's and a server's at once",
        _ => "it breaks a rule for certificates",
    }
}

/// Why TLS did not come about, as the rest of a sentence about the host; not for certificates.
pub fn of_tls(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::AlertReceived(alert) => of_an_alert(*alert),
        rustls::Error::InvalidMessage(_) => "it answers without TLS",
        rustls::Error::PeerIncompatible(_) => NOTHING_IN_COMMON,
        rustls::Error::NoCertificatesPresented => "it shows no certificate",
        _ => "TLS with it fails",
    }
}

const NOTHING_IN_COMMON: &str = "it takes no version or cipher of TLS that the operator has (TLS 1.2 and 1.3)";

fn of_an_alert(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::HandshakeFailure | A::ProtocolVersion | A::InsufficientSecurity => NOTHING_IN_COMMON,
        A::CertificateRequired => "it wants to be shown a client certificate",
        A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::UnknownCA
        | A::AccessDenied => "it refuses the client certificate, or the lack of one",
        A::UnrecognisedName => "it serves no host of this name",
        _ => "it ends the TLS connection",
    }
}

/// Why a request had no answer, as the rest of a sentence about the host.
pub fn of_a_request(error: &(dyn Error + 'static)) -> &'static str {
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(_)) => "its certificate is not trusted",
        Some(error) => of_tls(error),
        None => of_a_connection(error),
    }
}

/// Why a request had no answer, as the rest of a sentence about the host; not for what [`of_tls`] knows.
pub fn of_a_connection(error: &(dyn Error + 'static)) -> &'static str {
    let says = |text: &str| causes(error).any(|cause| cause.to_string().contains(text));
    let kind = causes(error).filter_map(|cause| cause.downcast_ref()).last().map(io::Error::kind);
    match kind {
        _ if says("lookup address") => "its name is not known",
        Some(ErrorKind::ConnectionRefused) => "it refuses connections on this port",
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => "there is no way to it",
        Some(ErrorKind::TimedOut) => "it does not answer in time",
        _ if says("tunnel") => "the proxy does not open a way there",
        _ if says("invalid HTTP") => "it does not answer in HTTP",
        _ if is_connecting(error) => "no connection comes about",
        _ => "the connection ended early",
    }
}

fn is_connecting(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect))
}

/// Why a file or folder of the operator's own could not be used, as the end of a sentence.
pub fn of_a_file(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "there is no room left on its disk",
        ErrorKind::FileTooLarge => "it would be larger than a file may be",
        ErrorKind::NotFound => "it is not there",
        ErrorKind::PermissionDenied => "the operator may not use it",
        ErrorKind::ReadOnlyFilesystem => "its disk can only be read",
        ErrorKind::OutOfMemory => "there is not enough memory",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "there is a file where a folder is meant",
        ErrorKind::InvalidData => "it is not text in UTF-8",
        _ => "the system refuses",
    }
}

/// An error with everything below it, for the log; without URLs, which may be signed.
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let told = causes(error).filter(|cause| !cause.is::<reqwest::Error>());
    told.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text that a library could bring is marked here, and no mark comes through.
    #[derive(Debug)]
    struct Marked(Option<Box<dyn Error + Send + Sync>>);

    impl std::fmt::Display for Marked {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("LIBRARY text (os error 7)")
        }
    }

    impl Error for Marked {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.as_deref().map(|inner| inner as &(dyn Error + 'static))
        }
    }

    #[test]
    fn no_connection_fails_in_a_librarys_words() {
        use ErrorKind as K;
        for (kind, words) in [
            (K::ConnectionRefused, "it refuses connections on this port"),
            (K::NetworkUnreachable, "there is no way to it"),
            (K::HostUnreachable, "there is no way to it"),
            (K::TimedOut, "it does not answer in time"),
            (K::ConnectionReset, "the connection ended early"),
            (K::UnexpectedEof, "the connection ended early"),
            (K::Other, "the connection ended early"),
        ] {
            let error = Marked(Some(Box::new(io::Error::new(kind, Marked(None)))));
            assert_eq!(of_a_connection(&error), words, "{kind:?}");
            assert!(in_full(&error).starts_with("LIBRARY text (os error 7): "), "the log has it all");
        }
    }

    #[test]
    fn every_alert_is_told_in_words() {
        for code in 0..=u8::MAX {
            let words = of_an_alert(AlertDescription::from(code));
            assert!(words.starts_with("it ") && !words.contains("Alert"), "{code}: {words}");
        }
        assert!(of_an_alert(AlertDescription::UnknownCA).contains("client certificate"));
    }

    #[test]
    fn a_full_disk_is_said_to_be_full() {
        assert_eq!(of_a_file(&io::Error::from_raw_os_error(28)), "there is no room left on its disk");
        assert_eq!(of_a_file(&io::Error::other(Marked(None))), "the system refuses");
    }
}
