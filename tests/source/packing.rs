//! What is packed, of which commit.

use std::collections::BTreeMap;
use std::io::Read;

use rstest::rstest;
use tengine_operator::domain::Digest;

use super::repository::{DRIVER, FILE, FOLDER, LINK, SCRIPT, noise};
use super::server::{Access, GitServer};
use super::*;

/// The files of a layer: path below the definition's root → content, or `-> target`.
pub fn unpack(packed: &Packed) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(std::fs::File::open(packed.layer.path()).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        if let Some(target) = entry.link_name().unwrap() {
            content = format!("-> {}", target.display());
        }
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        (path.trim_start_matches("var/lib/tengine/dsl/").to_owned(), content)
    });
    entries
        .filter(|(path, _)| !path.is_empty() && !path.starts_with("var/") && !path.ends_with(".wh..wh..opq"))
        .collect()
}

#[tokio::test]
async fn a_definition_becomes_a_layer() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let text = repo.blob(DRIVER);
    let below = repo.tree(&[(FILE, b"b.rb", text), (LINK, b"link.rb", repo.blob(b"../a.rb"))]);
    let root = repo.tree(&[
        (FILE, b".gitignore", repo.blob(b"tmp")),
        (FILE, b".hidden", repo.blob(b"kept")),
        (FILE, b"VERSION", repo.blob(b"1.2.3")),
        (FILE, b"a.rb", repo.blob(b"driver :a do\n  on :a do\n  end\nend\n")),
        (FOLDER, b"jobs", below),
        (SCRIPT, b"run.sh", repo.blob(b"#!/bin/sh")),
    ]);
    repo.commit("refs/heads/main", "Bill at night\n\nmore", root);
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();

    assert_eq!(packed.version, packed.tree.short(40), "nothing of the commit");
    assert_eq!((packed.commit.subject.as_str(), packed.commit.author.as_str()), ("Bill at night", "Hanako Sato"));
    assert_eq!(packed.commit.committed_at.unwrap().to_string(), "2001-09-09T01:46:40Z");
    assert_eq!(packed.checked.unwrap().files, 2);
    assert_eq!(packed.notes, ["The VERSION file in Git is replaced by the digest of the files."]);
    let layer = std::fs::read(packed.layer.path()).unwrap();
    assert_eq!((Digest::of(&layer), layer.len() as u64), (packed.layer.digest.clone(), packed.layer.size));
    let files = unpack(&packed);
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        [".hidden", "VERSION", "a.rb", "jobs/", "jobs/b.rb", "jobs/link.rb", "run.sh"]
    );
    assert_eq!(files["VERSION"], packed.version);
    assert_eq!(files["jobs/link.rb"], "-> ../a.rb");
}

#[tokio::test]
async fn the_layer_is_gone_with_its_value() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();
    let path = packed.layer.path();
    assert!(path.exists());
    drop(packed);
    assert!(!path.parent().unwrap().exists());
}

#[tokio::test]
async fn the_same_files_in_another_commit_have_the_same_tree_and_version() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let first = pack(&remote, &branch("main"), "").await.unwrap();
    let again = pack(&remote, &branch("main"), "").await.unwrap();
    assert_eq!(first.layer.digest, again.layer.digest);
    repo.push(&[("a.rb", DRIVER)]);
    let second = pack(&remote, &branch("main"), "").await.unwrap();
    assert_eq!(first.tree, second.tree);
    assert_eq!(first.version, second.version);
}

#[tokio::test]
async fn only_what_is_below_the_path_is_packed() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let dsl = repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER))]);
    let ops = repo.tree(&[(FOLDER, b"dsl", dsl)]);
    let root = repo.tree(&[
        (FILE, b"README", repo.blob(b"read me")),
        (LINK, b"link", repo.blob(b"ops/dsl")),
        (FOLDER, b"ops", ops),
    ]);
    repo.commit("refs/heads/main", "x", root);
    let remote = remote(&server.url("billing.git"));
    let packed = pack(&remote, &branch("main"), "ops/dsl").await.unwrap();
    assert_eq!(unpack(&packed).into_keys().collect::<Vec<_>>(), ["VERSION", "a.rb"]);

    let said = async |path| {
        let refusal = refused(pack(&remote, &branch("main"), path).await);
        format!("{}: {refusal}", refusal.reason())
    };
    let advice = "Correct source.git.path, or push the folder.";
    assert_eq!(said("ops/dls").await, format!("PathNotFound: There is no folder \"ops/dls\". {advice}"));
    assert_eq!(said("README").await, format!("PathNotFound: There is no folder \"README\": it is a file. {advice}"));
    assert!(said("link").await.contains("it is a symbolic link"));
}

