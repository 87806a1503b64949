//! Git over SSH, against Gitea as the local cluster runs it: set by `hack/cluster env`, skipped without.

use std::process::Command;

use rstest::rstest;
use tempfile::TempDir;
use tengine_operator::domain::{GitProvider, ReleaseStage, TagChoice, TagOrder};
use tengine_operator::source::{ReleaseList, SshKey};

use super::gitea::Gitea;
use super::*;

const PASSPHRASE: &str = "correct horse";

/// A key of this kind, as `ssh-keygen` writes it: the private half and the public one.
fn key(arguments: &[&str], passphrase: &str) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key");
    let mut program = Command::new("ssh-keygen");
    let made = program.args(["-q", "-N", passphrase, "-f"]).arg(&file).args(arguments).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |file: std::path::PathBuf| std::fs::read_to_string(file).unwrap();
    (read(file.clone()), read(file.with_extension("pub")))
}

/// `10.88.0.1:2222`, and the URL of a repository there.
fn ssh_url(gitea: &Gitea) -> (String, String) {
    let base = std::env::var("TENGINE_GIT_SSH").unwrap();
    let place = base.rsplit_once('@').unwrap().1.to_owned();
    (place, format!("{base}/{}/{}.git", gitea.owner, gitea.name))
}

/// What `ssh-keyscan` says of a host.
fn known_hosts(place: &str) -> String {
    let (host, port) = place.split_once(':').unwrap();
    let said = Command::new("ssh-keyscan").args(["-p", port, host]).output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains(host), "{text}");
    text
}

/// The same without anybody's names in it.
fn hashed(known_hosts: &str) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("known_hosts");
    std::fs::write(&file, known_hosts).unwrap();
    assert!(Command::new("ssh-keygen").arg("-q").arg("-H").arg("-f").arg(&file).status().unwrap().success());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("|1|"), "{text}");
    text
}

fn remote_with(url: &str, private_key: &str, passphrase: Option<&str>, known_hosts: String) -> Remote {
    let passphrase = passphrase.map(str::to_owned);
    let key = SshKey { name: "identity".into(), private_key: private_key.to_owned(), passphrase, known_hosts };
    Remote { credentials: Some(Credentials::Ssh(key)), ..remote(url) }
}

#[rstest]
#[case::ed25519("ed25519", &["-t", "ed25519"], "")]
#[case::ecdsa("ecdsa", &["-t", "ecdsa"], "")]
#[case::rsa("rsa", &["-t", "rsa", "-b", "3072"], "")]
#[case::rsa_in_pem("pem", &["-t", "rsa", "-b", "3072", "-m", "PEM"], "")]
#[case::ecdsa_in_pem("ecdsapem", &["-t", "ecdsa", "-m", "PEM"], "")]
#[case::ed25519_with_a_passphrase("locked", &["-t", "ed25519"], PASSPHRASE)]
#[case::ecdsa_with_a_passphrase("lockedecdsa", &["-t", "ecdsa"], PASSPHRASE)]
#[case::rsa_with_a_passphrase("lockedrsa", &["-t", "rsa", "-b", "3072"], PASSPHRASE)]
#[case::rsa_in_pem_with_a_passphrase("lockedpem", &["-t", "rsa", "-b", "3072", "-m", "PEM"], PASSPHRASE)]
#[tokio::test]
async fn a_deploy_key_of_any_kind_reads_its_repository(
    #[case] name: &str,
    #[case] arguments: &[&str],
    #[case] passphrase: &str,
) {
    let Some(gitea) = Gitea::with_repository(&format!("ssh-{name}")).await else { return };
    gitea.push("a.rb").await;
    let (private, public) = key(arguments, passphrase);
    gitea.deploy(&public).await;
    let (place, url) = ssh_url(&gitea);
    let passphrase = (!passphrase.is_empty()).then_some(passphrase);
    for known in [known_hosts(&place), hashed(&known_hosts(&place))] {
        let remote = remote_with(&url, &private, passphrase, known);
        let packed = pack(&remote, &branch("main"), "").await.unwrap();
        assert_eq!(packed.checked.unwrap().files, 1);
        assert_eq!(resolve(&remote, &branch("mian")).await.unwrap_err().reason(), "RefNotFound");
    }
    gitea.remove().await;
}

