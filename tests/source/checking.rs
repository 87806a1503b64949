//! What comes of errors in the definitions, at each level.

use super::repository::{DRIVER, FILE};
use super::server::GitServer;
use super::*;

const WRONG: &[u8] =
    b"require 'tengine_job'\njobnet('n') do boot_jobs('load', 'report')\n  job('load', 'x.sh', :to => 'lod')\n  job('report', 'x.sh', :to => 'zz')\nend\n";

async fn packed(files: &[(&str, &[u8])], checking: impl Into<Checking>) -> Result<Packed, PackError> {
    let server = GitServer::public().await;
    server.repo("billing.git").push(files);
    let remote = remote(&server.url("billing.git"));
    let place = Place { seen: resolve(&remote, &branch("main")).await.unwrap(), path: at("") };
    source::pack(&the_worker(), &remote, (&place, false), (checking.into(), &Limits::default()), PATIENCE).await
}

#[tokio::test]
async fn errors_refuse_and_the_refusal_knows_its_commit_and_its_content() {
    let Err(PackError::Refused { refusal, commit }) = packed(&[("a.rb", WRONG)], CheckLevel::Error).await else {
        panic!("not refused")
    };
    let message = "a.rb:3:30: job \"load\" names \"lod\" in :to, which this jobnet does not have (did you mean \"load\"?), \
                   1 more. Push a fix; it is tried by itself.";
    assert_eq!(refusal.to_string(), message);
    let commit = commit.expect("the commit was got");
    assert_eq!((commit.subject.as_str(), commit.author.as_str()), ("Bill at night", "Hanako Sato"));
    let checked = refusal.checked().expect("it was read");
    assert_eq!((checked.files, checked.jobs, checked.errors), (1, 2, 2));
}

#[tokio::test]
async fn what_the_ruby_of_the_base_cannot_read_refuses_where_it_is_known() {
    let rest = b"require 'tengine_job'\ndef step(*)\n  job(*)\nend\njobnet('n') do\n  step('a', 'a.sh')\nend\n";
    let on = |ruby: Option<&str>| Checking { level: CheckLevel::Error, ruby: ruby.map(|ruby| ruby.parse().unwrap()) };
    let Err(PackError::Refused { refusal, .. }) = packed(&[("a.rb", rest)], on(Some("3.1.4"))).await else {
        panic!("not refused")
    };
    assert!(refusal.to_string().starts_with("a.rb:3:7: Ruby 3.1 cannot read this: "), "{refusal}");
    assert_eq!(packed(&[("a.rb", rest)], on(Some("3.2.0"))).await.unwrap().findings.len(), 0);
    let unknown = packed(&[("a.rb", rest)], on(None)).await.unwrap();
    assert_eq!(unknown.findings[0].code, "newer-syntax");
}

#[tokio::test]
async fn a_tree_that_is_refused_knows_its_commit() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let tree = repo.tree(&[(FILE, b".wh.a", repo.blob(b"")), (FILE, b"a.rb", repo.blob(DRIVER))]);
    repo.commit("refs/heads/main", "White out", tree);
    let refused = pack(&remote(&server.url("billing.git")), &branch("main"), "").await;
    let Err(PackError::Refused { commit: Some(commit), .. }) = refused else { panic!("not refused") };
    assert_eq!(commit.subject, "White out");
}

#[tokio::test]
async fn errors_are_told_where_they_are_let_through() {
    let packed = packed(&[("a.rb", WRONG)], CheckLevel::Warning).await.unwrap();
    assert_eq!(packed.findings.len(), 2);
    let note = "2 errors in the definitions: a.rb:3:30: job \"load\" names \"lod\" in :to, which this jobnet does not have \
                (did you mean \"load\"?), 1 more.";
    assert_eq!(packed.notes, [note]);
}

#[tokio::test]
async fn warnings_are_told_and_stop_nothing() {
    let home = b"require 'tengine_job'\njobnet('n') do\n  job('a', '/home/hanako/bin/a.sh')\nend\n";
    let packed = packed(&[("a.rb", home)], CheckLevel::Error).await.unwrap();
    assert_eq!(packed.checked.unwrap().warnings, 1);
    assert!(packed.notes[0].starts_with("1 warning in the definitions: a.rb:3:"), "{:?}", packed.notes);
}

#[tokio::test]
async fn warnings_refuse_where_the_check_is_strict() {
    let home = b"require 'tengine_job'\njobnet('n') do\n  job('a', '/home/hanako/bin/a.sh')\nend\n";
    let Err(PackError::Refused { refusal, .. }) = packed(&[("a.rb", home)], CheckLevel::Strict).await else {
        panic!("not refused")
    };
    let said = refusal.to_string();
    assert!(said.starts_with("a.rb:3:"), "{said}");
    let why =
        ". Tengine would load it; checks.definition: Strict refuses warnings too. Push a fix; it is tried by itself.";
    assert!(said.ends_with(why), "{said}");
    assert_eq!(refusal.checked().map(|checked| (checked.errors, checked.warnings)), Some((0, 1)));
    packed(&[("a.rb", DRIVER)], CheckLevel::Strict).await.expect("nothing is said about it");
}

#[tokio::test]
async fn nobody_looks_where_it_is_off() {
    let packed = packed(&[("a.rb", b"jobnet(")], CheckLevel::Off).await.unwrap();
    assert_eq!((packed.checked, packed.findings.len(), packed.notes.len()), (None, 0, 0));
}
