//! A verified commit is passed on: a branch goes forward to it and a tag is put on it, by real hosts, and nothing is ever forced.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use tengine_operator::source::{PassError, PassFault, PassOn, PassedOn};

use super::gitea::Gitea;
use super::repository::{DRIVER, Repo};
use super::server::{GitServer, PASSWORD, USERNAME};
use super::*;

/// What a bot is told of a commit that was seen on `main`.
fn order(commit: &str, branch: Option<&str>, tag: Option<&str>) -> PassOn {
    PassOn {
        seen: Seen::new("refs/heads/main", commit.parse().unwrap()),
        branch: branch.map(|branch| branch.parse().unwrap()),
        tag: tag.map(|tag| (tag.parse().unwrap(), "test-{{date}}-{{number}}".parse().unwrap())),
    }
}

async fn pass_on(remote: &Remote, order: &PassOn) -> Result<PassedOn, PassError> {
    source::pass_on(&the_worker(), remote, order, &Limits::default(), PATIENCE).await
}

/// A host that takes pushes, and a repository on it.
async fn host() -> (GitServer, Repo, Remote) {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.set("http.receivepack", true);
    let remote = remote(&server.url("billing.git"));
    (server, repo, remote)
}

async fn at_of(server: &GitServer, name: &str) -> String {
    let said = server.git("billing.git", &["rev-parse", "--verify", name]).await;
    String::from_utf8(said).unwrap().trim().to_owned()
}

fn pushes(server: &GitServer) -> usize {
    server
        .requests()
        .iter()
        .filter(|asked| asked.what.starts_with("POST") && asked.what.ends_with("receive-pack"))
        .count()
}

fn commits(repo: &Repo, many: usize) -> Vec<String> {
    (0..many).map(|number| repo.push(&[("a.rb", DRIVER), ("n", number.to_string().as_bytes())])).collect()
}

#[tokio::test]
async fn a_branch_is_made_and_goes_forward_and_a_commit_gets_one_tag() {
    let (server, repo, remote) = host().await;
    let commits = commits(&repo, 3);
    let passed = pass_on(&remote, &order(&commits[0], Some("release"), Some("test-2026.11.27-1"))).await.unwrap();
    assert_eq!((passed.branch.unwrap().as_ref(), passed.tag.as_deref()), ("release", Some("test-2026.11.27-1")));
    assert_eq!(at_of(&server, "refs/heads/release").await, commits[0]);
    assert_eq!(at_of(&server, "refs/tags/test-2026.11.27-1").await, commits[0]);

    pass_on(&remote, &order(&commits[2], Some("release"), Some("test-2026.11.27-2"))).await.unwrap();
    assert_eq!(at_of(&server, "refs/heads/release").await, commits[2]);
    let before = pushes(&server);
    let again = pass_on(&remote, &order(&commits[2], Some("release"), Some("test-2026.11.28-9"))).await.unwrap();
    assert_eq!(again.tag.as_deref(), Some("test-2026.11.27-2"), "one tag a commit");
    pass_on(&remote, &order(&commits[1], Some("release"), None)).await.unwrap();
    assert_eq!(pushes(&server), before, "what is there already is not pushed, and no branch goes back");
    assert_eq!(at_of(&server, "refs/heads/release").await, commits[2]);
}

#[tokio::test]
async fn an_annotated_tag_of_the_same_kind_is_one_too() {
    let (server, repo, remote) = host().await;
    let commit = repo.push(&[("a.rb", DRIVER)]);
    repo.annotate("test-2026.11.1-1", &commit);
    let passed = pass_on(&remote, &order(&commit, None, Some("test-2026.11.27-2"))).await.unwrap();
    assert_eq!((passed.tag.as_deref(), pushes(&server)), (Some("test-2026.11.1-1"), 0));
}

#[tokio::test]
async fn a_branch_far_behind_goes_forward() {
    let (server, repo, remote) = host().await;
    let commits = commits(&repo, 120);
    repo.point("refs/heads/release", &commits[0]);
    pass_on(&remote, &order(commits.last().unwrap(), Some("release"), None)).await.unwrap();
    assert_eq!(at_of(&server, "refs/heads/release").await, commits[119]);
}

#[tokio::test]
async fn a_branch_with_commits_of_its_own_is_left_alone() {
    let (server, repo, remote) = host().await;
    let commit = commits(&repo, 2).pop().unwrap();
    let own = repo.commit("refs/heads/release", "Of its own", repo.tree(&[]));
    let error = pass_on(&remote, &order(&commit, Some("release"), Some("test-2026.11.27-1"))).await.unwrap_err();
    assert!(matches!(&error, PassError::Fault(PassFault::Diverged { at, .. }) if at.as_ref() == own), "{error}");
    assert_eq!(at_of(&server, "refs/heads/release").await, own);
    assert_eq!(pushes(&server), 0);
}