#[tokio::test]
async fn what_is_refused_is_named_as_the_repository_has_it() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let with = |name: &[u8], bytes: &[u8]| {
        let file = repo.blob(DRIVER);
        let dsl = repo.tree(&[(FILE, b"a.rb", file), (FILE, name, repo.blob(bytes))]);
        let root = repo.tree(&[(FOLDER, b"ops", repo.tree(&[(FOLDER, b"dsl", dsl)]))]);
        repo.commit("refs/heads/main", "x", root);
    };
    let remote = remote(&server.url("billing.git"));
    with(b"broken.rb", b"driver :a do\n");
    let refusal = refused(pack(&remote, &branch("main"), "ops/dsl").await);
    assert!(refusal.to_string().starts_with("ops/dsl/broken.rb:"), "{refusal}");
    assert_eq!(refusal.findings()[0].path, "ops/dsl/broken.rb");
    with(b".wh.a", b"");
    let refusal = refused(pack(&remote, &branch("main"), "ops/dsl").await);
    assert!(refusal.to_string().starts_with("\"ops/dsl/.wh.a\" "), "{refusal}");
    with(b"dump", &vec![b'x'; 11 << 20]);
    let refusal = refused(pack(&remote, &branch("main"), "ops/dsl").await);
    assert!(refusal.to_string().starts_with("\"ops/dsl/dump\" has 11534336 bytes"), "{refusal}");
}

#[tokio::test]
async fn a_tree_without_ruby_is_no_definition() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("README", b"soon")]);
    let refusal = refused(pack(&remote(&server.url("billing.git")), &branch("main"), "").await);
    assert_eq!(refusal.reason(), "NoDefinition");
}

#[tokio::test]
async fn an_annotated_tag_packs_its_commit() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let tagged = repo.push(&[("a.rb", DRIVER)]);
    repo.annotate("v1", &tagged);
    repo.push(&[("b.rb", DRIVER)]);
    let packed = pack(&remote(&server.url("billing.git")), &tag("v1"), "").await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
}

/// A repository whose history is larger than the limit that its tip alone keeps.
fn long_history(repo: &repository::Repo) -> (String, Limits) {
    repo.push(&[("a.rb", DRIVER), ("fixture", &noise(3 << 20))]);
    let tip = repo.push(&[("a.rb", DRIVER)]);
    (tip, Limits { received_bytes: 1 << 20, ..Limits::default() })
}

#[tokio::test]
async fn the_history_of_a_tip_stays_where_it_is() {
    let server = GitServer::public().await;
    let (_, limits) = long_history(&server.repo("billing.git"));
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    let packed = pack_seen(&remote, &seen, "", &limits).await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
}

/// A host starts a process for each request.
#[tokio::test]
async fn a_fetch_from_a_host_that_was_looked_at_is_one_request_and_brings_no_history() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    long_history(&repo);
    let (looker, remote) = (looker(), remote(&server.url("billing.git")));
    for name in ["b.rb", "c.rb"] {
        repo.push(&[("a.rb", DRIVER), (name, DRIVER)]);
        let seen = look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
        server.asked();
        let limits = Limits { received_bytes: 1 << 20, ..Limits::default() };
        let packed = pack_looked_at(&looker, &remote, &seen, "", &limits).await.unwrap();
        assert!(unpack(&packed).contains_key(name));
        assert_eq!(server.asked(), ["POST /billing.git/git-upload-pack"]);
    }
}

#[rstest]
#[case::bytes(Limits { received_bytes: 1 << 20, ..Limits::default() }, "more than 1 MiB")]
#[case::objects(Limits { received_objects: 2, ..Limits::default() }, "more than 2 objects")]
#[tokio::test]
async fn what_a_host_sends_at_once_has_the_same_limits(#[case] limits: Limits, #[case] said: &str) {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER), ("fixture", &noise(3 << 20))]);
    let (looker, remote) = (looker(), remote(&server.url("billing.git")));
    let seen = look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
    server.asked();
    let refusal = refused(pack_looked_at(&looker, &remote, &seen, "", &limits).await);
    assert_eq!(refusal.reason(), "TooLarge");
    assert!(refusal.to_string().contains(said), "{refusal}");
    assert_eq!(server.asked().len(), 1);
}

