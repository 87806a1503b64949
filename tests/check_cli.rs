//! The commands for authors: what they print, and their exit codes.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use std::path::PathBuf;
use std::process::{Command, Output};

fn corpus(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/tengine-dsl/tests/definitions")).join(path)
}

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tengine-operator")).args(args).output().unwrap()
}

fn code(args: &[&str]) -> i32 {
    run(args).status.code().unwrap()
}

fn printed(args: &[&str]) -> String {
    String::from_utf8(run(args).stdout).unwrap()
}

#[test]
fn check_exits_0_without_errors_1_with_and_2_where_it_could_not() {
    let (clean, wrong) = (corpus("clean/sales"), corpus("cycle/wrong-1.rb"));
    let (clean, wrong) = (clean.to_str().unwrap(), wrong.to_str().unwrap());
    assert_eq!(code(&["check", clean]), 0);
    assert_eq!(code(&["check", clean, wrong]), 1);
    assert_eq!(code(&["check", "no/such/folder"]), 2);
    assert_eq!(code(&["check"]), 2);
    assert_eq!(code(&["check", "--explain", "cycle"]), 0);
    assert_eq!(code(&["check", "--explain", "no-such-rule"]), 2);
}

#[test]
fn check_says_at_once_that_gitattributes_ask_for_too_much_as_a_build_does() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join(".gitattributes"), "x/*y*/z export-ignore\n".repeat(20_000)).unwrap();
    for number in 0..2_000 {
        std::fs::write(folder.path().join(format!("{number}.txt")), "x").unwrap();
    }
    let output = run(&["check", folder.path().to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("\".gitattributes\" has more than 1000 patterns with export-ignore"), "{said}");
}

#[test]
fn what_cannot_be_read_is_said_in_words_of_ours() {
    let output = run(&["check", "no/such/folder"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "tengine-operator: cannot read no/such/folder: it is not there\n");
}

#[test]
fn check_refuses_warnings_where_it_is_strict() {
    let (clean, doubtful) = (corpus("clean/sales"), corpus("developer-path/wrong-1.rb"));
    let (clean, doubtful) = (clean.to_str().unwrap(), doubtful.to_str().unwrap());
    assert_eq!(code(&["check", doubtful]), 0);
    assert_eq!(code(&["check", "--strict", doubtful]), 1);
    assert_eq!(code(&["check", "--strict", clean]), 0);
}

#[test]
fn check_prints_json_that_counts() {
    let path = corpus("cycle/wrong-1.rb");
    let json: serde_json::Value =
        serde_json::from_str(&printed(&["check", "--format", "json", path.to_str().unwrap()])).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "cycle");
    assert_eq!(json["diagnostics"][0]["path"], path.to_str().unwrap());
    assert_eq!(json["summary"]["errors"], 1);
}

#[test]
fn graph_draws_in_every_language() {
    let path = corpus("clean/sales");
    let draw = |format: &str| printed(&["graph", path.to_str().unwrap(), "--jobnet", "夜間売上", "--format", format]);
    assert!(draw("mermaid").starts_with("flowchart LR\n"));
    assert!(draw("dot").starts_with("digraph jobnet {"));
    assert!(draw("svg").starts_with("<svg "));
    let json: serde_json::Value = serde_json::from_str(&draw("json")).unwrap();
    assert_eq!(json["name"], "夜間売上");
    assert_eq!(json["children"][0]["children"][0]["options"]["credential_name"], "\"batch\"", "from the root jobnet");
    assert_eq!(code(&["graph", path.to_str().unwrap()]), 2, "which of the four?");
}

/// Skipped where there is no graphviz; `make test` installs it.
#[test]
fn graphviz_reads_what_is_printed_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("month.dot");
    let sales = corpus("clean/sales");
    std::fs::write(&path, printed(&["graph", sales.to_str().unwrap(), "--jobnet", "夜間売上", "--format", "dot"]))
        .unwrap();
    let Ok(drawn) = Command::new("dot").arg("-Tplain").arg(&path).output() else {
        eprintln!("not drawn: there is no graphviz here");
        return;
    };
    let said = String::from_utf8_lossy(&drawn.stderr);
    assert!(drawn.status.success() && !said.contains("syntax error"), "{said}");
    let plain = String::from_utf8(drawn.stdout).unwrap();
    let count = |word: &str| plain.lines().filter(|line| line.starts_with(word)).count();
    let json: serde_json::Value =
        serde_json::from_str(&printed(&["graph", sales.to_str().unwrap(), "--jobnet", "夜間売上", "--format", "json"]))
            .unwrap();
    assert_eq!(count("node "), nodes(&json), "every job, expansion, start and end is a node");
    assert!(count("edge ") >= nodes(&json) / 2);
}

/// The nodes of a drawing: what is in a jobnet, its start and its end, and the same of what lies in it.
fn nodes(jobnet: &serde_json::Value) -> usize {
    let children = jobnet["children"].as_array().unwrap();
    let inner = children.iter().map(|child| if child["children"].is_array() { nodes(child) } else { 1 }).sum::<usize>();
    let finally = if jobnet["finally"].is_object() { nodes(&jobnet["finally"]) } else { 0 };
    inner + finally + 2
}

#[test]
fn diff_compares_folders_and_git_revisions() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| {
        std::fs::create_dir_all(folder.path().join("dsl")).unwrap();
        std::fs::write(folder.path().join("dsl/a.rb"), text).unwrap();
    };
    let repository = git2::Repository::init(folder.path()).unwrap();
    let commit = |name: &str| {
        let mut index = repository.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let author = git2::Signature::now("a", "a@example.com").unwrap();
        let parents: Vec<git2::Commit> =
            repository.head().ok().and_then(|head| head.peel_to_commit().ok()).into_iter().collect();
        let parents: Vec<&git2::Commit> = parents.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, name, &tree, &parents).unwrap().to_string()
    };
    write("require 'tengine_job'\njobnet('n') do\n  job('a', 'a.sh')\n  job('b', 'b.sh')\nend\n");
    let old = commit("old");
    write("require 'tengine_job'\njobnet('n') do\n  job('a', 'x.sh')\n  job('c', 'c.sh')\n  job('d', 'c.sh')\nend\n");
    let new = commit("new");
    let git = folder.path().to_str().unwrap();
    let args = ["diff", &old, &new, "--path", "dsl", "--git", git];
    assert_eq!(code(&args), 1);
    let expected = "~ jobnet n: order \"a\" > \"b\"; \"b\" > end; start > \"a\" -> \"a\" > \"c\"; \"c\" > \"d\"; \"d\" > end; start > \"a\"\n\
                    ~ job n/a: script \"a.sh\" -> \"x.sh\"\n- job n/b\n+ job n/c\n+ job n/d\n+2 -1 ~2\n";
    assert_eq!(printed(&args), expected);
    assert_eq!(code(&["diff", &old, &old, "--git", git]), 0);
    assert_eq!(code(&["diff", "no-such-revision", &new, "--git", git]), 2);
    let dsl = folder.path().join("dsl");
    assert_eq!(code(&["diff", dsl.to_str().unwrap(), dsl.to_str().unwrap()]), 0);
}
