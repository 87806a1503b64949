//! Certificates, trusted and not.

use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::repository::DRIVER;
use super::server::{GitServer, PASSWORD, USERNAME};
use super::*;

/// A self-signed certificate for an address, and its key, as PEM.
pub fn certificate(name: &str) -> (String, String) {
    let names = format!("subjectAltName={name}");
    made_in(&TempDir::new().unwrap(), &["-subj", "/CN=test", "-addext", &names])
}

/// A client's certificate of this authority, and its key, as PEM.
fn signed_by(authority: &str, authority_key: &str) -> (String, String) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
    std::fs::write(folder.path().join("ca.key"), authority_key).unwrap();
    let ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=operator"];
    let is = ["-addext", "basicConstraints=critical,CA:false", "-addext", "extendedKeyUsage=clientAuth"];
    made_in(&folder, &[&ca[..], &is].concat())
}

fn made_in(folder: &TempDir, what: &[&str]) -> (String, String) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(what)
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    (read("certificate.pem"), read("key.pem"))
}

/// Trust in one certificate, in a file of this folder.
pub fn trusting(folder: &TempDir, certificate: &str) -> HostAccess {
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, certificate).unwrap();
    HostAccess { ca_file: Some(file), ..HostAccess::default() }
}

/// The same server behind TLS; answers the address.
async fn with_tls(server: &GitServer, certificate: &str, key: &str) -> String {
    let nobody = Arc::new(rustls::server::NoClientAuth);
    with_tls_for(server, certificate, key, nobody).await
}

/// The same for those whom `clients` lets in.
async fn with_tls_for(
    server: &GitServer,
    certificate: &str,
    key: &str,
    clients: Arc<dyn rustls::server::danger::ClientCertVerifier>,
) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let plain = server.authority.clone();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, plain) = (acceptor.clone(), plain.clone());
            tokio::spawn(async move {
                let mut outside = acceptor.accept(connection).await?;
                let mut inside = TcpStream::connect(plain).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    authority
}

#[tokio::test]
async fn a_certificate_is_trusted_by_the_bundle_of_its_host_only() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let (certificate, key) = certificate("IP:127.0.0.1");
    let url = format!("https://{}/billing.git", with_tls(&server, &certificate, &key).await);
    let stranger = remote(&url);
    let error = resolve(&stranger, &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("CertificateInvalid", true), "{error}");

    let folder = TempDir::new().unwrap();
    let access = trusting(&folder, &certificate);
    pack(&Remote { access, ..remote(&url) }, &branch("main"), "").await.unwrap();
    assert!(resolve(&stranger, &branch("main")).await.is_err(), "trust must not stay behind");
    let of_a_secret = HostAccess { ca: Some(certificate.into_bytes()), ..HostAccess::default() };
    pack(&Remote { access: of_a_secret, ..remote(&url) }, &branch("main"), "").await.unwrap();
}

#[tokio::test]
async fn a_bundle_that_is_replaced_counts_without_a_restart() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let ((old, _), (new, key)) = (certificate("IP:127.0.0.1"), certificate("IP:127.0.0.1"));
    let url = format!("https://{}/billing.git", with_tls(&server, &new, &key).await);
    let folder = TempDir::new().unwrap();
    let remote = Remote { access: trusting(&folder, &old), ..remote(&url) };
    let looker = looker();
    let look = || async {
        let found = source::look(&looker, &remote, &[branch("main")].into(), PATIENCE).await;
        found.map(|_| ()).map_err(|error| error.reason())
    };
    assert_eq!(look().await, Err("CertificateInvalid"));
    trusting(&folder, &new);
    assert_eq!(look().await, Ok(()));
}

#[tokio::test]
async fn a_host_that_wants_a_certificate_is_shown_the_one_of_the_secret() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let (certificate, key) = certificate("IP:127.0.0.1");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let (shown, shown_key) = signed_by(&certificate, &key);
    let url =
        format!("https://{}/billing.git", with_tls_for(&server, &certificate, &key, builder.build().unwrap()).await);
    let secret = [("ca.crt", &certificate), ("tls.crt", &shown), ("tls.key", &shown_key)];
    let secret = secret.map(|(key, value)| (key.to_owned(), value.clone().into_bytes())).into();
    let url = url.parse().unwrap();
    let content = source::read_secret(&url, &secret).unwrap();
    let access = HostAccess { ca: content.ca, certificate: content.certificate, ..HostAccess::default() };
    pack(&Remote { url: url.clone(), credentials: None, access: access.clone() }, &branch("main"), "").await.unwrap();
    let access = HostAccess { certificate: None, ..access };
    let error = resolve(&Remote { url, credentials: None, access }, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "Unreachable", "{error}");
}

/// A proxy that leads every tunnel to one place, and says what it was asked for.
async fn tunnel_to(place: String) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let (asked, asks) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (place, asked) = (place.clone(), asked.clone());
            tokio::spawn(async move {
                let mut outside = tokio::io::BufReader::new(connection);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    outside.read_line(&mut head).await?;
                }
                let _ = asked.send(head.lines().next().unwrap_or_default().to_owned());
                outside.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                let mut inside = TcpStream::connect(place).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    (authority, asks)
}

#[tokio::test]
async fn a_host_is_reached_through_its_proxy() {
    let server = GitServer::private().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let (certificate, key) = certificate("DNS:git.example.invalid");
    let (proxy, mut asks) = tunnel_to(with_tls(&server, &certificate, &key).await).await;
    let folder = TempDir::new().unwrap();
    let access = HostAccess { proxy: Some(format!("http://{proxy}")), ..trusting(&folder, &certificate) };
    let remote = Remote { access, ..remote_as("https://git.example.invalid/billing.git", USERNAME, PASSWORD) };
    pack(&remote, &branch("main"), "").await.unwrap();
    assert_eq!(asks.recv().await.unwrap(), "CONNECT git.example.invalid:443 HTTP/1.1");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let server = GitServer::public().await;
    let (certificate, key) = certificate("DNS:git.example.com");
    let authority = with_tls(&server, &certificate, &key).await.replace("127.0.0.1", "localhost");
    let url = format!("https://{authority}/billing.git");
    let folder = TempDir::new().unwrap();
    let access = trusting(&folder, &certificate);
    let error = resolve(&Remote { access, ..remote(&url) }, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "CertificateInvalid", "{error}");
}

#[tokio::test]
async fn a_bundle_without_certificates_trusts_nobody() {
    let server = GitServer::public().await;
    let (certificate, key) = certificate("IP:127.0.0.1");
    let url = format!("https://{}/billing.git", with_tls(&server, &certificate, &key).await);
    let folder = TempDir::new().unwrap();
    let access = trusting(&folder, "not PEM");
    let said = async |access: HostAccess| {
        let remote = Remote { access, ..remote(&url) };
        let error = resolve(&remote, &branch("main")).await.unwrap_err();
        let seen = Seen::new("refs/heads/main", "0123456789".repeat(4).parse().unwrap());
        let built = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), ("CertificateInvalid", true), "{error}");
        assert_eq!((built.reason(), built.is_definite()), ("CertificateInvalid", true), "{built}");
        error.fact()
    };
    let file = access.ca_file.clone().unwrap();
    let (host, of_it) = (url.split('/').nth(2).unwrap(), format!("the CA file {} cannot be used", file.display()));
    assert_eq!(said(access.clone()).await, format!("For {host}, {of_it}: it has no certificate in it."));
    std::fs::remove_file(file).unwrap();
    assert_eq!(said(access).await, format!("For {host}, {of_it}: it is not there."));
}
