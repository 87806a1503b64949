//! Laws of the check that hold for every definition of the corpus and for made ones.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use proptest::prelude::*;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tengine_dsl::diff::{What, diff};
use tengine_dsl::model::Definition;
use tengine_dsl::print::print;
use tengine_dsl::{CheckOptions, Checked, Severity, SourceFile, check};

fn one(text: &str) -> Checked {
    check(&[SourceFile::new("a.rb", text)], &CheckOptions::default())
}

fn codes(checked: &Checked) -> Vec<String> {
    checked.diagnostics.iter().map(|found| found.code.clone()).collect()
}

/// The load paths of the corpus that are folders, and single UTF-8 files as load paths of one file.
fn corpus() -> Vec<Vec<SourceFile>> {
    fn read(path: &Path, prefix: &str, out: &mut Vec<SourceFile>) {
        for entry in std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
            let name = format!("{prefix}{}", entry.file_name().unwrap().to_string_lossy());
            if entry.is_dir() {
                read(&entry, &format!("{name}/"), out);
            } else {
                out.push(SourceFile::new(name, std::fs::read(entry).unwrap()));
            }
        }
    }
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/definitions"));
    let mut trees = Vec::new();
    for family in std::fs::read_dir(root).unwrap() {
        for case in std::fs::read_dir(family.unwrap().path()).unwrap().map(|case| case.unwrap().path()) {
            let mut tree = Vec::new();
            if case.is_dir() {
                read(&case, "", &mut tree);
                tree.sort_by(|a, b| a.path.cmp(&b.path));
            } else if case.extension().is_some_and(|extension| extension == "rb") {
                tree.push(SourceFile::new("a.rb", std::fs::read(&case).unwrap()));
            }
            if !tree.is_empty() {
                trees.push(tree);
            }
        }
    }
    trees
}

fn made() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-e]", "[a-e][0-9]", Just("読込".to_owned()), Just("qu\"o#{te\\".to_owned())];
    let job = (name.clone(), prop::collection::vec(name.clone(), 0..3), any::<bool>());
    let net = (name, prop::collection::vec(job, 1..6), any::<bool>(), any::<bool>());
    prop::collection::vec(net, 1..4).prop_map(|nets| {
        let q = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace("#{", "\\#{"));
        let mut out = String::from("require 'tengine_job'\n");
        for (name, jobs, boot, finally) in nets {
            writeln!(out, "jobnet({}, \"text\", :instance_name => \"s\") do", q(&name)).unwrap();
            if boot {
                writeln!(out, "  boot_jobs({})", q(&jobs[0].0)).unwrap();
            }
            for (job, to, nested) in &jobs {
                let to: Vec<String> = to.iter().map(|name| q(name)).collect();
                let option = format!(":to => [{}]", to.join(", "));
                if *nested {
                    writeln!(out, "  jobnet({}, {option}) do\n    job(\"x\", \"x.sh\")\n  end", q(job)).unwrap();
                } else {
                    writeln!(out, "  job({}, \"d\", \"x.sh\", :killing_signals => [\"TERM\"], {option})", q(job))
                        .unwrap();
                }
            }
            if finally {
                writeln!(out, "  finally do\n    expansion({})\n  end", q(&name)).unwrap();
            }
            writeln!(out, "end").unwrap();
        }
        out
    })
}

/// The model without places: printed, since printing leaves places out.
fn bare(definition: &Definition) -> String {
    serde_json::to_string(definition).unwrap()
}

fn mirrored(changes: &[tengine_dsl::diff::Change]) -> Vec<String> {
    let mut out: Vec<String> = changes
        .iter()
        .map(|change| match &change.what {
            What::Added => format!("- {:?} {}", change.kind, change.path),
            What::Removed => format!("+ {:?} {}", change.kind, change.path),
            What::Moved { from } => format!("> {:?} {from} was {}", change.kind, change.path),
            What::Changed { fields } => {
                let fields: Vec<_> = fields.iter().map(|field| (&field.name, &field.new, &field.old)).collect();
                format!("~ {:?} {} {fields:?}", change.kind, change.path)
            }
        })
        .collect();
    out.sort();
    out
}

