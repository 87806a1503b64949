//! The stand-in core, asked what it does with definitions.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file's path in its load path, and its text.
pub type File = (String, String);

/// Whether the core loads each of these load paths, or what it raises and where; `None` where there is no Ruby.
pub fn judged(trees: &[Vec<File>]) -> Option<Vec<Result<(), String>>> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..trees.len()).map(|at| folder.path().join(format!("d{at}"))).collect();
    for (path, (file, text)) in
        paths.iter().zip(trees).flat_map(|(path, tree)| tree.iter().map(move |file| (path, file)))
    {
        let file = path.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hack/tengine-core/bin/tengine_load_only");
    let Ok(output) = Command::new("ruby").arg(core).arg("--json").args(&paths).output() else {
        eprintln!("not compared with the core: there is no ruby here");
        return None;
    };
    let lines = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = lines.lines().map(|line| said(&serde_json::from_str(line).unwrap())).collect();
    assert_eq!(said.len(), trees.len(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

fn said(line: &serde_json::Value) -> Result<(), String> {
    let word = |key: &str| line[key].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    if line["ok"] == true || line["class"] == "SystemExit" {
        return Ok(());
    }
    Err(format!("{} {} {}", word("class"), word("message"), word("at")))
}
