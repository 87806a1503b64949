//! What the lack of an answer means.

use super::Conversation;
use crate::source::SourceError;
use crate::tls::{causes, tls_error};
use crate::words;

impl Conversation<'_> {
    /// What a request without an answer, or an answer that breaks off, means.
    pub(in crate::source) fn failure(&self, error: &reqwest::Error) -> SourceError {
        tracing::debug!(error = self.masked(&words::in_full(error)), "a Git host gave no answer");
        let host = self.host();
        let tls = tls_error(error);
        let detail = match tls {
            Some(rustls::Error::InvalidCertificate(why)) => {
                return SourceError::CertificateInvalid { host, detail: words::of_a_certificate(why).to_owned() };
            }
            Some(rustls::Error::InvalidMessage(_)) => {
                "it answers without TLS; if it is an http host, write http:// into the URL"
            }
            Some(other) => words::of_tls(other),
            None => words::of_a_connection(error),
        };
        let texts = || causes(error).map(ToString::to_string);
        if tls.is_none() && self.remote.access.proxy.is_some() && texts().any(|text| text.contains("tunnel")) {
            let detail = "it does not open a way there".to_owned();
            return SourceError::ProxyRefused { host, detail };
        }
        let speaks_another = tls.is_none() && texts().any(|text| text.contains("invalid HTTP"));
        if speaks_another && self.remote.url.is_plain_http() {
            let detail = "it does not answer in http; if it is an https host, write https:// into the URL".to_owned();
            return SourceError::Unreachable { host, detail };
        }
        SourceError::Unreachable { host, detail: detail.to_owned() }
    }
}