/// One that no reference points at any more.
#[tokio::test]
async fn an_old_commit_comes_over_ssh_too() {
    let Some(gitea) = Gitea::with_repository("ssh-old").await else { return };
    let old = gitea.push("a.rb").await;
    gitea.push("b.rb").await;
    let (private, public) = key(&["-t", "ed25519"], "");
    gitea.deploy(&public).await;
    let (place, url) = ssh_url(&gitea);
    let remote = remote_with(&url, &private, None, known_hosts(&place));
    let packed = pack(&remote, &Reference::Commit(old.parse().unwrap()), "").await.unwrap();
    assert_eq!(packed.checked.unwrap().files, 1);
    let nowhere = Reference::Commit("0123456789".repeat(4).parse().unwrap());
    assert_eq!(pack(&remote, &nowhere, "").await.unwrap_err().reason(), "CommitNotFound");
    gitea.remove().await;
}

/// The tags come over SSH, and their releases from the host's API, with counterparts and without.
#[tokio::test]
async fn tags_that_are_releases_are_found_over_ssh_too() {
    let Some(gitea) = Gitea::with_repository("ssh-releases").await else { return };
    let first = gitea.push("a.rb").await;
    for tag in ["v1", "test-1"] {
        gitea.tag(tag, &first, "").await;
    }
    gitea.release("v1", &first, false, false).await;
    let second = gitea.push("b.rb").await;
    gitea.release("v2", &second, false, true).await;
    gitea.tag("v3", &second, "").await;
    let (private, public) = key(&["-t", "ed25519"], "");
    gitea.deploy(&public).await;
    let (place, url) = ssh_url(&gitea);
    let remote = remote_with(&url, &private, None, known_hosts(&place));
    let list = ReleaseList { provider: GitProvider::Gitea, remote: gitea.release_list() };
    let released = |stage, counterpart: Option<&str>| {
        let counterpart = counterpart.map(|pattern| pattern.parse().unwrap());
        Reference::Newest(TagChoice::Pattern {
            pattern: "v*".parse().unwrap(),
            order: TagOrder::Version,
            stage: Some(stage),
            counterpart,
        })
    };
    let expected = [
        (released(ReleaseStage::PreRelease, None), "v2"),
        (released(ReleaseStage::Full, None), "v1"),
        (released(ReleaseStage::PreRelease, Some("test-*")), "v1"),
    ];
    let wanted = expected.iter().map(|(reference, _)| reference.clone()).collect();
    let found = source::look_with_releases(&looker(), (&remote, Some(&list)), &wanted, PATIENCE).await.unwrap();
    gitea.remove().await;
    for (reference, tag) in expected {
        let seen = found[&reference].as_ref().unwrap();
        assert_eq!(seen.reference, format!("refs/tags/{tag}"), "{reference:?}");
        let passed = seen.passed_over.as_ref().unwrap();
        assert_eq!(passed.tag, "v3", "{reference:?}");
    }
}

/// What libgit2 and libssh2 write into their errors, and nobody else would.
const OF_LIBRARIES: [&str; 8] =
    ["libssh2", "libgit2", "callback", "session", "SSH could not", "hostkey", "public key", "os error"];