#[tokio::test]
async fn a_tag_on_another_commit_is_never_moved() {
    let (server, repo, remote) = host().await;
    let commits = commits(&repo, 2);
    repo.point("refs/tags/test-2026.11.27-1", &commits[0]);
    let error = pass_on(&remote, &order(&commits[1], None, Some("test-2026.11.27-1"))).await.unwrap_err();
    assert!(matches!(error, PassError::Fault(PassFault::TagTaken { .. })), "{error}");
    assert_eq!(at_of(&server, "refs/tags/test-2026.11.27-1").await, commits[0]);
}

/// Refuses every push to the repository with these words.
async fn refuses(server: &GitServer, words: &str) {
    let folder = String::from_utf8(server.git("billing.git", &["rev-parse", "--absolute-git-dir"]).await).unwrap();
    let hook = std::path::Path::new(folder.trim()).join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\ncat >&2 <<'WORDS'\n{words}\nWORDS\nexit 1\n")).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn what_a_hook_says_is_told() {
    let (server, repo, remote) = host().await;
    let commit = repo.push(&[("a.rb", DRIVER)]);
    refuses(&server, "Gitea: Not allowed to push\n to protected branch release.").await;
    let error = pass_on(&remote, &order(&commit, Some("release"), None)).await.unwrap_err();
    let words = "Gitea: Not allowed to push to protected branch release; pre-receive hook declined";
    assert_eq!(error.to_string(), format!("the host does not take branch release: {words}"));
}

/// A host that tells a user what it was sent tells it to the status of an object that many may read.
#[tokio::test]
async fn a_hook_that_repeats_the_password_is_not_repeated() {
    let server = GitServer::private().await;
    let repo = server.repo("billing.git");
    repo.set("http.receivepack", true);
    let commit = repo.push(&[("a.rb", DRIVER)]);
    refuses(&server, &format!("{USERNAME} with {PASSWORD} may not.")).await;
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let error = pass_on(&remote, &order(&commit, Some("release"), None)).await.unwrap_err().to_string();
    assert!(error.contains("may not; pre-receive hook declined"), "{error}");
    assert!(!error.contains(PASSWORD) && !error.contains(USERNAME), "{error}");
}

#[tokio::test]
async fn who_may_not_push_is_told_so() {
    let (_server, repo, remote) = host().await;
    repo.set("http.receivepack", false);
    let commit = repo.push(&[("a.rb", DRIVER)]);
    let error = pass_on(&remote, &order(&commit, Some("release"), None)).await.unwrap_err();
    assert_eq!(error.to_string(), "the host does not take branch release: these credentials may not push");
}

/// Between the look and the push; the next try finds it.
#[tokio::test]
async fn somebody_who_pushes_in_between_loses_nothing() {
    let (server, repo, remote) = host().await;
    let commits = commits(&repo, 3);
    repo.point("refs/heads/main", &commits[0]);
    let other = repo.orphan("In between", repo.tree(&[]), Some(commits[0].parse().unwrap()));
    let mut told = order(&commits[2], Some("main"), None);
    told.seen.reference = "refs/heads/verified".into();
    repo.point("refs/heads/verified", &commits[2]);
    server.move_once_seen("billing.git", &other);
    let error = pass_on(&remote, &told).await.unwrap_err();
    assert!(matches!(error, PassError::Fault(PassFault::Raced | PassFault::Diverged { .. })), "{error}");
    assert_eq!(at_of(&server, "refs/heads/main").await, other);
    let error = pass_on(&remote, &told).await.unwrap_err();
    assert!(matches!(error, PassError::Fault(PassFault::Diverged { .. })), "{error}");
}

#[tokio::test]
async fn gitea_takes_it_and_says_why_not() {
    let Some(gitea) = Gitea::with_repository("passing").await else { return };
    let commit = gitea.push("a.rb").await;
    let passed = pass_on(&gitea.remote(), &order(&commit, Some("release"), Some("test-2026.11.27-1"))).await.unwrap();
    assert_eq!(passed.tag.as_deref(), Some("test-2026.11.27-1"));
    assert_eq!(resolve(&gitea.remote(), &branch("release")).await.unwrap().commit.as_ref(), commit);
    assert_eq!(resolve(&gitea.remote(), &tag("test-2026.11.27-1")).await.unwrap().commit.as_ref(), commit);
    gitea.protect(&json!({ "rule_name": "release", "enable_push": false })).await;
    let next = gitea.push("b.rb").await;
    let error = pass_on(&gitea.remote(), &order(&next, Some("release"), None)).await.unwrap_err();
    gitea.remove().await;
    assert!(matches!(error, PassError::Fault(PassFault::Refused { .. })), "{error}");
    assert!(error.to_string().contains("protected branch release"), "{error}");
}
