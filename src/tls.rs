//! Whose certificates are believed where a host has a CA of its own.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// The certificates, as PEM, that a host is believed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust<'a> {
    /// These, and the system's.
    Besides(&'a [u8]),
    /// These, and no others.
    Only(&'a [u8]),
    /// The system's.
    System,
}

/// Who we are, to a host that asks for a certificate: the chain and its key, as PEM.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The certificate, and those that lead to its authority.
    pub certificate: &'a [u8],
    /// The key of the first.
    pub key: &'a [u8],
}

/// Why no TLS can be made of what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The certificates to trust.
    #[error("the CA bundle {0}")]
    Trust(&'static str),
    /// Our own certificate or key.
    #[error("the client certificate {0}")]
    Identity(&'static str),
}

impl TlsError {
    /// What is wrong with it, as the rest of a sentence that begins with it.
    pub fn why(&self) -> &'static str {
        let (Self::Trust(why) | Self::Identity(why)) = self;
        why
    }
}

/// Whether a host can be believed by these: at least one certificate, in PEM, and no other thing.
pub fn check_trust(pem: &[u8]) -> Result<(), TlsError> {
    Believer::new(Trust::Only(pem)).map(|_| ())
}

/// Whether this can be shown to anybody: certificates in PEM, and a key that is the first one's.
pub fn check_identity(identity: Identity<'_>) -> Result<(), TlsError> {
    let (chain, key) = parts(identity)?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, key, &provider).map(|_| ()).map_err(|error| not_usable(&error))
}

/// TLS that believes whom `trust` names, and shows `identity` to who asks.
pub fn client_config(trust: Trust<'_>, identity: Option<Identity<'_>>) -> Result<ClientConfig, TlsError> {
    let unusable = |_| TlsError::Trust("cannot be used: TLS takes no settings on this system");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believer::new(trust)?));
    let Some(identity) = identity else { return Ok(builder.with_no_client_auth()) };
    let (chain, key) = parts(identity)?;
    builder.with_client_auth_cert(chain, key).map_err(|error| not_usable(&error))
}

fn not_usable(error: &Error) -> TlsError {
    tracing::debug!(%error, "a client certificate cannot be used");
    TlsError::Identity(match error {
        Error::InconsistentKeys(_) => "cannot be used: the key is another certificate's",
        Error::InvalidCertificate(_) => "cannot be read",
        _ => {
            "cannot be used: its key is of a kind that TLS does not take (RSA of 2048 bits or more, ECDSA or Ed25519 is)"
        }
    })
}

fn parts(identity: Identity<'_>) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let chain = certificates(identity.certificate).map_err(TlsError::Identity)?;
    let key = PrivateKeyDer::from_pem_slice(identity.key)
        .map_err(|_| TlsError::Identity("has no PEM private key without a passphrase"))?;
    Ok((chain, key))
}

/// Every certificate in a PEM text; none is an error.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|_| "is not PEM")?;
    if found.is_empty() { Err("has no certificate in it") } else { Ok(found) }
}

/// The usual verification, and besides what curl and everything else on OpenSSL does: a certificate that is given as trusted is
/// trusted, also where a server shows it as its own. (`openssl req -x509` makes such: an authority and a server at once, which
/// the usual verification refuses to be shown.) It must be the very same, be valid now, and name the server.
#[derive(Debug)]
struct Believer {
    usual: Arc<dyn ServerCertVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl Believer {
    fn new(trust: Trust<'_>) -> Result<Self, TlsError> {
        let unusable = |error: &dyn std::error::Error| {
            tracing::debug!(%error, "a CA bundle cannot be used");
            TlsError::Trust("has a certificate that no other can be checked by")
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let own = match trust {
            Trust::Besides(pem) | Trust::Only(pem) => certificates(pem).map_err(TlsError::Trust)?,
            Trust::System => Vec::new(),
        };
        let usual: Arc<dyn ServerCertVerifier> = match trust {
            Trust::Besides(_) | Trust::System => {
                let verifier = Verifier::new_with_extra_roots(own.iter().cloned(), provider);
                Arc::new(verifier.map_err(|error| unusable(&error))?)
            }
            Trust::Only(_) => {
                let mut roots = RootCertStore::empty();
                for certificate in &own {
                    roots.add(certificate.clone()).map_err(|error| unusable(&error))?;
                }
                let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
                built.map_err(|error| unusable(&error))?
            }
        };
        Ok(Self { usual, own })
    }
}

impl ServerCertVerifier for Believer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // What is not valid now never gets here: that is looked at first.
            Err(error) if is_authority_as_server(&error) && self.own.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

fn is_authority_as_server(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(why)) = error else { return false };
    why.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity)
}

/// A client of what `builder` says: with this TLS, else with the system's certificates.
///
/// # Errors
/// Those of `reqwest`, where it takes no such settings.
pub fn build_client(
    builder: impl Fn() -> reqwest::ClientBuilder,
    config: Option<ClientConfig>,
) -> reqwest::Result<reqwest::Client> {
    // Fails if one is installed already, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match config {
        Some(config) => builder().tls_backend_preconfigured(config).build(),
        // On a system without any certificates the first cannot be built; plain HTTP must work even there.
        None => builder().build().or_else(|_| builder().tls_certs_only([]).build()),
    }
}

/// The innermost error of TLS among the causes of this one.
pub fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref()).last()
}

/// The error and everything below it. What an `io::Error` wraps is not its `source`, so it is looked up besides.
pub fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn std::error::Error + 'static)| {
        let error = *error;
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn std::error::Error + 'static)),
            None => error.source(),
        }
    })
}
