//! Trees as people have them, and what `git archive` makes of them.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;

use super::packing::unpack;
use super::repository::{DRIVER, FILE, LINK};
use super::server::GitServer;
use super::*;

fn files(all: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

/// The names of what is packed of these files; the last is what a note says.
async fn packed(all: &BTreeMap<String, Vec<u8>>, path: &str) -> (BTreeSet<String>, Vec<String>) {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.commit("refs/heads/main", "x", repo.nested(all));
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), path).await.unwrap();
    let names = unpack(&packed).into_keys().filter(|name| !name.ends_with('/') && name != "VERSION");
    (names.collect(), packed.notes)
}

/// The names of what `git archive` has of them, below `path`, without what Git keeps for itself.
async fn archived(all: &BTreeMap<String, Vec<u8>>, path: &str) -> BTreeSet<String> {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.commit("refs/heads/main", "x", repo.nested(all));
    let wanted = if path.is_empty() { "." } else { path };
    let bytes = server.git("billing.git", &["archive", "--format=tar", "main", wanted]).await;
    let mut archive = tar::Archive::new(bytes.as_slice());
    let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned());
    let below = if path.is_empty() { String::new() } else { format!("{path}/") };
    names
        .filter(|name| !name.ends_with('/') && name != "pax_global_header")
        .filter_map(|name| name.strip_prefix(&below).map(str::to_owned))
        .filter(|name| !name.split('/').any(|step| step.starts_with(".git")))
        .collect()
}

#[rstest]
#[case::a_name("spec export-ignore\n")]
#[case::a_folder("spec/ export-ignore\n")]
#[case::from_the_root("/jobs/spec export-ignore\n")]
#[case::wildcards("*_spec.rb export-ignore\njobs/*.md export-ignore\n")]
#[case::any_depth("**/spec/** export-ignore\n")]
#[case::taken_back("*.md export-ignore\nREADME.md -export-ignore\njobs/README.md !export-ignore\n")]
#[case::with_a_value("*.md export-ignore=yes\n")]
#[case::a_macro("[attr]mine export-ignore\n*.md mine\n")]
#[case::quoted("\"with space.rb\" export-ignore\n# *.rb export-ignore\n")]
#[case::classes("[n-s]*.rb export-ignore\n")]
#[case::no_negation("*.md export-ignore\n!README.md export-ignore\n")]
#[case::other_attributes("*.rb text eol=lf\n*.md diff export-ignore merge=ours\n")]
#[tokio::test]
async fn what_export_ignore_leaves_out_is_what_git_archive_leaves_out(
    #[case] attributes: &str,
    #[values("", "jobs")] path: &str,
) {
    let all = files(&[
        (".gitattributes", attributes),
        ("README.md", "read"),
        ("a.rb", "puts 1\n"),
        ("with space.rb", "puts 1\n"),
        ("jobs/.gitattributes", "night.md -export-ignore\nday.rb export-ignore\n"),
        ("jobs/README.md", "read"),
        ("jobs/night.md", "read"),
        ("jobs/day.rb", "puts 1\n"),
        ("jobs/night.rb", "puts 1\n"),
        ("jobs/spec/night_spec.rb", "puts 1\n"),
        ("jobs/spec/deep/x.rb", "puts 1\n"),
        ("spec/a_spec.rb", "puts 1\n"),
        ("spec/.gitattributes", "a_spec.rb -export-ignore\n"),
    ]);
    let (names, notes) = packed(&all, path).await;
    assert_eq!(names, archived(&all, path).await);
    assert!(notes.iter().any(|note| note.contains("left out: export-ignore in .gitattributes")), "{notes:?}");
}

/// What is left out is not looked at: neither as a pointer of Git LFS, nor by the check.
#[tokio::test]
async fn what_is_left_out_is_not_refused() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    let all = [
        (".gitattributes", "/spec export-ignore\n"),
        ("a.rb", std::str::from_utf8(DRIVER).unwrap()),
        ("spec/x.bin", pointer),
    ];
    let (names, notes) = packed(&files(&all), "").await;
    assert_eq!(names, ["a.rb".to_owned()].into());
    assert_eq!(notes, ["One file or folder is left out: export-ignore in .gitattributes."]);
}

#[tokio::test]
async fn a_folder_that_holds_only_gitkeep_is_not_packed() {
    let (names, _) = packed(&files(&[("a.rb", "puts 1\n"), ("later/.gitkeep", "")]), "").await;
    assert_eq!(names, ["a.rb".to_owned()].into());
}

/// Nodes tell them apart, as Git does.
#[tokio::test]
async fn a_name_composed_and_decomposed_is_two_files() {
    let (composed, decomposed) = ("caf\u{e9}.rb", "cafe\u{301}.rb");
    let (names, _) = packed(&files(&[(composed, "puts 1\n"), (decomposed, "puts 2\n")]), "").await;
    assert_eq!(names, [composed.to_owned(), decomposed.to_owned()].into());
}

async fn refusal_of(make: impl FnOnce(&repository::Repo) -> git2::Oid) -> String {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.commit("refs/heads/main", "x", make(&repo));
    let refusal = refused(pack(&remote(&server.url("billing.git")), &branch("main"), "").await);
    format!("{}: {refusal}", refusal.reason())
}

#[tokio::test]
async fn a_folder_named_version_is_refused_by_name() {
    let said = refusal_of(|repo| repo.nested(&files(&[("a.rb", "puts 1\n"), ("VERSION/a.rb", "puts 1\n")]))).await;
    assert!(said.starts_with("TreeRefused: \"VERSION"), "{said}");
}

#[tokio::test]
async fn a_link_to_ruby_that_is_not_there_is_refused_by_name() {
    let said =
        refusal_of(|repo| repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (LINK, b"b.rb", repo.blob(b"missing.rb"))]));
    let why = "is a link to \"missing.rb\", which is not there; Tengine could not load it.";
    assert_eq!(said.await, format!("TreeRefused: \"b.rb\" {why}"));
}

#[rstest]
#[case::a_folder("refs/heads/main^{tree}", "a folder")]
#[case::a_file("refs/heads/main:a.rb", "a file")]
#[tokio::test]
async fn a_tag_on_something_else_than_a_commit_is_said(
    #[case] object: &str,
    #[case] found: &str,
    #[values(false, true)] annotated: bool,
) {
    let server = GitServer::public().await;
    server.repo("billing.git").push(&[("a.rb", DRIVER)]);
    let identity = ["-c", "user.name=Taro", "-c", "user.email=taro@example.com", "tag"];
    let how: &[&str] = if annotated { &["-a", "-m", "x", "odd", object] } else { &["odd", object] };
    server.git("billing.git", &[&identity, how].concat()).await;
    let error = pack(&remote(&server.url("billing.git")), &tag("odd"), "").await.unwrap_err();
    assert_eq!(error.reason(), "RefNotFound");
    assert!(error.to_string().contains(&format!("does not point at a commit: it is {found}")), "{error}");
}
