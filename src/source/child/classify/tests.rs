//! What libgit2's errors are taken for. The texts are those of libgit2 1.9.

use super::*;
use rstest::rstest;

fn remote(username: Option<&str>) -> WireRemote {
    WireRemote {
        url: "https://git.example.com/ops/billing.git".parse().unwrap(),
        username: username.map(str::to_owned),
        password: username.map(|_| "s3cret".to_owned()),
        bearer: None,
        ssh: None,
        broken_line: None,
        proxy: Some("http://me:pw@proxy:3128".to_owned()),
        deadline: std::time::Duration::from_secs(1),
    }
}

fn of(code: ErrorCode, class: ErrorClass, text: &str) -> SourceError {
    classify(&git2::Error::new(code, class, text), &remote(Some("robot")), &Incidents::default())
}

#[rstest]
#[case("unexpected http status code: 401", "AuthenticationFailed")]
#[case("unexpected http status code: 403", "AccessDenied")]
#[case("unexpected http status code: 404", "RepositoryNotFound")]
#[case("unexpected http status code: 410", "RepositoryNotFound")]
#[case("unexpected http status code: 429", "RateLimited")]
#[case("unexpected http status code: 500", "HostFailed")]
#[case("unexpected http status code: 503", "HostFailed")]
#[case("invalid content-type: 'text/html'", "NotARepository")]
#[case("cannot redirect from 'a.example.com' to 'b.example.com'", "Redirected")]
#[case("too many redirects or authentication replays", "Redirected")]
#[case("proxy returned unexpected status: 502", "ProxyRefused")]
#[case("remote error: upload-pack: not our ref", "HostRefused")]
#[case("failed to connect to git.example.com: Connection refused", "Unreachable")]
#[case("failed to connect to git.example.com: Operation timed out", "TimedOut")]
#[case("failed to connect to git.example.com: Permission denied", "Redirected")]
#[case("unknown remote object format 'sha256'", "UnsupportedRepository")]
fn texts_are_told_apart(#[case] text: &str, #[case] reason: &str) {
    assert_eq!(of(ErrorCode::GenericError, ErrorClass::Http, text).reason(), reason);
}

#[test]
fn codes_are_told_apart() {
    let refused = of(ErrorCode::Auth, ErrorClass::Http, "unexpected authentication failure");
    assert_eq!(refused.reason(), "AuthenticationFailed");
    let certificate = of(ErrorCode::Certificate, ErrorClass::Ssl, "the SSL certificate is invalid");
    assert_eq!(certificate.reason(), "CertificateInvalid");
    assert_eq!(of(ErrorCode::Timeout, ErrorClass::Net, "timed out").reason(), "TimedOut");
    let anonymous = git2::Error::new(ErrorCode::Auth, ErrorClass::Http, "there are no credentials");
    let anonymous = classify(&anonymous, &remote(None), &Incidents::default());
    assert_eq!(anonymous.reason(), "AuthenticationRequired");
}

#[test]
fn only_what_somebody_must_change_is_definite() {
    assert!(of(ErrorCode::Auth, ErrorClass::Http, "").is_definite());
    assert!(!of(ErrorCode::GenericError, ErrorClass::Http, "unexpected http status code: 503").is_definite());
    assert!(!of(ErrorCode::GenericError, ErrorClass::Net, "failed to resolve address").is_definite());
}

#[test]
fn a_hosts_words_are_one_line_without_credentials() {
    let said = of(
        ErrorCode::GenericError,
        ErrorClass::Net,
        "remote error: robot with s3cret\r\n\u{1b}[31mmay not. Authorization: Basic cm9ib3Q6czNjcmV0",
    );
    assert_eq!(
        said.to_string(),
        "git.example.com refuses: *** with *** [31mmay not. Authorization: . It is tried again by itself."
    );
}

#[test]
fn the_proxys_address_is_not_repeated() {
    let said = of(ErrorCode::GenericError, ErrorClass::Http, "invalid URL: 'http://me:pw@proxy:3128'");
    assert!(!said.to_string().contains("pw"), "{said}");
}
