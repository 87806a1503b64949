//! The shape of the code, proven by its imports: an arrow only ever points to what stands earlier in the list.

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part may import of the crate. Everything pure stands here; the shell (`controller`, `cli`) may import all.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("api", &["domain"]),
    ("manifest", &["domain", "api"]),
    ("plan", &["domain", "api", "manifest"]),
    ("settings", &["domain", "words"]),
    ("worker", &["source", "settings", "domain"]),
    ("tls", &[]),
    ("words", &["tls"]),
    ("source", &["domain", "dsl", "image", "settings", "tls", "words", "worker"]),
    ("image", &["domain", "api", "settings", "tls", "words"]),
    ("lease", &["domain"]),
    ("telemetry", &[]),
    ("metrics", &["domain", "worker"]),
    ("server", &["metrics"]),
];

/// What no pure part may name: clients, clocks, threads, files, logs.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "git2",
    "tracing::",
    "std::fs",
    "std::process",
    "std::env",
    "SystemTime::",
    "Instant",
    "Timestamp::now",
    "kube::Client",
    "kube::Api",
    "async fn",
];

const PURE: &[&str] = &["../crates/tengine-dsl/src", "domain", "api", "manifest", "plan"];

fn files_of(part: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.join(part)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is_test = path.file_name().is_some_and(|name| name == "tests" || name == "tests.rs");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
                found.push(path);
            }
        }
    }
    let single = root.join(part).with_extension("rs");
    found.extend(single.exists().then_some(single));
    assert!(!found.is_empty(), "no source of {part}");
    found
}

/// The code of a file without comments and without what only tests see.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_point_one_way() {
    let mut wrong = BTreeSet::new();
    for (part, allowed) in MAY_IMPORT {
        for path in files_of(part) {
            for piece in code(&path).split("crate::").skip(1) {
                let named: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if named != *part && !named.is_empty() && !allowed.contains(&named.as_str()) {
                    wrong.insert(format!("{} imports {named}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_core_is_pure() {
    let mut wrong = BTreeSet::new();
    for part in PURE {
        for path in files_of(part) {
            let code = code(&path);
            wrong.extend(
                IMPURE.iter().filter(|word| code.contains(**word)).map(|word| format!("{}: {word}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
