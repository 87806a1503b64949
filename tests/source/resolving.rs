//! Where references are.

use super::server::{Access, GitServer, PASSWORD, USERNAME};
use super::*;

#[tokio::test]
async fn branches_tags_and_the_default_are_found_with_one_request() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let first = repo.push(&[("a.rb", b"1")]);
    repo.annotate("v1", &first);
    repo.point("refs/tags/light", &first);
    let second = repo.push(&[("a.rb", b"2")]);
    let remote = remote(&server.url("billing.git"));

    let main = resolve(&remote, &branch("main")).await.unwrap();
    assert_eq!((main.reference.as_str(), main.commit.as_ref()), ("refs/heads/main", second.as_str()));
    let asked: Vec<_> = server.requests().into_iter().map(|asked| asked.what).collect();
    assert_eq!(asked, ["GET /billing.git/info/refs?service=git-upload-pack"]);
    assert_eq!(resolve(&remote, &Reference::Default).await.unwrap(), main);
    let annotated = resolve(&remote, &tag("v1")).await.unwrap();
    assert_eq!((annotated.reference.as_str(), annotated.commit.as_ref()), ("refs/tags/v1", first.as_str()));
    assert_eq!(resolve(&remote, &tag("light")).await.unwrap().commit.as_ref(), first);
}

#[tokio::test]
async fn a_commit_is_itself_once_the_repository_has_answered() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", b"1")]);
    let reference = Reference::Commit(commit.parse().unwrap());
    let seen = resolve(&remote(&server.url("billing.git")), &reference).await.unwrap();
    assert_eq!((seen.reference.as_str(), seen.commit.as_ref()), (commit.as_str(), commit.as_str()));
    let missing = resolve(&remote(&server.url("nothing.git")), &reference).await.unwrap_err();
    assert_eq!(missing.reason(), "RepositoryNotFound");
}

#[tokio::test]
async fn credentials_open_a_private_repository() {
    let server = GitServer::private().await;
    let commit = server.repo("billing.git").push(&[("a.rb", b"1")]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    assert_eq!(resolve(&remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
}

#[tokio::test]
async fn a_host_that_ends_its_connections_may_ask_again() {
    let server = GitServer::start(Access::PrivateAndForgetful).await;
    let commit = server.repo("billing.git").push(&[("a.rb", repository::DRIVER)]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let packed = pack(&remote, &branch("main"), "").await.unwrap();
    assert!(packed.version.starts_with(&commit));
}

#[tokio::test]
async fn a_missing_branch_is_said_with_what_is_close() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", b"1")]);
    let error = resolve(&remote(&server.url("billing.git")), &branch("mian")).await.unwrap_err();
    assert_eq!(error.reason(), "RefNotFound");
    assert!(error.to_string().contains("has no branch mian (did you mean \"main\"?)"), "{error}");
}

#[tokio::test]
async fn an_empty_repository_is_called_empty() {
    let server = GitServer::public().await;
    server.repo("billing.git");
    for reference in [branch("main"), Reference::Default] {
        let error = resolve(&remote(&server.url("billing.git")), &reference).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), ("EmptyRepository", true));
    }
}
