//! The definitions of `tests/written`.
//!
//! Cases are parted by lines `#== NAME`, in `refused` followed by `: CODE` or `: nothing, WHY`; a further file of a load path begins
//! with `#-- PATH`. Each begins with `require 'tengine_job'` unless its first line is a comment.

use std::path::Path;
use tengine_dsl::{CheckOptions, Checked, RubyVersion, SourceFile, check};

/// A file's path in its load path, and its text.
pub type File = (String, String);

/// A definition that somebody wrote.
pub struct Case {
    /// What it is.
    pub name: String,
    /// What is to be told of it: a code, or `nothing, WHY`. Empty where it loads.
    pub told: String,
    /// Its files.
    pub files: Vec<File>,
}

/// Those in a folder of `tests/written`.
pub fn cases(folder: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/written").join(folder);
    let mut groups: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    groups.sort();
    let of_group = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let group = path.file_stem().unwrap().to_string_lossy().into_owned();
        format!("\n{text}").split("\n#== ").skip(1).map(|case| of_case(&group, case)).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

fn of_case(group: &str, text: &str) -> Case {
    let (title, text) = text.split_once('\n').unwrap();
    let (name, told) = title.split_once(": ").unwrap_or((title, ""));
    let mut parts = text.split("\n#-- ");
    let first = parts.next().unwrap();
    let first = if first.starts_with('#') { first.to_owned() } else { format!("require 'tengine_job'\n{first}") };
    let others = parts.map(|part| {
        part.split_once('\n').map(|(path, text)| (path.to_owned(), format!("{}\n", text.trim_end()))).unwrap()
    });
    let files = std::iter::once(("a.rb".to_owned(), first.trim_end().to_owned() + "\n")).chain(others).collect();
    Case { name: format!("{group}: {name}"), told: told.to_owned(), files }
}

/// What the check says of a load path, on the Ruby that the core runs on.
pub fn checked(files: &[File]) -> Checked {
    let files: Vec<_> = files.iter().map(|(path, text)| SourceFile::new(path.clone(), text.clone())).collect();
    let ruby: RubyVersion = "3.1".parse().unwrap();
    check(&files, &CheckOptions { ruby: Some(ruby), ..CheckOptions::default() })
}
