//! `docs/development.md` names no command that is not there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Lines of `sh` blocks, and what stands in backticks in tables and looks like a command.
fn commands() -> Vec<String> {
    let page = std::fs::read_to_string(repository("docs/development.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let lines = blocks.flat_map(|(block, _)| block.lines());
    let cells = page.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.chain(cells.filter(|cell| cell.contains("cargo "))).map(str::to_owned).collect()
}

fn sources(target: &str) -> String {
    let single = repository(&format!("tests/{target}.rs"));
    if single.exists() {
        return std::fs::read_to_string(single).unwrap();
    }
    let folder = std::fs::read_dir(repository(&format!("tests/{target}"))).expect("the target is there");
    folder.filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok()).collect()
}

/// Why the command would not work.
fn complaint(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().skip_while(|word| word.contains('=')).collect();
    match words.as_slice() {
        ["cargo", "build"] | ["eval", ..] | ["cargo", "test", "--lib" | "-p", ..] => None,
        ["cargo", "run", "--", flags @ ..] => {
            let output = Command::new(env!("CARGO_BIN_EXE_tengine-operator"))
                .args(flags)
                .current_dir(repository(""))
                .output()
                .unwrap();
            (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
        }
        ["cargo", "test", "--test", target, ..] => {
            // A target with a main of its own makes its tests there.
            let is_test = |mark: &&str| sources(target).contains(mark);
            ["test]\n", "Trial::test("].iter().all(|mark| !is_test(mark)).then(|| "there are no tests".into())
        }
        ["make", target] => {
            let makefile = std::fs::read_to_string(repository("Makefile")).unwrap();
            let rule = format!("\n{target}: ");
            (!makefile.contains(&rule)).then(|| "there is no such target".into())
        }
        [script, words @ ..] if script.starts_with("hack/") => {
            let text = std::fs::read_to_string(repository(script)).unwrap_or_default();
            let phrase = words.join(" ").replace('"', "");
            (text.is_empty() || !text.contains(&phrase)).then(|| "the script knows nothing of it".into())
        }
        _ => Some("this test does not know such commands".into()),
    }
}

#[test]
fn every_command_is_one_there_is() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    let wrong: Vec<_> =
        commands.iter().filter_map(|command| Some(format!("{command}: {}", complaint(command)?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
