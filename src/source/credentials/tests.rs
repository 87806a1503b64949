//! What Secrets of other tools mean here.

use rstest::rstest;

use super::*;

const HTTPS: &str = "https://git.example.com/ops/billing.git";
const SSH: &str = "ssh://git@git.example.com/ops/billing.git";
const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const LOCKED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";

/// The beginning of one that ssh-keygen made with a passphrase.
const LOCKED_BY_OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABB\n\
    -----END OPENSSH PRIVATE KEY-----\n";

/// Made by openssl for nothing else.
const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBcTCCARegAwIBAgIUFIFGLs0TEGv/JT/lq0dkLPWFJ5swCgYIKoZIzj0EAwIw\n\
    DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI2MTMyNDMyWhgPMjEyNjExMDIxMzI0MzJa\n\
    MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiB4Fah4f\n\
    oEKWO8U7eJ4N1kQiyG3+d3vmDIMsjc4up/uiotqdS2fgp/tjgzO86aHbrzdrSNpg\n\
    tk6nQopkB9rjgqNTMFEwHQYDVR0OBBYEFN/jMaqizn89xT10TcHnSuk/eKzhMB8G\n\
    A1UdIwQYMBaAFN/jMaqizn89xT10TcHnSuk/eKzhMA8GA1UdEwEB/wQFMAMBAf8w\n\
    CgYIKoZIzj0EAwIDSAAwRQIgV0wgp27vW5Mwp0oTsQHZBkVEih9HSUDxLfw+GC3n\n\
    QpUCIQD7mdrofL65SqtpcAqi5VcRcr9NN/0zquktpf0QVNwB/g==\n\
    -----END CERTIFICATE-----\n";

fn read(url: &str, keys: &[(&str, &str)]) -> Result<SecretContent, SecretFault> {
    let data = keys.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
    read_secret(&url.parse().unwrap(), &data)
}

#[test]
fn a_user_name_and_a_password_or_a_token_alone_are_for_http() {
    let basic = read(HTTPS, &[("username", "robot"), ("password", "pw")]).unwrap().credentials.unwrap();
    assert!(matches!(basic, Credentials::Basic(basic) if basic.username == "robot" && basic.password == "pw"));
    let bearer = read(HTTPS, &[("bearerToken", "t0ken\n")]).unwrap().credentials.unwrap();
    assert_eq!(bearer, Credentials::Bearer("t0ken".to_owned()));
}

#[rstest]
#[case(GitProvider::Gitea, &[("bearerToken", "t")], "bearer t")]
#[case(GitProvider::GitHub, &[("password", "t\n")], "bearer t")]
#[case(GitProvider::Gitea, &[("username", "u"), ("password", "p")], "u:p")]
#[case::which_takes_tokens_only(GitProvider::GitLab, &[("username", "u"), ("password", "p")], "bearer p")]
#[case::before_user_and_password(GitProvider::GitLab, &[("bearerToken", "t"), ("username", "u"), ("password", "p")], "bearer t")]
#[case(GitProvider::GitHub, &[("password", "")], "has a key password without a value")]
#[case(GitProvider::GitHub, &[("username", "u")], "has no key password")]
#[case::the_passphrase_of_a_key(GitProvider::Gitea, &[("identity", "k"), ("password", "p")], "has an SSH key (key identity), and the URL is one of HTTP")]
#[case::the_passphrase_of_a_key(GitProvider::GitLab, &[("sshPrivateKey", "k"), ("password", "p")], "has an SSH key (key sshPrivateKey), and the URL is one of HTTP")]
fn an_api_takes_a_token_in_either_key(
    #[case] provider: GitProvider,
    #[case] keys: &[(&str, &str)],
    #[case] expected: &str,
) {
    let data = keys.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
    let said = match read_release_secret(&HTTPS.parse().unwrap(), provider, &data).map(|content| content.credentials) {
        Ok(Some(Credentials::Bearer(token))) => format!("bearer {token}"),
        Ok(Some(Credentials::Basic(basic))) => format!("{}:{}", basic.username, basic.password),
        Ok(_) => "nobody".to_owned(),
        Err(fault) => fault.to_string(),
    };
    assert_eq!(said, expected);
}

#[test]
fn a_secret_may_hold_a_ca_only() {
    let content = read(HTTPS, &[("ca.crt", AUTHORITY)]).unwrap();
    assert_eq!(content, SecretContent { ca: Some(AUTHORITY.into()), ..SecretContent::default() });
}

#[rstest]
#[case::flux("identity")]
#[case::argo_cd("sshPrivateKey")]
#[case::kubernetes("ssh-privatekey")]
fn a_private_key_is_found_where_other_tools_put_it(#[case] key: &str) {
    for url in [SSH, "git@git.example.com:ops/billing.git"] {
        let content = read(url, &[(key, KEY), ("known_hosts", "git.example.com ssh-ed25519 AAAA")]).unwrap();
        assert!(matches!(content.credentials, Some(Credentials::Ssh(ssh)) if ssh.private_key == KEY));
    }
}

/// As `flux create secret git` makes it for a key that it makes itself.
#[test]
fn a_secret_of_flux_is_taken_as_it_is() {
    let known = "git.example.com ssh-ed25519 AAAA\ngit.example.com ecdsa-sha2-nistp256 AAAA\n";
    let public = "ecdsa-sha2-nistp384 AAAA\n";
    let content = read(SSH, &[("identity", KEY), ("identity.pub", public), ("known_hosts", known)]).unwrap();
    let key = SshKey { name: "identity".into(), private_key: KEY.into(), passphrase: None, known_hosts: known.into() };
    assert_eq!(content, SecretContent { credentials: Some(Credentials::Ssh(key)), ..SecretContent::default() });
}

