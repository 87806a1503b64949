//! No two files of the operator, or of the check of definitions, import each other, neither directly nor by way of others.

use super::{code, files_of};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Module = Vec<String>;

#[test]
fn no_file_imports_itself_by_way_of_others() {
    for part in ["", "../crates/tengine-dsl/src"] {
        are_no_circles(&imports(part));
    }
}

fn are_no_circles(imports: &BTreeMap<Module, BTreeSet<Module>>) {
    let mut circles = BTreeSet::new();
    for (module, direct) in imports {
        for next in direct {
            let (one, other) = (module.join("::"), next.join("::"));
            if reaches(imports, next, module) {
                circles.insert(format!("{one} imports {other}, which leads back to it"));
            }
        }
    }
    assert!(imports.values().any(|direct| !direct.is_empty()), "nothing is imported");
    assert!(circles.is_empty(), "{circles:#?}");
}

/// Which files each file of a part imports.
fn imports(part: &str) -> BTreeMap<Module, BTreeSet<Module>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(part);
    let codes: BTreeMap<Module, String> =
        files_of(part).into_iter().map(|path| (module(path.strip_prefix(&root).unwrap()), code(&path))).collect();
    let of = |module: &Module, code: &str| {
        let paths = paths(code);
        paths.iter().filter_map(|path| file(&codes, module, path)).filter(|file| file != module).collect()
    };
    codes.iter().map(|(module, code)| (module.clone(), of(module, code))).collect()
}

fn module(path: &Path) -> Module {
    let mut parts: Module = path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// All paths of the crate that the code names, in a `use` or where they stand; groups taken apart.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        let begins = code
            .match_indices(start)
            .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)));
        for (at, _) in begins {
            found.extend(taken_apart(whole(&code[at..])));
        }
    }
    found
}

/// The path at the begin of this text, with its group where it ends in one.
fn whole(text: &str) -> &str {
    let mut depth = 0_usize;
    let end = text.find(|c: char| {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                depth = 0;
                return false;
            }
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
        depth == 0 && !(c.is_alphanumeric() || "_:}".contains(c))
    });
    &text[..end.unwrap_or(text.len())]
}

fn taken_apart(path: &str) -> Vec<String> {
    let Some((head, group)) = path.split_once('{') else { return vec![path.to_owned()] };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let mut depth = 0_i32;
    let members = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    members
        .map(str::trim)
        .filter(|member| !member.is_empty())
        .flat_map(|member| taken_apart(&format!("{head}{member}")))
        .collect()
}

/// The file in which a path ends, as far as it leads through files.
fn file(codes: &BTreeMap<Module, String>, from: &Module, path: &str) -> Option<Module> {
    let mut at = from.clone();
    for step in path.split("::") {
        match step.trim() {
            "crate" => at.clear(),
            "super" => {
                at.pop();
            }
            name => {
                at.push(name.to_owned());
                if !codes.contains_key(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    codes.contains_key(&at).then_some(at)
}

fn reaches(imports: &BTreeMap<Module, BTreeSet<Module>>, from: &Module, to: &Module) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            open.extend(imports.get(module).into_iter().flatten());
        }
    }
    false
}
