//! What libgit2's errors are taken for. The texts are those of libgit2 1.9.

use super::*;
use crate::source::SshKey;
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

fn over_ssh(class: ErrorClass, text: &str) -> SourceError {
    let key =
        SshKey { name: "identity".into(), private_key: String::new(), passphrase: None, known_hosts: String::new() };
    let remote = WireRemote { ssh: Some(key), ..remote(Some("robot")) };
    classify(&git2::Error::new(ErrorCode::GenericError, class, text), &remote)
}

#[rstest]
#[case("ERROR: upload-pack: not our ref 0123456789012345678901234567890123456789", "HostRefused")]
#[case("fatal: object 0123456789012345678901234567890123456789 does not exist", "HostRefused")]
#[case("The requested commit could not be found.", "HostRefused")]
#[case("ERROR: Repository not found.", "RepositoryNotFound")]
#[case("fatal: '/ops/billing.git' does not appear to be a git repository", "RepositoryNotFound")]
fn an_object_that_is_not_given_out_is_no_repository_that_is_not_there(#[case] text: &str, #[case] reason: &str) {
    assert_eq!(over_ssh(ErrorClass::Ssh, text).reason(), reason);
}

/// A Secret made of a file, whose line break the host does not repeat.
#[test]
fn a_password_is_masked_without_the_line_break_at_its_end_too() {
    let remote = WireRemote { password: Some("s3cret\n".to_owned()), ..remote(Some("robot")) };
    let error = git2::Error::new(ErrorCode::GenericError, ErrorClass::Net, "remote error: s3cret is wrong");
    assert_eq!(classify(&error, &remote).fact(), "git.example.com refuses: *** is wrong.");
}

#[test]
fn a_hosts_words_are_one_line_without_credentials() {
    let said = of(
        ErrorCode::GenericError,
        ErrorClass::Net,
        "remote error: robot with s3cret\r\n\u{1b}[31mmay \u{202e}not. Authorization: Basic cm9ib3Q6czNjcmV0",
    );
    assert_eq!(said.fact(), "git.example.com refuses: *** with *** may not. Authorization:.");
    assert_eq!(
        over_ssh(ErrorClass::Ssh, "come back\n tomorrow\n").fact(),
        "git.example.com refuses: come back tomorrow."
    );
}

#[rstest]
#[case(
    ErrorClass::Ssh,
    "SSH could not read data: Error waiting on socket",
    "Unreachable",
    "the connection ended early"
)]
#[case(
    ErrorClass::Ssh,
    "failed to start SSH session: Failed getting banner",
    "Unreachable",
    "it does not answer as an SSH host"
)]
#[case(
    ErrorClass::Ssh,
    "failed to start SSH session: Unable to exchange encryption keys",
    "HostRefused",
    "SSH finds no cipher"
)]
#[case(
    ErrorClass::Ssh,
    "SSH could not execute request: Channel request failed",
    "HostRefused",
    "it lets nobody run Git"
)]
#[case(
    ErrorClass::Net,
    "failed to connect to git.example.com: Connection refused",
    "Unreachable",
    "it refuses connections"
)]
#[case(
    ErrorClass::Net,
    "failed to resolve address for git.example.com: Name or service not known",
    "Unreachable",
    "its name is not known"
)]
#[case(
    ErrorClass::Net,
    "failed to connect to git.example.com: No route to host",
    "Unreachable",
    "there is no way to it"
)]
#[case(
    ErrorClass::Ssh,
    "failed to authenticate SSH session: Unable to extract public key from private key file: Wrong passphrase or invalid/unrecognized private key file format",
    "SecretInvalid",
    "cannot be used"
)]
#[case(ErrorClass::Ssh, "ERROR: Repository not found.", "RepositoryNotFound", "is not there")]
#[case(ErrorClass::Ssh, "Permission denied: you are not a member", "AccessDenied", "may not be read")]
fn ssh_is_told_apart(#[case] class: ErrorClass, #[case] text: &str, #[case] reason: &str, #[case] words: &str) {
    let told = over_ssh(class, text);
    assert_eq!(told.reason(), reason, "{told}");
    assert!(told.fact().contains(words), "{told}");
}

/// Of every class, with every code, by itself and after each text that libgit2 is known by.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn no_text_of_a_library_is_passed_on() {
    use ErrorClass as C;
    use ErrorCode as E;
    const MARK: &str = "LIBRARY said (code = -7): streams/socket.c";
    let classes = [
        C::None,
        C::NoMemory,
        C::Os,
        C::Invalid,
        C::Reference,
        C::Zlib,
        C::Repository,
        C::Config,
        C::Regex,
        C::Odb,
        C::Index,
        C::Object,
        C::Net,
        C::Tag,
        C::Tree,
        C::Indexer,
        C::Ssl,
        C::Submodule,
        C::Thread,
        C::Stash,
        C::Checkout,
        C::FetchHead,
        C::Merge,
        C::Ssh,
        C::Filter,
        C::Revert,
        C::Callback,
        C::CherryPick,
        C::Describe,
        C::Rebase,
        C::Filesystem,
        C::Patch,
        C::Worktree,
        C::Sha1,
        C::Http,
    ];
    let codes = [
        E::GenericError,
        E::NotFound,
        E::Exists,
        E::Ambiguous,
        E::BufSize,
        E::User,
        E::BareRepo,
        E::UnbornBranch,
        E::Unmerged,
        E::NotFastForward,
        E::InvalidSpec,
        E::Conflict,
        E::Locked,
        E::Modified,
        E::Auth,
        E::Certificate,
        E::Applied,
        E::Peel,
        E::Eof,
        E::Invalid,
        E::Uncommitted,
        E::Directory,
        E::MergeConflict,
        E::HashsumMismatch,
        E::IndexDirty,
        E::ApplyFail,
        E::Owner,
        E::Timeout,
    ];
    let known = [
        "",
        "invalid packet line",
        "unknown remote object format ",
        "timed out ",
        "No space left ",
        "failed to resolve ",
    ];
    let known = known.map(|known| format!("{known}: {MARK}"));
    let of_libraries = OF_LIBRARIES.map(|known| format!("{known}: {MARK}"));
    let is_ours = |told: &SourceError| assert!(!told.to_string().contains("LIBRARY"), "{told:?}");
    for class in classes {
        for text in known.iter().chain(&of_libraries) {
            for code in codes {
                is_ours(&of(code, class, text));
            }
        }
        for text in &of_libraries {
            is_ours(&over_ssh(class, text));
        }
        // Of that class, what is no library's are the words of the host.
        if class != C::Ssh {
            for text in &known {
                is_ours(&over_ssh(class, text));
            }
        }
    }
}
