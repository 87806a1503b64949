//! What `docs/authors.md` gives to authors works as it stands there: the hook in a real repository, and the commands of the workflow.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const GOOD: &str = "require 'tengine_job'\njobnet('nightly') do\n  boot_jobs('load')\n  job('load', 'load.sh', :to => 'report')\n  job('report', 'report.sh')\nend\n";

fn wrong() -> String {
    GOOD.replace(":to => 'report'", ":to => 'reprot'")
}

/// The first block of the page that is in this language and begins so.
fn block(language: &str, begin: &str) -> String {
    let page = include_str!("../docs/authors.md");
    let fence = format!("```{language}\n");
    let mut blocks = page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.find_map(|(block, _)| block.starts_with(begin).then(|| block.to_owned())).expect("the page has it")
}

/// A repository of somebody who installed the program and followed the page.
struct Author {
    repository: TempDir,
    programs: TempDir,
}

impl Author {
    fn new() -> Self {
        let author = Self { repository: tempfile::tempdir().unwrap(), programs: tempfile::tempdir().unwrap() };
        let program = author.programs.path().join("tengine-operator");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tengine-operator"), program).unwrap();
        assert!(author.run("git", &["init", "--quiet"]).status.success());
        executable(&author.at(".git/hooks/pre-commit"), &block("sh", "#!/bin/sh\n"));
        author
    }

    fn at(&self, path: &str) -> PathBuf {
        self.repository.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let path = format!("{}:{}", self.programs.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        // Cargo may itself be run by a hook of Git.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_") || name.starts_with("TENGINE_")) {
            command.env_remove(name);
        }
        let none = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
        command.args(args).env("PATH", path).envs(none).current_dir(self.repository.path()).output().unwrap()
    }

    /// Whether a commit of these files is let through, and what is said.
    fn commits(&self, args: &[&str]) -> (bool, String) {
        let who = ["-c", "user.name=Hanako Sato", "-c", "user.email=hanako@example.com", "commit", "-m", "Nightly"];
        let output = self.run("git", &[&who, args].concat());
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), said)
    }

    fn stage(&self) {
        assert!(self.run("git", &["add", "--all"]).status.success());
    }

    fn count(&self) -> String {
        String::from_utf8(self.run("git", &["rev-list", "--count", "--all"]).stdout).unwrap().trim().to_owned()
    }
}

