//! Where references are.

use rstest::rstest;
use std::collections::BTreeSet;

use super::server::{Access, GitServer, PASSWORD, USERNAME};
use super::*;

#[tokio::test]
async fn branches_tags_and_the_default_are_found_with_two_requests() {
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
    assert_eq!(asked, ["GET /billing.git/info/refs?service=git-upload-pack", "POST /billing.git/git-upload-pack"]);
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
    server.repo("billing.git").push(&[("a.rb", repository::DRIVER)]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let packed = pack(&remote, &branch("main"), "").await.unwrap();
    assert_eq!(packed.checked.unwrap().files, 1);
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

#[rstest]
#[case::version_2(Access::Public)]
#[case::version_1(Access::PublicOfVersion1)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn one_look_answers_for_many_references(#[case] access: Access) {
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", b"1")]);
    repo.annotate("v1", &commit);
    for number in 0..200 {
        repo.point(&format!("refs/heads/stage-{number}"), &commit);
    }
    let wanted: BTreeSet<_> = (0..100).map(|number| branch(&format!("stage-{number}"))).collect();
    let wanted: BTreeSet<_> = wanted.into_iter().chain([tag("v1"), Reference::Default, branch("stage-x")]).collect();
    let remote = remote(&server.url("billing.git"));
    let mut found = source::look(&looker(), &remote, &wanted, PATIENCE).await.unwrap();
    let missing = found.remove(&branch("stage-x")).unwrap().unwrap_err();
    assert_eq!(missing.reason(), "RefNotFound");
    assert_eq!(found.len(), 102);
    assert!(found.into_values().all(|seen| seen.unwrap().commit.as_ref() == commit));
    assert!(server.requests().len() <= 3, "{:?}", server.requests());
}

#[rstest]
#[case::version_2(Access::Public)]
#[case::version_1(Access::PublicOfVersion1)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn a_shallow_repository_is_read_like_any_other(#[case] access: Access) {
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", b"1")]);
    let commit = repo.push(&[("a.rb", repository::DRIVER)]);
    repo.cut_at(&commit);
    let remote = remote(&server.url("billing.git"));
    assert_eq!(resolve(&remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
    pack(&remote, &branch("main"), "").await.unwrap();
}

/// Objects with names of another kind could be neither fetched nor named in a release.
#[rstest]
#[case::version_2(Access::Public)]
#[case::version_1(Access::PublicOfVersion1)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn a_repository_of_sha_256_is_told_by_the_look(#[case] access: Access) {
    let server = GitServer::start(access).await;
    server.git(".", &["init", "-q", "--bare", "--object-format=sha256", "-b", "main", "billing.git"]).await;
    let said = async |arguments: &[&str]| {
        let text = String::from_utf8(server.git("billing.git", arguments).await).unwrap();
        text.trim().to_owned()
    };
    let tree = said(&["hash-object", "-t", "tree", "-w", "/dev/null"]).await;
    let author = ["-c", "user.name=Taro", "-c", "user.email=taro@example.com"];
    let commit = said(&[author.as_slice(), &["commit-tree", &tree, "-m", "Bill at night"]].concat()).await;
    assert_eq!(commit.len(), 64, "{commit}");
    said(&["update-ref", "refs/heads/main", &commit]).await;
    for reference in [branch("main"), Reference::Default] {
        let error = resolve(&remote(&server.url("billing.git")), &reference).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), ("UnsupportedRepository", true));
        assert!(error.to_string().contains("its object names are of the kind sha256"), "{error}");
    }
}

#[tokio::test]
async fn media_types_may_have_parameters_and_other_case() {
    let server = GitServer::start(Access::PublicWithParameters).await;
    let commit = server.repo("billing.git").push(&[("a.rb", repository::DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    assert_eq!(resolve(&remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
    pack(&remote, &branch("main"), "").await.unwrap();
}

#[tokio::test]
async fn credentials_are_sent_at_once_whatever_else_the_host_offers() {
    let server = GitServer::start(Access::PrivateWithNtlm).await;
    let commit = server.repo("billing.git").push(&[("a.rb", repository::DRIVER)]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    assert_eq!(resolve(&remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
    pack(&remote, &branch("main"), "").await.unwrap();
    assert!(server.requests().iter().all(|asked| asked.authorized), "{:?}", server.requests());
}

#[tokio::test]
async fn a_password_that_ends_in_a_line_break_is_tried_and_told() {
    let server = GitServer::private().await;
    server.repo("billing.git").push(&[("a.rb", b"1")]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, &format!("{PASSWORD}\n"));
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "AuthenticationFailed");
    assert!(error.to_string().contains("its key password ends in a line break"), "{error}");
}

#[tokio::test]
async fn an_at_sign_in_the_path_is_part_of_it() {
    let server = GitServer::public().await;
    let commit = server.repo("billing@night.git").push(&[("a.rb", repository::DRIVER)]);
    let packed = pack(&remote(&server.url("billing@night.git")), &branch("main"), "").await.unwrap();
    assert_eq!(
        resolve(&remote(&server.url("billing@night.git")), &branch("main")).await.unwrap().commit.as_ref(),
        commit
    );
    assert!(!packed.version.is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_host_is_followed() {
    let server = GitServer::start(Access::RedirectWithin).await;
    let commit = server.repo("billing.git").push(&[("a.rb", repository::DRIVER)]);
    assert_eq!(resolve(&remote(&server.url("billing")), &branch("main")).await.unwrap().commit.as_ref(), commit);
}

#[tokio::test]
async fn a_default_branch_that_is_not_there_is_named() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", b"1")]);
    repo.point("refs/heads/other", &commit);
    repo.head_at("refs/heads/trunk");
    let error = resolve(&remote(&server.url("billing.git")), &Reference::Default).await.unwrap_err();
    assert_eq!(error.reason(), "RefNotFound");
    assert!(error.to_string().contains("its HEAD stands for \"trunk\", which is not there"), "{error}");
}

#[rstest]
#[case("refs/heads/main")]
#[case("origin/main")]
#[tokio::test]
async fn a_branch_with_something_before_its_name_is_said_without(#[case] name: &str) {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", b"1")]);
    let error = resolve(&remote(&server.url("billing.git")), &branch(name)).await.unwrap_err();
    assert!(error.to_string().contains("(did you mean \"main\"?)"), "{error}");
}
