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
        proxy: None,
        ca: None,
        certificate: None,
        deadline: std::time::Duration::from_secs(1),
    }
}

fn of(code: ErrorCode, class: ErrorClass, text: &str) -> SourceError {
    classify(&git2::Error::new(code, class, text), &remote(Some("robot")))
}

#[rstest]
#[case("invalid packet line", "NotARepository")]
#[case("remote error: upload-pack: not our ref", "HostRefused")]
#[case("failed to connect to git.example.com: Connection refused", "Unreachable")]
#[case("failed to connect to git.example.com: Operation timed out", "TimedOut")]
#[case("unknown remote object format 'sha256'", "UnsupportedRepository")]
fn texts_are_told_apart(#[case] text: &str, #[case] reason: &str) {
    assert_eq!(of(ErrorCode::GenericError, ErrorClass::Http, text).reason(), reason);
}

#[test]
fn codes_are_told_apart() {
    assert_eq!(of(ErrorCode::Auth, ErrorClass::Ssh, "the key was refused").reason(), "AuthenticationFailed");
    assert_eq!(of(ErrorCode::Timeout, ErrorClass::Net, "timed out").reason(), "TimedOut");
}

#[test]
fn only_what_somebody_must_change_is_definite() {
    assert!(of(ErrorCode::Auth, ErrorClass::Ssh, "").is_definite());
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