fn executable(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_commit_that_tengine_would_refuse_is_refused_and_a_good_one_passes() {
    let author = Author::new();
    author.write("nightly.rb", &wrong());
    author.stage();
    let (passed, said) = author.commits(&[]);
    assert!(!passed && author.count() == "0", "{said}");
    assert!(said.contains("nightly.rb:4:") && said.contains("did you mean \"report\"?"), "{said}");
    author.write("nightly.rb", GOOD);
    author.stage();
    let (passed, said) = author.commits(&[]);
    assert!(passed && author.count() == "1", "{said}");
}

#[test]
fn what_is_committed_counts_and_not_what_lies_in_the_folder() {
    let author = Author::new();
    author.write("nightly.rb", GOOD);
    author.stage();
    author.write("nightly.rb", &wrong());
    author.write("later.rb", "jobnet(");
    let (passed, said) = author.commits(&[]);
    assert!(passed, "{said}");
    // Git makes an index of its own for a commit of what is named.
    let (passed, said) = author.commits(&["nightly.rb"]);
    assert!(!passed && author.count() == "1", "{said}");
}

/// As in the cluster: the root's file counts for a folder below, and what is asked for is looked at in any case.
#[test]
fn what_export_ignore_keeps_out_of_images_is_not_looked_at() {
    let author = Author::new();
    author.write(".gitattributes", "drafts export-ignore\njobs/spec/*.rb export-ignore\n");
    author.write("jobs/.gitattributes", "later.rb export-ignore\n");
    author.write("jobs/nightly.rb", GOOD);
    for draft in ["drafts/a.rb", "jobs/spec/a.rb", "jobs/later.rb"] {
        author.write(draft, "jobnet(");
    }
    author.stage();
    let check = |folder: &str| {
        let Output { status, stderr, .. } = author.run("tengine-operator", &["check", folder]);
        (status.success(), String::from_utf8(stderr).unwrap())
    };
    let told = |count: u32| {
        format!("tengine-operator: {count} files and folders are left out: export-ignore in .gitattributes.\n")
    };
    assert_eq!(check("."), (true, told(3)));
    assert_eq!(check("jobs"), (true, told(2)));
    assert!(!check("drafts").0, "it was asked for");
    for path in [".", "jobs"] {
        assert!(author.run("git", &["config", "tengine.path", path]).status.success());
        let (passed, said) = author.commits(&["--allow-empty"]);
        assert!(passed, "{path}: {said}");
    }
    author.write("jobs/nightly.rb", &wrong());
    author.stage();
    assert!(!author.commits(&[]).0);
}

/// As in the cluster: what is asked for is looked at, though an archive of the repository has it not.
#[test]
fn a_folder_that_is_itself_kept_out_of_archives_is_looked_at_where_it_is_named() {
    let author = Author::new();
    author.write(".gitattributes", "/batch export-ignore\n");
    author.write("batch/nightly.rb", GOOD);
    author.stage();
    assert!(author.run("git", &["config", "tengine.path", "batch"]).status.success());
    let (passed, said) = author.commits(&[]);
    assert!(passed, "{said}");
    author.write("batch/nightly.rb", &wrong());
    author.stage();
    let (passed, said) = author.commits(&[]);
    assert!(!passed && said.contains("nightly.rb:4:"), "{said}");
}

/// What only this copy of the repository says changes nothing: the operator does not see it.
#[test]
fn what_is_not_committed_leaves_nothing_out() {
    let author = Author::new();
    author.write(".git/info/attributes", "nightly.rb export-ignore\n");
    author.write("nightly.rb", &wrong());
    author.stage();
    assert!(!author.commits(&[]).0);
}

#[test]
fn only_the_folder_of_the_definitions_is_looked_at_where_it_is_named() {
    let author = Author::new();
    author.write("jobs of night/nightly.rb", GOOD);
    author.write("tools/deploy.rb", "jobnet(");
    author.stage();
    assert!(!author.commits(&[]).0);
    assert!(author.run("git", &["config", "tengine.path", "jobs of night"]).status.success());
    let (passed, said) = author.commits(&[]);
    assert!(passed, "{said}");
}

/// What `docker run` does with the options on the page, without a container: the folder is the volume's, the program that of
/// the image.
const DOCKER: &str = r#"#!/bin/sh
[ "$1 $2 $3" = "run --rm --volume" ] || exit 125
[ "${4#*:}" = "$6:ro" ] && [ "$5" = --workdir ] || exit 125
[ "$7" = "$(sed -n 's/^  TENGINE_OPERATOR_IMAGE: //p' workflow)" ] || exit 125
cd "${4%%:*}" && shift 7 && exec tengine-operator "$@"
"#;

#[test]
fn the_commands_of_the_workflow_tell_good_from_wrong() {
    let workflow = block("yaml", "on:");
    let value = |line: &str, key: &str| line.trim_start_matches([' ', '-']).strip_prefix(key).map(str::to_owned);
    let commands: Vec<_> = workflow.lines().filter_map(|line| value(line, "run: ")).collect();
    let image = workflow.lines().find_map(|line| value(line, "TENGINE_OPERATOR_IMAGE: ")).unwrap();
    assert_eq!(commands.len(), 1);
    let author = Author::new();
    executable(&author.programs.path().join("docker"), DOCKER);
    author.write("workflow", &workflow);
    let runs = |definition: &str| {
        author.write("nightly.rb", definition);
        let command = format!("export TENGINE_OPERATOR_IMAGE={image}; {}", commands[0]);
        let output = author.run("bash", &["--noprofile", "--norc", "-eo", "pipefail", "-c", &command]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = runs(GOOD);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = runs(&wrong());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("::error file=nightly.rb,line=4,"), "{said}");
}