/// What became of the host, or of the commit, since it was looked at is said as ever, or does not matter.
#[rstest]
#[case::the_old_protocol(Access::PublicOfOldTimes, None)]
#[case::it_cannot_cut(Access::PublicWithoutShallow, None)]
#[case::a_page(Access::Html, Some("NotARepository"))]
#[case::gone(Access::Status(404), Some("RepositoryNotFound"))]
#[case::trouble(Access::Status(502), Some("HostFailed"))]
#[case::too_often(Access::Status(429), Some("RateLimited"))]
#[case::a_closed_door(Access::Status(403), Some("AccessDenied"))]
#[tokio::test]
async fn a_host_that_is_another_since_it_was_looked_at_is_asked_as_everybody_asks(
    #[case] turned: Access,
    #[case] reason: Option<&str>,
) {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let (looker, remote) = (looker(), remote(&server.url("billing.git")));
    let seen = look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
    server.turn(turned);
    let packed = pack_looked_at(&looker, &remote, &seen, "", &Limits::default()).await;
    assert_eq!(told(&packed), told(&pack_seen(&remote, &seen, "", &Limits::default()).await));
    assert_eq!(packed.as_ref().err().map(PackError::reason), reason);
}

/// Hosts give out by its name what no reference has, and what others pushed to a copy of the repository.
#[tokio::test]
async fn a_commit_that_somebody_wrote_down_has_to_be_in_the_repository() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let stray = repo.orphan("stray", repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER))]), None);
    let (looker, remote) = (looker(), remote(&server.url("billing.git")));
    look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
    let seen = Seen::new(stray.clone(), stray.parse().unwrap());
    let error = pack_looked_at(&looker, &remote, &seen, "", &Limits::default()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("CommitNotFound", true), "{error}");
}

#[tokio::test]
async fn a_fetch_asks_once_what_there_is() {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    server.asked();
    pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap();
    let lists = server.asked().into_iter().filter(|asked| asked.starts_with("GET ")).count();
    assert_eq!(lists, 1);
}

#[tokio::test]
async fn a_host_that_cannot_cut_sends_the_whole_history() {
    let server = GitServer::start(Access::PublicWithoutShallow).await;
    let (_, limits) = long_history(&server.repo("billing.git"));
    let remote = remote(&server.url("billing.git"));
    let packed = pack(&remote, &branch("main"), "").await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    let refusal = refused(pack_seen(&remote, &seen, "", &limits).await);
    assert_eq!(refusal.reason(), "TooLarge");
}

#[tokio::test]
async fn an_old_commit_is_found_in_the_history() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", DRIVER)]);
    repo.push(&[("b.rb", DRIVER)]);
    let reference = Reference::Commit(old.parse().unwrap());
    let packed = pack(&remote(&server.url("billing.git")), &reference, "").await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
}

#[tokio::test]
async fn a_commit_that_the_host_gives_out_by_name_comes_without_its_history() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.set("uploadpack.allowReachableSHA1InWant", true);
    let (old, limits) = long_history(&repo);
    repo.push(&[("b.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &Reference::Commit(old.parse().unwrap())).await.unwrap();
    let packed = pack_seen(&remote, &seen, "", &limits).await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
}

#[tokio::test]
async fn the_commit_that_was_seen_is_packed_though_the_branch_has_moved_on() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    repo.push(&[("b.rb", DRIVER)]);
    let packed = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
}

#[tokio::test]
async fn a_branch_that_moves_on_while_it_is_fetched_from_still_gives_the_commit_that_was_seen() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    let new = repo.push(&[("b.rb", DRIVER)]);
    repo.point("refs/heads/main", &old);
    server.move_once_seen("billing.git", &new);
    let packed = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap();
    assert!(unpack(&packed).contains_key("a.rb"));
    assert_eq!(resolve(&remote, &branch("main")).await.unwrap().commit.as_ref(), new, "it did move");
}

#[tokio::test]
async fn a_commit_that_a_push_by_force_took_away_while_it_was_fetched_is_not_said_to_be_wrong() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    let other = repo.orphan("forced", repo.tree(&[(FILE, b"b.rb", repo.blob(DRIVER))]), None);
    server.move_once_seen("billing.git", &other);
    let error = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("RepositoryDamaged", false), "{error}");
    let told = format!("does not give out {}, which refs/heads/main was seen at", seen.commit);
    assert!(error.to_string().contains(&told), "{error}");
}

#[tokio::test]
async fn a_commit_that_no_reference_has_is_not_found() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", DRIVER)]);
    let gone = repo.orphan("gone", repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER))]), None);
    for commit in [gone, "0123456789".repeat(4)] {
        let reference = Reference::Commit(commit.parse().unwrap());
        let error = pack(&remote(&server.url("billing.git")), &reference, "").await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), ("CommitNotFound", true), "{error}");
    }
}
