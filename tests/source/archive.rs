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
#[case::a_macro_taken_back("[attr]mine export-ignore\n*.md mine\nREADME.md -mine\n")]
#[case::a_macro_twice_in_a_line("[attr]mine export-ignore\n*.md mine -mine\njobs/*.md -mine mine\n")]
#[case::a_macro_of_macros(
    "*.md outer\n[attr]outer export-ignore inner\n[attr]inner -export-ignore\n[attr]x outer\n/a.rb x -inner\n"
)]
#[case::a_macro_defined_twice("[attr]mine export-ignore\n[attr]mine text\n*.md mine\n")]
#[case::macros_in_a_circle("[attr]a b\n[attr]b a export-ignore\n*.md a\nREADME.md !b\n")]
#[case::a_line_that_is_too_long(&format!("*.md export-ignore {}\nREADME.md export-ignore\n", "x".repeat(3_000)))]
#[case::quoted("\"with space.rb\" export-ignore\n# *.rb export-ignore\n")]
#[case::classes("[n-s]*.rb export-ignore\n")]
#[case::no_negation("*.md export-ignore\n!README.md export-ignore\n")]
#[case::no_comment_behind_it(
    "*.md export-ignore # not for us\nREADME.md bad!name export-ignore\n[attr]mine export-ignore bad!name\n*.rb mine\n"
)]
#[case::a_nul("*.md export-ignore\0 text\n")]
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

/// As many files as make a difference.
fn many_files(attributes: &str) -> BTreeMap<String, Vec<u8>> {
    let all = (0..2_000).map(|number| (format!("a/b/c/d/e/f/g/{number}.txt"), b"x".to_vec()));
    all.chain(files(&[(".gitattributes", attributes), ("a.rb", "puts 1\n")])).collect()
}

fn many_macros() -> String {
    let lines: Vec<String> = (0..200).map(|number| format!("[attr]m{number} m{}\n", number + 1)).collect();
    lines.concat()
}

#[rstest]
#[case::that_many(&"x/*y*/z export-ignore\n".repeat(20_000))]
#[case::by_a_macro(&format!("[attr]mine export-ignore\n{}", "*.md mine\n".repeat(20_000)))]
#[case::few_that_take_long(&format!("{}x export-ignore\n", "**/[a-g]/".repeat(20)))]
#[case::one_that_takes_long(&format!("{}/b export-ignore\n", "**/a*".repeat(9)))]
#[case::stars(&(0..1_000).map(|number| format!("{}b{number} export-ignore\n", "*a".repeat(20))).collect::<Vec<_>>().concat())]
#[case::macros(&many_macros())]
#[tokio::test]
async fn more_patterns_than_anybody_means_are_refused_at_once(#[case] attributes: &str) {
    let said = refusal_of(|repo| repo.nested(&many_files(attributes))).await;
    let why = "has more than 1000 patterns with export-ignore";
    assert!(said.starts_with(&format!("TooLarge: \".gitattributes\" {why}")), "{said}");
    assert!(said.contains("Give export-ignore to folders instead"), "{said}");
}

/// A repository whose archives are for something else.
#[tokio::test]
async fn that_all_is_left_out_is_said_where_there_is_nothing_to_run() {
    let all = [(".gitattributes", "* export-ignore\n"), ("a.rb", "puts 1\n"), ("b/c.rb", "puts 1\n")];
    let said = refusal_of(|repo| repo.nested(&files(&all))).await;
    let why = "There is no .rb file, so there is nothing to run: export-ignore in .gitattributes leaves 2 files and folders out.";
    assert_eq!(said, format!("NoDefinition: {why} Push a definition, or correct source.git.path."));
}

#[tokio::test]
async fn patterns_about_something_else_are_no_work() {
    let attributes = format!("{}*.txt export-ignore\n", "x/*y*/z text eol=lf\n".repeat(20_000));
    let (names, notes) = packed(&many_files(&attributes), "").await;
    assert_eq!(names, ["a.rb".to_owned()].into());
    assert_eq!(notes.last().unwrap(), "2000 files and folders are left out: export-ignore in .gitattributes.");
}

/// Only what is packed must have a name that can be said.
#[tokio::test]
async fn what_is_left_out_may_have_any_name() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let attributes = repo.blob(b"*.txt export-ignore\n");
    let text = repo.blob(b"x");
    let entries: [repository::Entry<'_>; 4] = [
        (FILE, b".gitattributes", attributes),
        (FILE, b"\x93\xfa\x8e\x9f.txt", text),
        (FILE, b"a.rb", repo.blob(DRIVER)),
        (FILE, b"with\ttab.txt", text),
    ];
    repo.commit("refs/heads/main", "x", repo.tree(&entries));
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();
    assert_eq!(packed.notes, ["2 files and folders are left out: export-ignore in .gitattributes."]);
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

/// As Ruby finds it, which follows every link on the way.
#[tokio::test]
async fn a_link_behind_links_is_followed_to_its_end() {
    let said = refusal_of(|repo| {
        let link = |to: &str| repo.blob(to.as_bytes());
        repo.tree(&[
            (FILE, b"a.rb", repo.blob(DRIVER)),
            (LINK, b"data", link("nothing")),
            (LINK, b"x.rb", link("data")),
        ])
    });
    let why = "is a link to \"data\", and in the end to \"nothing\", which is not there; Tengine could not load it.";
    assert_eq!(said.await, format!("TreeRefused: \"x.rb\" {why}"));
    let said = refusal_of(|repo| {
        let link = |to: &str| repo.blob(to.as_bytes());
        repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (LINK, b"b.rb", link("c.rb")), (LINK, b"c.rb", link("b.rb"))])
    });
    let why = "is a link to \"c.rb\", which leads back to itself; Tengine could not load it.";
    assert_eq!(said.await, format!("TreeRefused: \"b.rb\" {why}"));
}

#[tokio::test]
async fn links_that_lead_to_a_file_in_the_end_are_packed() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let link = |to: &str| repo.blob(to.as_bytes());
    let lib = repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (LINK, b"up.rb", link("a.rb"))]);
    let entries: [repository::Entry<'_>; 4] = [
        (repository::FOLDER, b"lib", lib),
        (LINK, b"now", link("./lib/")),
        (LINK, b"x.rb", link("now/a.rb")),
        (LINK, b"y.rb", link("x.rb")),
    ];
    repo.commit("refs/heads/main", "x", repo.tree(&entries));
    pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();
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
