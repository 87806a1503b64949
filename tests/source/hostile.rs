//! Repositories that were made to do harm.

use rstest::rstest;

use super::repository::{DRIVER, FILE, FOLDER, LINK, Repo, SUBMODULE, noise};
use super::server::GitServer;
use super::*;
use tengine_operator::worker::Bounds;

/// What comes of a repository whose `main` is at the tree that `make` makes.
async fn refusal_of(make: impl FnOnce(&Repo) -> git2::Oid) -> Refusal {
    refusal_within(&Limits::default(), make).await
}

async fn refusal_within(limits: &Limits, make: impl FnOnce(&Repo) -> git2::Oid) -> Refusal {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let tree = make(&repo);
    repo.commit("refs/heads/main", "hostile", tree);
    let remote = remote(&server.url("billing.git"));
    let seen = resolve(&remote, &branch("main")).await.unwrap();
    refused(pack_seen(&remote, &seen, "", limits).await)
}

#[rstest]
#[case(b"..", "leads elsewhere")]
#[case(b".", "leads elsewhere")]
#[case(b"../../etc/cron.d/x", "leads elsewhere")]
#[case(b"a/../../x", "leads elsewhere")]
#[case(b"/etc/passwd", "absolute")]
#[case(b".git", "Git's own name")]
#[case(b".GIT", "Git's own name")]
#[case(b".wh.secrets", ".wh.")]
#[case(b"a\nb.rb", "control character")]
#[case(b"\xff.rb", "not UTF-8")]
#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused(#[case] name: &[u8], #[case] why: &str) {
    for mode in [FILE, FOLDER] {
        let refusal = refusal_of(|repo| {
            let file = repo.blob(DRIVER);
            let entry = if mode == FILE { file } else { repo.tree(&[(FILE, b"a.rb", file)]) };
            repo.tree(&[(mode, name, entry), (FILE, b"a.rb", file)])
        });
        let refusal = refusal.await;
        assert_eq!(refusal.reason(), "TreeRefused", "{refusal}");
        assert!(refusal.to_string().contains(why), "{refusal}");
        assert!(!refusal.to_string().contains('\n'), "{refusal}");
    }
}

#[rstest]
#[case("/etc/passwd")]
#[case("../outside")]
#[case("below/../../outside")]
#[tokio::test]
async fn a_link_out_of_the_tree_is_refused(#[case] target: &str) {
    let refusal = refusal_of(|repo| {
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (LINK, b"link", repo.blob(target.as_bytes()))])
    });
    let refusal = refusal.await;
    assert_eq!(refusal.reason(), "TreeRefused", "{refusal}");
    assert!(refusal.to_string().contains("\"link\""), "{refusal}");
}

#[tokio::test]
async fn one_name_for_two_things_is_refused() {
    for mode in [FILE, FOLDER] {
        let refusal = refusal_of(|repo| {
            let file = repo.blob(DRIVER);
            let other = if mode == FILE { file } else { repo.tree(&[(FILE, b"passwd", file)]) };
            repo.tree(&[(LINK, b"a", repo.blob(b"b")), (mode, b"a", other), (FILE, b"a.rb", file)])
        });
        assert_eq!(refusal.await.reason(), "TreeRefused");
    }
}

#[tokio::test]
async fn a_submodule_is_refused_by_name() {
    let refusal = refusal_of(|repo| {
        let elsewhere = "0123456789".repeat(4).parse().unwrap();
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (SUBMODULE, b"vendor", elsewhere)])
    });
    let refusal = refusal.await;
    assert_eq!(refusal.to_string(), "\"vendor\" is a submodule; put its files into this repository.");
}

#[rstest]
#[case::ruby("x.rb")]
#[case::something_else("fixtures.bin")]
#[tokio::test]
async fn a_pointer_of_git_lfs_is_refused_by_name(#[case] name: &str) {
    let refusal = refusal_of(|repo| {
        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "0".repeat(64));
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (FILE, name.as_bytes(), repo.blob(pointer.as_bytes()))])
    });
    let refusal = refusal.await;
    assert_eq!(refusal.reason(), "TreeRefused");
    assert!(refusal.to_string().starts_with(&format!("{name:?} is a Git LFS pointer")), "{refusal}");
}

#[tokio::test]
async fn a_file_of_100_megabytes_is_refused_by_name() {
    let refusal = refusal_of(|repo| {
        let huge = repo.blob(&vec![b'#'; 100_000_000]);
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (FILE, b"dump.sql", huge)])
    });
    let refusal = refusal.await;
    assert_eq!(refusal.reason(), "TooLarge");
    assert!(
        refusal
            .to_string()
            .starts_with("\"dump.sql\" has 100000000 bytes, and the limit for a file is 10485760 bytes (10 MiB)."),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_large_transfer_is_ended_on_the_way() {
    let limits = Limits { received_bytes: 1 << 20, ..Limits::default() };
    let refusal = refusal_within(&limits, |repo| {
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (FILE, b"noise", repo.blob(&noise(8 << 20)))])
    });
    let refusal = refusal.await;
    assert!(refusal.to_string().starts_with("The repository sends more than 1 MiB for this commit."), "{refusal}");
}

