//! The newest tag of a release train, and references by their full names.

use rstest::rstest;
use std::collections::BTreeSet;
use tengine_operator::domain::{Lack, TagChoice, TagOrder};

use super::gitea::Gitea;
use super::repository::DRIVER;
use super::server::{Access, GitServer};
use super::*;

pub fn newest(pattern: &str, order: TagOrder) -> Reference {
    Reference::Newest(TagChoice::Pattern { pattern: pattern.parse().unwrap(), order, counterpart: None, stage: None })
}

fn semver(range: &str) -> Reference {
    Reference::Newest(TagChoice::Range(range.parse().unwrap()))
}

fn name(full: &str) -> Reference {
    Reference::Name(full.parse().unwrap())
}

#[rstest]
#[case::version_2(Access::Public)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn the_newest_tag_is_found_and_packed(#[case] access: Access) {
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", DRIVER)]);
    repo.point("refs/tags/release-2026.11.9-7", &old);
    let new = repo.push(&[("a.rb", DRIVER), ("b.rb", DRIVER)]);
    // A tag on a tag: the commit at its end counts.
    let inner = repo.annotate("inner", &new);
    repo.annotate("release-2026.11.21-1204", &inner);
    repo.push(&[("a.rb", b"driver")]);
    repo.point("refs/tags/release-latest", &old);
    let remote = remote(&server.url("billing.git"));
    let wanted = newest("release-*", TagOrder::Calendar);
    let seen = resolve(&remote, &wanted).await.unwrap();
    assert_eq!((seen.reference.as_str(), seen.commit.as_ref()), ("refs/tags/release-2026.11.21-1204", new.as_str()));
    assert_eq!(pack(&remote, &wanted, "").await.unwrap().checked.unwrap().files, 2);
}

#[tokio::test]
async fn versions_in_a_range_are_found_with_and_without_v() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    for tag in ["v1.4.0", "1.10.0", "v1.11.0-rc.1", "v2.0.0", "v1", "version-3"] {
        let commit = repo.push(&[("a.rb", tag.as_bytes())]);
        repo.annotate(tag, &commit);
    }
    let remote = remote(&server.url("billing.git"));
    for (range, tag) in [("^1.4", "1.10.0"), ("*", "v2.0.0"), ("~1.11.0-rc", "v1.11.0-rc.1")] {
        let seen = resolve(&remote, &semver(range)).await.unwrap();
        assert_eq!(seen.reference, format!("refs/tags/{tag}"), "{range}");
    }
}

#[tokio::test]
async fn a_reference_has_a_full_name() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", DRIVER)]);
    repo.push(&[("a.rb", b"driver")]);
    repo.point("refs/pull/7/head", &commit);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &name("refs/pull/7/head")).await.unwrap();
    assert_eq!((seen.reference.as_str(), seen.commit.as_ref()), ("refs/pull/7/head", commit.as_str()));
    pack(&remote, &name("refs/pull/7/head"), "").await.unwrap();
    let error = resolve(&remote, &name("refs/heads/mian")).await.unwrap_err();
    assert!(error.to_string().contains("has no refs/heads/mian (did you mean \"refs/heads/main\"?)"), "{error}");
}

#[rstest]
#[case::version_2(Access::Public)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn a_train_without_a_tag_says_what_is_there(#[case] access: Access) {
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", DRIVER)]);
    repo.point("refs/tags/release-latest", &commit);
    let remote = remote(&server.url("billing.git"));
    let error = resolve(&remote, &newest("release-*", TagOrder::Calendar)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("NoTagMatches", true));
    let said = error.to_string();
    assert!(
        said.contains("no tag release-* with a day in the place of *: tag release-latest does not count."),
        "{said}"
    );
    let error = resolve(&remote, &newest("test-*", TagOrder::Version)).await.unwrap_err();
    assert!(error.to_string().contains("has no tag test-*."), "{error}");
    assert!(server.requests().iter().all(|asked| !asked.what.contains("shallow")), "nothing is fetched for it");
}

#[tokio::test]
async fn a_train_of_an_empty_repository_is_called_empty() {
    let server = GitServer::public().await;
    server.repo("billing.git");
    let error = resolve(&remote(&server.url("billing.git")), &semver("*")).await.unwrap_err();
    assert_eq!(error.reason(), "EmptyRepository");
}