#[tokio::test]
async fn a_no_over_ssh_has_its_reason() {
    let Some(gitea) = Gitea::with_repository("ssh-noes").await else { return };
    gitea.push("a.rb").await;
    let (private, public) = key(&["-t", "ed25519"], PASSPHRASE);
    gitea.deploy(&public).await;
    let (stranger, _) = key(&["-t", "ed25519"], "");
    let (place, url) = ssh_url(&gitea);
    let known = known_hosts(&place);
    let (host, port) = place.split_once(':').unwrap();
    // Of the kind that the host has: libssh2 asks for those that are known.
    let (_, other) = key(&["-t", "rsa", "-b", "3072"], "");
    let changed = format!("[{host}]:{port} {other}");
    let reason = async |remote: Remote| {
        let error = resolve(&remote, &branch("main")).await.unwrap_err();
        assert!(error.is_definite(), "{error}");
        assert!(!format!("{error} {error:?} {remote:?}").contains(PASSPHRASE), "{error}");
        assert!(!OF_LIBRARIES.iter().any(|text| error.fact().contains(text)), "{error}");
        error.reason()
    };
    let locked = Some(PASSPHRASE);
    assert_eq!(reason(remote_with(&url, &private, locked, format!("elsewhere {other}"))).await, "HostKeyUnknown");
    assert_eq!(reason(remote_with(&url, &private, locked, changed)).await, "HostKeyMismatch");
    assert_eq!(reason(remote_with(&url, &private, locked, "no keys".into())).await, "SecretInvalid");
    assert_eq!(reason(remote_with(&url, &private, Some("wrong"), known.clone())).await, "SecretInvalid");
    assert_eq!(reason(remote_with(&url, &stranger, None, known.clone())).await, "AuthenticationFailed");
    let nothing = url.replace("ssh-noes", "nothing");
    let there = reason(remote_with(&nothing, &private, locked, known)).await;
    assert!(["RepositoryNotFound", "AccessDenied"].contains(&there), "{there}");
    assert_eq!(reason(remote(&url)).await, "AuthenticationRequired");
    gitea.remove().await;
}

#[tokio::test]
async fn a_token_alone_opens_a_private_repository() {
    let Some(gitea) = Gitea::with_repository("bearer").await else { return };
    let Ok(token) = std::env::var("TENGINE_GIT_TOKEN") else { return };
    gitea.push("a.rb").await;
    let credentials = Some(Credentials::Bearer(token));
    let packed = pack(&Remote { credentials, ..remote(&gitea.repository()) }, &branch("main"), "").await.unwrap();
    assert_eq!(packed.checked.unwrap().files, 1);
    let credentials = Some(Credentials::Bearer("wrong".to_owned()));
    let error = resolve(&Remote { credentials, ..remote(&gitea.repository()) }, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "AuthenticationFailed");
    gitea.remove().await;
}

#[rstest]
#[case::may_write("ssh-bot", false)]
#[case::may_read_only("ssh-reader", true)]
#[tokio::test]
async fn a_verified_commit_is_passed_on_over_ssh(#[case] name: &str, #[case] read_only: bool) {
    let Some(gitea) = Gitea::with_repository(name).await else { return };
    let commit = gitea.push("a.rb").await;
    let (private, public) = key(&["-t", "ed25519"], "");
    gitea.deploy_for(&public, read_only).await;
    let (place, url) = ssh_url(&gitea);
    let remote = remote_with(&url, &private, None, known_hosts(&place));
    let order = source::PassOn {
        seen: Seen::new("refs/heads/main", commit.parse().unwrap()),
        branch: Some("release".parse().unwrap()),
        tag: None,
    };
    let passed = source::pass_on(&the_worker(), &remote, &order, &Limits::default(), PATIENCE).await;
    let at = resolve(&remote, &branch("release")).await;
    gitea.remove().await;
    if read_only {
        let error = passed.unwrap_err().to_string();
        assert!(OF_LIBRARIES.iter().all(|word| !error.contains(word)), "{error}");
        assert_eq!(at.unwrap_err().reason(), "RefNotFound");
    } else {
        passed.unwrap();
        assert_eq!(at.unwrap().commit.as_ref(), commit);
    }
}
