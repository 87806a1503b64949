//! `docs/development.md` names no command that is not there, and the pages that say how the code is cut name no file and no type that
//! is not there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

use std::fmt::Write as _;
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

/// Pages that say where things are, and what stands in backticks on each.
fn named() -> Vec<(&'static str, String)> {
    let pages = ["docs/architecture.md", "docs/development.md", "docs/release.md"];
    pages.into_iter().flat_map(|page| quoted(page).into_iter().map(move |name| (page, name))).collect()
}

/// What stands in backticks in the text of a page, code blocks left out.
fn quoted(page: &str) -> Vec<String> {
    let page = std::fs::read_to_string(repository(page)).unwrap();
    let text: String = page.split("```").step_by(2).collect();
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every file below this folder, from the repository's root.
fn files(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(repository(folder)).expect("a folder of the repository");
    let entries = entries.map(|entry| entry.unwrap()).map(|entry| {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        (path, entry.file_type().unwrap().is_dir())
    });
    entries.flat_map(|(path, is_folder)| if is_folder { files(&path) } else { vec![path] }).collect()
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let files: Vec<_> = ["src", "tests", "crates", "docs", "hack", "charts"].into_iter().flat_map(files).collect();
    let is_path = |name: &&(_, String)| {
        let (_, name) = name;
        let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_./-".contains(c));
        let ending =
            Path::new(name).extension().is_some_and(|it| ["rs", "md", "tsv", "yaml"].iter().any(|one| it == *one));
        plain && !name.starts_with(['/', '.']) && (name.contains('/') || ending)
    };
    let is_there = |name: &str| {
        let name = name.trim_end_matches('/');
        let elsewhere = || {
            let (at_end, within) = (format!("/{name}"), format!("/{name}/"));
            files.iter().any(|file| file.ends_with(&at_end) || file.contains(&within))
        };
        repository(name).exists() || (!name.starts_with("src/") && elsewhere())
    };
    let named = named();
    let paths: Vec<_> = named.iter().filter(is_path).collect();
    assert!(paths.len() > 60, "{paths:?}");
    let missing: Vec<_> = paths.into_iter().filter(|(_, name)| !is_there(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_type_that_a_page_names_is_there() {
    let files = ["src", "crates"]
        .into_iter()
        .flat_map(files)
        .filter(|file| Path::new(file).extension().is_some_and(|it| it == "rs"));
    let code: String = files.map(|file| std::fs::read_to_string(repository(&file)).unwrap()).collect();
    let words: std::collections::HashSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let is_type = |name: &&(_, String)| {
        let (_, name) = name;
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(char::is_alphanumeric)
            && name.chars().any(char::is_lowercase)
    };
    let named = named();
    let types: Vec<_> = named.iter().filter(is_type).collect();
    assert!(types.len() > 15, "{types:?}");
    let missing: Vec<_> = types.into_iter().filter(|(_, name)| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The files of these folders, each with the first sentence of what it says of itself. Tests speak for themselves.
const ROOMS: &[&str] = &["src", "crates/tengine-dsl/src"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The first sentence of a file's own words.
fn about(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let words: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let words = words.join(" ");
    let end = words.find(". ").map_or(words.len(), |at| at + 1);
    words[..end].replace('|', "\\|")
}

#[test]
fn the_list_of_files_is_what_they_say_of_themselves() {
    let mut page = "# What is in which file\n\nThe first sentence of each, put together by `TENGINE_UPDATE=1 cargo test --test development`. How they \
                    fit together is told in [architecture.md](architecture.md).\n"
        .to_owned();
    let mut mute = Vec::new();
    for folder in ROOMS {
        let mut files = Vec::new();
        rust_files(&repository(folder), &mut files);
        files.sort_by_key(|file| (file.parent().map(Path::to_owned), file.clone()));
        let mut room = PathBuf::new();
        for file in files {
            let parent = file.parent().unwrap().strip_prefix(repository("")).unwrap().to_owned();
            if parent != room {
                write!(page, "\n## {}\n\n| file | |\n|---|---|\n", parent.display()).unwrap();
                room = parent;
            }
            let words = about(&file);
            if words.is_empty() {
                mute.push(file.clone());
            }
            writeln!(page, "| `{}` | {words} |", file.file_name().unwrap().to_string_lossy()).unwrap();
        }
    }
    assert!(mute.is_empty(), "these say nothing of themselves: {mute:?}");
    let path = repository("docs/files.md");
    if std::env::var_os("TENGINE_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == page, "docs/files.md is not up to date: TENGINE_UPDATE=1 cargo test --test development");
}
