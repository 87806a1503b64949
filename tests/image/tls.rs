//! Registries behind TLS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::image::{ImageError, Registries};
use tengine_operator::settings::{Hosts, RegistryHost};

use crate::support::registry::{Options, Registry};
use crate::support::{deadlines, registries, repository};

/// A certificate for 127.0.0.1 that only itself vouches for, and its key.
fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    self_signed(folder, "CA:FALSE", "IP:127.0.0.1")
}

fn self_signed(folder: &Path, constraints: &str, name: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let config = folder.join("openssl.cnf");
    std::fs::write(&config, "[req]\ndistinguished_name = dn\n[dn]\n").unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=registry", "-addext", &format!("subjectAltName={name}")])
        .args(["-addext", &format!("basicConstraints=critical,{constraints}")])
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

/// What `openssl req -x509` makes: an authority that is a server too. As `caFile` it is what curl takes.
#[tokio::test]
async fn an_authority_that_is_the_server_itself_is_accepted_where_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = self_signed(folder.path(), "CA:TRUE", "IP:127.0.0.1");
    let registry = Registry::start(Options { tls: Some((certificate.clone(), key)), ..Options::default() }).await;
    push_right(&registry, Some(certificate)).await.unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let (other, _) = self_signed(elsewhere.path(), "CA:TRUE", "IP:127.0.0.1");
    let error = push_right(&registry, Some(other)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::CertificateInvalid, true), "{error}");
}

#[tokio::test]
async fn a_certificate_that_is_given_must_still_name_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = self_signed(folder.path(), "CA:TRUE", "IP:127.0.0.2");
    let registry = Registry::start(Options { tls: Some((certificate.clone(), key)), ..Options::default() }).await;
    let error = push_right(&registry, Some(certificate)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::CertificateInvalid, true), "{error}");
}

#[test]
fn a_file_without_a_certificate_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, "nothing").unwrap();
    let settings = RegistryHost { ca_file: Some(path), ..RegistryHost::default() };
    let hosts = Hosts { registries: [("r.example.com".to_owned(), settings)].into(), git_hosts: BTreeMap::new() };
    let error = Registries::new(hosts, deadlines()).unwrap_err();
    assert!(error.to_string().contains("ca.pem"), "{error}");
}

#[tokio::test]
async fn a_replaced_authority_counts_without_a_restart() {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (old, _) = certificate(before.path());
    let (new, key) = certificate(after.path());
    let registry = Registry::start(Options { tls: Some((new.clone(), key)), ..Options::default() }).await;
    let settings = RegistryHost { ca_file: Some(old.clone()), ..RegistryHost::default() };
    let hosts = Hosts { registries: [(registry.host.clone(), settings)].into(), git_hosts: BTreeMap::new() };
    let all = Registries::new(hosts, deadlines()).unwrap();
    let target = repository(&registry.host, "ops/billing");
    let error = all.check_push(&target, None).await.unwrap_err();
    assert_eq!(error.reason(), Reason::CertificateInvalid, "{error}");

    std::fs::write(&old, std::fs::read(&new).unwrap()).unwrap();
    all.check_push(&target, None).await.unwrap();
    for unusable in ["", "half of a certifi"] {
        std::fs::write(&old, unusable).unwrap();
        all.check_push(&target, None).await.unwrap();
    }
}
