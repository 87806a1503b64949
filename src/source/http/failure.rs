//! What the lack of an answer means.

use std::error::Error;
use std::io::{self, ErrorKind};

use super::Conversation;
use crate::source::SourceError;
use crate::tls::causes;

impl Conversation<'_> {
    /// What a request without an answer, or an answer that breaks off, means.
    pub(in crate::source) fn failure(&self, error: &reqwest::Error) -> SourceError {
        let host = self.host();
        match cause_in::<rustls::Error>(error) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                return SourceError::CertificateInvalid { host, detail: certificate(why) };
            }
            Some(rustls::Error::InvalidMessage(_)) => {
                let detail = "it answers without TLS; if it is an http host, write http:// into the URL".to_owned();
                return SourceError::Unreachable { host, detail };
            }
            Some(rustls::Error::AlertReceived(alert)) => {
                let detail = format!("it ends the TLS connection ({alert:?})");
                return SourceError::Unreachable { host, detail };
            }
            Some(_) => return SourceError::Unreachable { host, detail: "TLS with it fails".to_owned() },
            None => {}
        }
        let texts: Vec<_> = causes(error).map(ToString::to_string).collect();
        if self.remote.access.proxy.is_some() && texts.iter().any(|text| text.contains("tunnel")) {
            let detail = "it does not open a way there".to_owned();
            return SourceError::ProxyRefused { host, detail };
        }
        SourceError::Unreachable { host, detail: self.happened(error, &texts).to_owned() }
    }

    fn happened(&self, error: &reqwest::Error, texts: &[String]) -> &'static str {
        match cause_in::<io::Error>(error).map(io::Error::kind) {
            _ if texts.iter().any(|text| text.contains("lookup address")) => "its name is not known",
            Some(ErrorKind::ConnectionRefused) => "it refuses connections on this port",
            Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => "there is no way to it",
            _ if texts.iter().any(|text| text.contains("invalid HTTP")) && self.remote.url.is_plain_http() => {
                "it does not answer in http; if it is an https host, write https:// into the URL"
            }
            _ if error.is_connect() => "no connection comes about",
            _ => "the connection ended early",
        }
    }
}

fn cause_in<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).filter_map(|cause| cause.downcast_ref()).last()
}

/// What is wrong with a certificate, in words.
fn certificate(why: &rustls::CertificateError) -> String {
    use rustls::CertificateError as E;
    let words = match why {
        E::Expired | E::ExpiredContext { .. } => "it has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "it is not valid yet",
        E::NotValidForName | E::NotValidForNameContext { .. } => "it is for another name",
        E::UnknownIssuer => "nobody whom the operator trusts has signed it",
        E::Revoked => "it was revoked",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "it is not for servers",
        E::BadEncoding => "it cannot be read",
        other => return format!("it is refused ({other:?})").chars().take(super::LONGEST_DETAIL).collect(),
    };
    words.to_owned()
}