#[tokio::test]
async fn too_many_objects_are_ended_on_the_way() {
    let limits = Limits { received_objects: 10, ..Limits::default() };
    let refusal = refusal_within(&limits, |repo| {
        let names: Vec<_> = (10..40).map(|number| format!("{number}.rb")).collect();
        let entries: Vec<_> = names.iter().map(|name| (FILE, name.as_bytes(), repo.blob(name.as_bytes()))).collect();
        repo.tree(&entries)
    });
    assert!(refusal.await.to_string().contains("more than 10 objects"));
}

#[tokio::test]
async fn a_tree_that_unfolds_without_end_is_refused() {
    // Ten folders, each of which is the same ten folders, ten deep: ten thousand million files in eleven objects.
    let refusal = refusal_of(|repo| {
        let mut tree = repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER))]);
        for _ in 0..10 {
            let names: Vec<_> = (0..10).map(|number| format!("d{number}")).collect();
            let entries: Vec<_> = names.iter().map(|name| (FOLDER, name.as_bytes(), tree)).collect();
            tree = repo.tree(&entries);
        }
        tree
    });
    let refusal = refusal.await;
    assert!(refusal.to_string().starts_with("There are more than 20000 files and folders."), "{refusal}");
}

#[tokio::test]
async fn folders_without_end_are_refused() {
    let refusal = refusal_of(|repo| {
        let mut tree = repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER))]);
        for _ in 0..1000 {
            tree = repo.tree(&[(FOLDER, b"d", tree)]);
        }
        tree
    });
    assert!(refusal.await.to_string().starts_with("Folders lie more than 64 deep in each other."));
}

#[tokio::test]
async fn a_syntax_error_is_said_with_its_place() {
    let refusal = refusal_of(|repo| {
        let broken = repo.blob(b"driver :a do\n  on :a do\n  )\n  end\nend\n");
        repo.tree(&[(FILE, b"a.rb", broken), (FILE, b"b.rb", repo.blob(DRIVER))])
    });
    let refusal = refusal.await;
    assert_eq!(refusal.reason(), "DefinitionInvalid");
    assert!(refusal.to_string().starts_with("a.rb:3:3: "), "{refusal}");
    assert!(refusal.to_string().ends_with(". Push a fix; it is tried by itself."), "{refusal}");
    assert_eq!(refusal.findings()[0].line, 3);
}

#[rstest]
#[case("(".repeat(200_000))]
#[case("!".repeat(200_000))]
#[case("{a:".repeat(60_000))]
#[case(format!("a{}", ".a".repeat(120_000)))]
#[case(format!("if a\n{}end\n", "elsif a\n".repeat(30_000)))]
#[tokio::test]
async fn hostile_ruby_is_one_failed_attempt(#[case] ruby: String) {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", ruby.as_bytes())]);
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await;
    // Refused, packed, or the end of the child: never more than that.
    if let Err(error) = packed {
        assert!(["DefinitionInvalid", "WorkerFailed"].contains(&error.reason()), "{}: {error}", error.reason());
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_once_it_is_unpacked_is_refused() {
    // A few kilobytes on the way: a file of one letter, and how the other differs from it.
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let mut huge = vec![b'#'; 150_000_000];
    let one = repo.blob(&huge);
    huge.splice(75_000_000..75_000_000, *b"another line\n");
    let tree =
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (FILE, b"one", one), (FILE, b"other", repo.blob(&huge))]);
    repo.commit("refs/heads/main", "hostile", tree);
    let remote = remote(&server.url("billing.git"));
    let knowing = looker();
    let place = Place { seen: look_within(&knowing, &remote, &branch("main"), PATIENCE).await.unwrap(), path: at("") };
    let worker = the_worker().within(Bounds { address_space: 256 << 20, ..Bounds::default() });
    // A slow machine takes its time over so much content.
    let (checking, limits) = (CheckLevel::Error.into(), Limits::default());
    for looker in [knowing, looker()] {
        let packed =
            source::pack(&worker, &remote, (&place, looker.gives_by_name(&remote)), (checking, &limits), 10 * PATIENCE)
                .await;
        let refusal = refused(packed);
        assert_eq!(refusal.reason(), "TooLarge");
        let said = "What the repository sends for this commit does not fit into 256 MiB once it is unpacked.";
        assert!(refusal.to_string().starts_with(said), "{refusal}");
    }
}