#[tokio::test]
async fn a_tag_of_something_that_is_no_commit_is_said() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let file = repo.blob(b"no commit").to_string();
    repo.annotate("release-1", &file);
    let remote = remote(&server.url("billing.git"));
    let error = pack(&remote, &newest("release-*", TagOrder::Version), "").await.unwrap_err();
    assert_eq!(error.reason(), "RefNotFound");
    assert!(error.to_string().contains("refs/tags/release-1"), "{error}");
    assert!(error.to_string().contains("does not point at a commit: it is a file"), "{error}");
}

#[rstest]
#[case::version_2(Access::Public)]
#[case::version_0(Access::PublicOfOldTimes)]
#[tokio::test]
async fn ten_thousand_tags_are_two_requests(#[case] access: Access) {
    let is_new = matches!(access, Access::Public);
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    let commit = repo.push(&[("a.rb", DRIVER)]);
    let tags =
        (1..=10_000).map(|number| format!("refs/tags/release-2026.{}.{}-{number}", number % 12 + 1, number % 28 + 1));
    repo.pack_references(tags, &commit);
    let remote = remote(&server.url("billing.git"));
    let wanted: BTreeSet<_> = [newest("release-*", TagOrder::Calendar), newest("release-*", TagOrder::Version)].into();
    let found = source::look(&looker(), &remote, &wanted, PATIENCE).await.unwrap();
    for seen in found.into_values() {
        // The 28th of December with the highest number: 12 and 28 meet every 84 numbers.
        assert_eq!(seen.unwrap().reference, "refs/tags/release-2026.12.28-9995");
    }
    assert_eq!(server.requests().len(), if is_new { 2 } else { 1 }, "{:?}", server.requests());
}

#[tokio::test]
async fn a_host_that_lists_without_an_end_is_not_heard_out() {
    let server = GitServer::start(Access::Endless).await;
    let error =
        resolve(&remote(&server.url("billing.git")), &newest("release-*", TagOrder::Version)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("TooLarge", true));
    let said = error.to_string();
    assert!(said.contains("lists more than 64 MiB of references") && said.contains("begins with more text"), "{said}");
}

#[tokio::test]
async fn gitea_tells_the_newest_tag_and_what_became_of_it() {
    let Some(gitea) = Gitea::with_repository("train").await else { return };
    let wanted = newest("release-*", TagOrder::Calendar);
    let first = gitea.push("dsl/a.rb").await;
    gitea.tag("release-2026.11.9-7", &first, "").await;
    let second = gitea.push("dsl/b.rb").await;
    gitea.tag("release-2026.11.21-1204", &second, "annotated").await;
    let seen = async || {
        let seen = resolve(&gitea.remote(), &wanted).await.unwrap();
        (seen.reference, seen.commit.to_string())
    };
    let newest = "refs/tags/release-2026.11.21-1204".to_owned();
    assert_eq!(seen().await, (newest.clone(), second.clone()));
    let packed = pack(&gitea.remote(), &wanted, "dsl").await.unwrap();
    assert_eq!(packed.checked.unwrap().files, 2);
    gitea.untag("release-2026.11.21-1204").await;
    assert_eq!(seen().await, ("refs/tags/release-2026.11.9-7".to_owned(), first.clone()));
    gitea.tag("release-2026.11.21-1204", &first, "").await;
    assert_eq!(seen().await, (newest, first.clone()));
    let [pattern, counterpart] = ["release-*", "test-*"].map(|text| text.parse().unwrap());
    let paired = TagChoice::Pattern { pattern, order: TagOrder::Calendar, counterpart: Some(counterpart), stage: None };
    let paired = Reference::Newest(paired);
    let none = resolve(&gitea.remote(), &paired).await.unwrap_err();
    assert_eq!(none.reason(), "TagMismatch");
    gitea.tag("test-2026.11.9-7", &first, "tested").await;
    let found = resolve(&gitea.remote(), &paired).await.unwrap();
    assert_eq!(found.reference, "refs/tags/release-2026.11.9-7");
    let lacks = found.passed_over.unwrap().lacks;
    assert_eq!(lacks, Lack::Counterpart { tag: "test-2026.11.21-1204".into(), at: None });
    assert_eq!(resolve(&gitea.remote(), &name("refs/heads/main")).await.unwrap().commit.as_ref(), second);
    let none = resolve(&gitea.remote(), &semver("^1")).await.unwrap_err();
    assert_eq!(none.reason(), "NoTagMatches");
    gitea.remove().await;
}
