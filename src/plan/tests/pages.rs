//! Tables of docs/, read as people read them.

use std::path::Path;

/// The cells of each row of the table that begins with this heading. The page is read when the tests run: it can be mended without
/// compiling them.
pub fn table(page: &str, heading: &str) -> Vec<Vec<&'static str>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text: &'static str = std::fs::read_to_string(path).unwrap().leak();
    let lines = text.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
    let rows: Vec<Vec<&str>> = lines.take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(rows.len() > 3, "there is no table {heading}");
    rows
}

fn cells(line: &'static str) -> Vec<&'static str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// What stands in backticks.
pub fn words(cell: &'static str) -> Vec<&'static str> {
    cell.split('`').skip(1).step_by(2).collect()
}
