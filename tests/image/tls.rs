//! Registries behind TLS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::image::{ImageError, Registries};
use tengine_operator::settings::{Hosts, RegistryHost};

use crate::support::registry::{Options, Registry};
use crate::support::{deadlines, registries, repository};

/// A certificate for 127.0.0.1 that is its own authority, and its key.
fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let config = folder.join("openssl.cnf");
    std::fs::write(&config, "[req]\ndistinguished_name = dn\n[dn]\n").unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-config")
        .arg(&config)
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

async fn push_right(registry: &Registry, ca_file: Option<PathBuf>) -> Result<(), ImageError> {
    let settings = RegistryHost { ca_file, ..RegistryHost::default() };
    let hosts = Hosts { registries: [(registry.host.clone(), settings)].into(), git_hosts: BTreeMap::new() };
    let all = Registries::new(hosts, deadlines()).unwrap();
    all.check_push(&repository(&registry.host, "ops/billing"), None).await
}

#[tokio::test]
async fn a_certificate_is_accepted_from_its_authority_only() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let registry = Registry::start(Options { tls: Some((certificate.clone(), key)), ..Options::default() }).await;
    push_right(&registry, Some(certificate)).await.unwrap();
    let error = push_right(&registry, None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::CertificateInvalid, true), "{error}");
    let plain = registries(&[&registry.host]);
    let error = plain.check_push(&repository(&registry.host, "ops/billing"), None).await.unwrap_err();
    assert!(!error.to_string().is_empty());
}

#[tokio::test]
async fn a_registry_without_tls_is_not_spoken_to_in_the_clear_unless_configured() {
    let registry = Registry::open().await;
    let error = push_right(&registry, None).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable);
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert_eq!(registry.requests().await, Vec::<String>::new());
}