fn plain(changes: &[tengine_dsl::diff::Change]) -> Vec<String> {
    let mut out: Vec<String> = changes
        .iter()
        .map(|change| match &change.what {
            What::Added => format!("+ {:?} {}", change.kind, change.path),
            What::Removed => format!("- {:?} {}", change.kind, change.path),
            What::Moved { from } => format!("> {:?} {} was {from}", change.kind, change.path),
            What::Changed { fields } => {
                let fields: Vec<_> = fields.iter().map(|field| (&field.name, &field.old, &field.new)).collect();
                format!("~ {:?} {} {fields:?}", change.kind, change.path)
            }
        })
        .collect();
    out.sort();
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_comment_or_blank_line_never_changes_codes(text in made(), at in any::<prop::sample::Index>(), blank in any::<bool>()) {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(at.index(lines.len() + 1), if blank { "" } else { "  # a comment: job(\"x\")" });
        prop_assert_eq!(codes(&one(&text)), codes(&one(&lines.join("\n"))));
    }

    #[test]
    fn a_printed_model_reads_as_the_same_model(text in made()) {
        let first = one(&text).definition;
        let second = one(&print(&first)).definition;
        prop_assert_eq!(bare(&first), bare(&second));
    }

    #[test]
    fn a_diff_with_itself_is_empty_and_reversed_it_mirrors(a in made(), b in made()) {
        let (a, b) = (one(&a).definition, one(&b).definition);
        prop_assert!(diff(&a, &a).is_empty());
        prop_assert_eq!(plain(&diff(&a, &b).changes), mirrored(&diff(&b, &a).changes));
    }
}

#[test]
fn the_order_of_files_never_matters() {
    for mut tree in corpus() {
        let first = check(&tree, &CheckOptions::default());
        tree.reverse();
        let second = check(&tree, &CheckOptions::default());
        assert_eq!(first.diagnostics, second.diagnostics);
        assert_eq!(first.definition, second.definition);
        let middle = tree.len() / 2;
        tree.rotate_left(middle);
        assert_eq!(first.diagnostics, check(&tree, &CheckOptions::default()).diagnostics);
    }
}

#[test]
fn clean_models_of_the_corpus_survive_printing() {
    for tree in corpus() {
        let first = check(&tree, &CheckOptions::default());
        if !first.diagnostics.is_empty() || first.summary.opaque > 0 {
            continue;
        }
        let second = one(&print(&first.definition)).definition;
        assert!(diff(&first.definition, &second).is_empty(), "{:#?}", diff(&first.definition, &second));
    }
}

#[test]
fn a_moved_or_renamed_job_is_told_as_such() {
    let old = "require 'tengine_job'\njobnet('n') do\n  job('a', 'a.sh')\n  jobnet('m') do\n    job('b', 'b.sh')\n  end\nend\n";
    let renamed = one(&old.replace("'b', ", "'bee', ")).definition;
    let changes = diff(&one(old).definition, &renamed);
    let expected = vec![
        "~ jobnet n/m: order \"b\" > end; start > \"b\" -> \"bee\" > end; start > \"bee\"",
        "~ job n/m/bee: was n/m/b",
    ];
    assert_eq!(changes.names(), expected);
    assert_eq!(changes.to_string(), "+0 -0 ~2");
}

#[test]
fn a_file_loaded_out_of_sight_may_change_any_constant() {
    for (way, second) in [("load File.expand_path('../b.rb', __FILE__)", "b.rb"), ("load 'b.jobs'", "b.jobs")] {
        let first = format!(
            "require 'tengine_job'\nFIRST = []\n{way}\njobnet('n') {{ boot_jobs(FIRST.first.dup); job('a', 'x') }}\n\
             jobnet('m') {{ boot_jobs('a'); job('b', 'x'); FIRST.each {{ |name| job(name, 'x') }} }}\n"
        );
        let kept = "kept = { :first => FIRST }; kept[:first] << 'a'\n";
        let checked = check(&[SourceFile::new("a.rb", first), SourceFile::new(second, kept)], &CheckOptions::default());
        let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{way}: {errors:?}");
    }
}
