//! Files that are generated and committed. `TENGINE_UPDATE=1 cargo test --test chart` writes them.

use std::process::Command;

use crate::{CHART, read, repository, values};

/// Fails unless the file holds `expected`; writes it instead when asked to.
fn fresh(path: &str, expected: &str) {
    if std::env::var_os("TENGINE_UPDATE").is_some() {
        let target = repository(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, expected).unwrap();
    }
    assert!(read(path) == expected, "{path} is out of date: TENGINE_UPDATE=1 cargo test --test chart");
}

/// What `tengine-operator crd` prints with these flags.
fn printed(flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tengine-operator")).arg("crd").args(flags).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_definitions_in_crds_and_in_the_chart_are_those_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(printed(&["--output-dir", folder.path().to_str().unwrap()]), "");
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let mut together = String::new();
    for name in names {
        let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
        let name = name.to_str().unwrap();
        fresh(&format!("crds/{name}"), &text);
        fresh(&format!("{CHART}/files/crds/{name}"), &text);
        together.push_str(&text);
    }
    assert_eq!(together, printed(&[]), "the files one after the other are what is printed");
}

#[test]
fn the_api_reference_is_that_of_the_program() {
    fresh("docs/api.md", &printed(&["--reference"]));
}

#[test]
fn the_readme_lists_every_value() {
    let path = format!("{CHART}/README.md");
    let (begin, end) = ("<!-- values: begin -->\n", "<!-- values: end -->");
    let text = read(&path);
    let (head, rest) = text.split_once(begin).expect("the table has a beginning");
    let (_, tail) = rest.split_once(end).expect("the table has an end");
    fresh(&path, &format!("{head}{begin}{}{end}{tail}", values::table()));
}