#[test]
fn a_passphrase_from_a_file_ends_where_its_line_does() {
    let keys =
        [("identity", LOCKED), ("password", "secret words\n"), ("known_hosts", "git.example.com ssh-ed25519 AAAA")];
    let content = read(SSH, &keys).unwrap();
    assert!(
        matches!(content.credentials, Some(Credentials::Ssh(key)) if key.passphrase.as_deref() == Some("secret words"))
    );
}

/// As Argo CD keeps a repository.
#[test]
fn a_secret_of_argo_cd_needs_known_hosts_for_ssh_and_nothing_for_http() {
    let about = [("type", "git"), ("project", "ops")];
    let ssh = [about.as_slice(), &[("url", SSH), ("sshPrivateKey", KEY)]].concat();
    assert!(read(SSH, &ssh).unwrap_err().to_string().starts_with("has no key known_hosts"));
    let known = [ssh.as_slice(), &[("known_hosts", "git.example.com ssh-ed25519 AAAA")]].concat();
    assert!(matches!(read(SSH, &known).unwrap().credentials, Some(Credentials::Ssh(key)) if key.private_key == KEY));
    let http = [about.as_slice(), &[("url", HTTPS), ("username", "robot"), ("password", "pw")]].concat();
    assert!(
        matches!(read(HTTPS, &http).unwrap().credentials, Some(Credentials::Basic(basic)) if basic.password == "pw")
    );
}

#[rstest]
#[case(HTTPS, &[("username", "robot")], "has no key password")]
#[case(HTTPS, &[("password", "pw")], "has no key username")]
#[case(HTTPS, &[("other", "x")], "has no key username and no key bearerToken")]
#[case(HTTPS, &[("username", "robot"), ("password", "")], "has a key password without a value")]
#[case(HTTPS, &[("username", "robot"), ("password", "a\0b")], "has a key password with a NUL character in it")]
#[case(HTTPS, &[("bearerToken", "t0ken\nand more\n")], "has a key bearerToken with a line break within it, so no header can have it; put the token alone into it")]
#[case(HTTPS, &[("bearerToken", "t0ken\r\nand more")], "has a key bearerToken with a line break within it, so no header can have it; put the token alone into it")]
#[case(HTTPS, &[("bearerToken", "t0\u{1b}ken")], "has a key bearerToken with a control character in it, so no header can have it; put the token alone into it")]
#[case(HTTPS, &[("bearerToken", "t0\u{7f}ken")], "has a key bearerToken with a control character in it, so no header can have it; put the token alone into it")]
#[case(HTTPS, &[("bearerToken", "\n")], "has a key bearerToken without a value")]
#[case(HTTPS, &[("ca.crt", "not PEM")], "has a key ca.crt that is no use: it has no certificate in it")]
#[case(HTTPS, &[("username", "robot"), ("password", "pw"), ("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")], "has a key ca.crt that is no use: it has a certificate that no other can be checked by")]
#[case(HTTPS, &[("tls.crt", "PEM")], "has no key tls.key")]
#[case(HTTPS, &[("tls.crt", "PEM"), ("tls.key", "PEM")], "is no use: the client certificate has no certificate in it (keys tls.crt and tls.key)")]
#[case(HTTPS, &[("identity", KEY)], "has an SSH key (key identity), and the URL is one of HTTP")]
#[case(SSH, &[("identity", KEY)], "has no key known_hosts; put what ssh-keyscan says of the host into it")]
#[case(SSH, &[("username", "robot")], "has no key identity with a private key, and the URL is one of SSH")]
#[case(SSH, &[("identity", "ssh-ed25519 AAAA"), ("known_hosts", "x")], "has a key identity that is no private key as ssh-keygen writes it")]
#[case(SSH, &[("identity", LOCKED), ("known_hosts", "x")], "has a key identity that is locked, and no key password with its passphrase")]
#[case(SSH, &[("sshPrivateKey", LOCKED_BY_OPENSSH), ("known_hosts", "x")], "has a key sshPrivateKey that is locked, and no key password with its passphrase")]
fn what_is_wrong_is_said_with_the_key(#[case] url: &str, #[case] keys: &[(&str, &str)], #[case] words: &str) {
    assert_eq!(read(url, keys).unwrap_err().to_string(), words);
}

#[test]
fn a_value_that_is_not_text_is_refused_by_name() {
    let data = BTreeMap::from([("username".to_owned(), vec![0xff]), ("password".to_owned(), b"x".to_vec())]);
    let fault = read_secret(&HTTPS.parse().unwrap(), &data).unwrap_err();
    assert_eq!(fault.to_string(), "has a key username that is not UTF-8 text");
}

#[test]
fn a_line_break_at_the_end_is_kept_and_noticed() {
    let basic = read(HTTPS, &[("username", "robot"), ("password", "pw\n")]).unwrap().credentials.unwrap();
    assert_eq!(basic.ends_in_a_line_break(), Some("password"));
    assert!(matches!(basic, Credentials::Basic(basic) if basic.password == "pw\n"));
}

#[test]
fn nothing_of_it_is_shown() {
    let shown = format!("{:?}", read(HTTPS, &[("username", "robot"), ("password", "s3cret")]).unwrap());
    assert!(!shown.contains("robot") && !shown.contains("s3cret"), "{shown}");
}
