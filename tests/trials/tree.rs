//! A commit's tree is not what a definition should be. Each commit is taken back by setting the branch to the one before.

use crate::repository::{Entry, GOOD, Repository};
use crate::stage::{Stage, condition};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use git2::Oid;
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "tree",
    cases: &[
        "version_file_in_git",
        "path_missing",
        "no_definition",
        "name_leads_elsewhere",
        "absolute_name",
        "link_leads_elsewhere",
        "submodule",
        "file_of_100_mb",
        "invalid_utf8",
        "opening_brackets",
        "fixed_by_a_commit",
    ],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

const FILE: u32 = 0o100_644;
const LINK: u32 = 0o120_000;
const SUBMODULE: u32 = 0o160_000;

async fn tell(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "tree").await;
    let td = Subject::prepare(&stage, "tree").await;
    let good =
        repository.push("Trials", repository.files(&[("good.rb", GOOD.as_bytes()), ("VERSION", b"1.0\n")])).await;
    teller.case("version_file_in_git", version_file(&td, &repository, &good)).await;

    let path = |path: Option<&str>| td.patch(json!({ "source": { "git": { "path": path } } }));
    let sign = Sign::new("PathNotFound", &["no folder \"jobs\"", "keeps serving", "Correct source.git.path"]);
    teller.case("path_missing", td.endures(sign, path(Some("jobs")), path(None))).await;

    let trial = Trial { td: &td, repository: &repository, good: &good };
    let sign = Sign::new("NoDefinition", &["no .rb file", "keeps serving", "Push a definition"]);
    teller.case("no_definition", trial.of(sign, repository.files(&[("README.md", b"later")]))).await;
    let sign = Sign::new("TreeRefused", &["\"../../etc/cron.d/x\"", "leads elsewhere", "Change what"]);
    teller.case("name_leads_elsewhere", trial.beside(sign, FILE, b"../../etc/cron.d/x", GOOD.as_bytes())).await;
    let sign = Sign::new("TreeRefused", &["\"/etc/passwd\"", "absolute name", "Change what"]);
    teller.case("absolute_name", trial.beside(sign, FILE, b"/etc/passwd", GOOD.as_bytes())).await;
    let sign = Sign::new("TreeRefused", &["\"out.rb\"", "link", "Change what"]);
    teller.case("link_leads_elsewhere", trial.beside(sign, LINK, b"out.rb", b"../../etc/passwd")).await;
    let sign = Sign::new("TreeRefused", &["\"lib\"", "is a submodule", "put its files into this repository"]);
    teller.case("submodule", trial.of(sign, submodule(&repository, &good))).await;
    let sign =
        Sign::new("TreeRefused", &["\"large.bin\" has 104857600 bytes", "limit for a file is 10485760 bytes (10 MiB)"]);
    teller.case("file_of_100_mb", trial.beside(sign, FILE, b"large.bin", &vec![0; 100 << 20])).await;
    let sign = Sign::new("DefinitionInvalid", &["odd.rb:2:7:", "UTF-8", "Push a fix"]);
    teller.case("invalid_utf8", trial.beside(sign, FILE, b"odd.rb", b"# odd\nputs '\xff\xfe'\n")).await;
    let sign = Sign::new("DefinitionInvalid", &["open.rb:1:", "Push a fix"]);
    teller.case("opening_brackets", trial.beside(sign, FILE, b"open.rb", &vec![b'['; 200_000])).await;
    teller.case("fixed_by_a_commit", fixed(&td, &repository)).await;
}

/// Ours is in the image, and that is said.
async fn version_file(td: &Subject, repository: &Repository, good: &str) {
    let object = td.starts(&td.spec(repository), good).await;
    let (_, _, said) = condition(&object, "DefinitionValid").unwrap();
    assert!(said.contains("The VERSION file in Git is replaced"), "{said}");
    let pod = td.cores().await.remove(0).metadata.name.unwrap();
    let version = td.stage.kubectl(&["exec", &pod, "--", "cat", "/var/lib/tengine/dsl/VERSION"]).await;
    let release = object.status.unwrap().current.unwrap().release;
    let told = td.stage.kubectl(&["get", "trel", &release, "-o", "jsonpath={.status.dslVersion}"]).await;
    assert_eq!((version.trim(), version.trim().len()), (told.trim(), 40));
}

/// The commit in front of this one is named, so that nothing needs to be fetched for it.
fn submodule(repository: &Repository, good: &str) -> Oid {
    let file = repository.blob(GOOD.as_bytes());
    repository.entries(&[(FILE, b"good.rb", file), (SUBMODULE, b"lib", good.parse().unwrap())])
}

/// A refused commit is told of and changes nothing; the next good one goes live.
async fn fixed(td: &Subject, repository: &Repository) {
    let sign = Sign::new("DefinitionInvalid", &["slip.rb:1:", "Push a fix"]);
    td.told(sign, async { drop(repository.push("Slip", repository.files(&[("slip.rb", b"driver :a do\n")])).await) })
        .await;
    let fixed = repository.push("Fix", repository.files(&[("slip.rb", GOOD.as_bytes())])).await;
    td.serves(&fixed).await;
}

/// What is the same in every case.
struct Trial<'a> {
    td: &'a Subject,
    repository: &'a Repository,
    good: &'a str,
}

impl Trial<'_> {
    /// A commit with this tree.
    async fn of(&self, sign: Sign, tree: Oid) {
        let push = async { drop(self.repository.push("Trouble", tree).await) };
        self.td.endures(sign, push, self.repository.reset(self.good)).await;
    }

    /// A commit with this beside a good file.
    async fn beside(&self, sign: Sign, mode: u32, name: &[u8], content: &[u8]) {
        let (good, content) = (self.repository.blob(GOOD.as_bytes()), self.repository.blob(content));
        let mut entries: Vec<Entry<'_>> = vec![(FILE, b"good.rb", good), (mode, name, content)];
        entries.sort_by_key(|entry| entry.1);
        self.of(sign, self.repository.entries(&entries)).await;
    }
}
