use std::error::Error;

use rstest::rstest;

use super::{Hosts, HostsError, Namespaces};

#[test]
fn an_empty_list_of_namespaces_means_all() {
    assert_eq!(Namespaces::from_list([]), Namespaces::All);
    assert_eq!(Namespaces::from_list([String::new()]), Namespaces::All);
    let only = Namespaces::from_list(["a".to_owned()]);
    assert!(only.contains("a") && !only.contains("b"));
}

#[test]
fn a_proxy_with_a_password_is_not_shown() {
    let hosts = Hosts::parse("gitHosts: {a: {proxy: 'http://u:hunter2@p:1'}}").unwrap();
    assert!(!format!("{hosts:?}").contains("hunter2"));
    let error = Hosts::parse("gitHosts: {a: {proxy: 'u:hunter2@p'}}").unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn the_entry_with_the_port_wins_over_the_bare_host() {
    let text = "registries:\n  reg.example: {proxy: 'http://p:3128'}\n  reg.example:5000: {plainHttp: true}\n";
    let hosts = Hosts::parse(text).unwrap();
    assert!(hosts.registry("REG.example:5000").plain_http);
    assert_eq!(hosts.registry("reg.example:443").proxy.as_deref(), Some("http://p:3128"));
    assert_eq!(hosts.registry("other"), super::RegistryHost::default());
}

#[test]
fn an_empty_file_is_no_configuration() {
    assert_eq!(Hosts::parse("\n").unwrap(), Hosts::default());
    assert_eq!(Hosts::parse("registries: {}\n").unwrap(), Hosts::default());
}

#[rstest]
#[case("registries: {a: {plainHTTP: true}}", "plainHTTP")]
#[case("gitHosts: {a: {plainHttp: true}}", "plainHttp")]
#[case("registry: {}", "registry")]
#[case("registries: {'https://a': {}}", "https://a")]
#[case("registries: {'a/b': {}}", "a/b")]
#[case("registries: {'a:0': {}}", "a:0")]
#[case("registries: {'A': {}}", "\"A\"")]
#[case("gitHosts: {a: {proxy: 'socks5://b:1'}}", "gitHosts.a.proxy")]
fn mistakes_are_named(#[case] text: &str, #[case] named: &str) {
    let error = Hosts::parse(text).unwrap_err();
    let whole = format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default());
    assert!(whole.contains(named), "{whole}");
}

#[test]
fn addresses_are_hosts_too() {
    let text = "registries: {'10.88.0.1:5000': {plainHttp: true}, '[::1]:5000': {plainHttp: true}}";
    let hosts = Hosts::parse(text).unwrap();
    assert!(hosts.registry("10.88.0.1:5000").plain_http);
    assert!(hosts.registry("[::1]:5000").plain_http);
}

#[test]
fn a_ca_file_is_looked_at_when_the_configuration_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    let file = dir.path().join("hosts.yaml");
    std::fs::write(&file, format!("gitHosts: {{a: {{caFile: '{}'}}}}", ca.display())).unwrap();
    assert!(matches!(Hosts::read(&file), Err(HostsError::Unreadable { path, .. }) if path == ca));
    std::fs::write(&ca, "nothing").unwrap();
    assert!(matches!(Hosts::read(&file), Err(HostsError::NoCertificate { .. })));
    std::fs::write(&ca, "-----BEGIN CERTIFICATE-----\n").unwrap();
    assert!(Hosts::read(&file).is_ok());
}
