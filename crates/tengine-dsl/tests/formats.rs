//! What machines read of a check.
//!
//! `data/sarif-2.1.0.schema.json` is the schema that OASIS publishes with SARIF 2.1.0.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use tengine_dsl::report::{Report, github, json, sarif, text};
use tengine_dsl::{CheckOptions, SourceFile, check};

fn report() -> Report {
    let wrong =
        "require 'tengine_job'\njobnet('夜間, 100%') do boot_jobs('読込')\n  job('読込', 'x.sh', :to => '書込')\nend\n";
    let tree = [SourceFile::new("a b/夜間.rb", wrong), SourceFile::new("dictionary.yml", "x.rb: y\n")];
    let mut report = Report::default();
    report.add("dsl/", &check(&tree, &CheckOptions::default()));
    report.add("empty", &check(&[], &CheckOptions::default()));
    report
}

#[test]
fn sarif_follows_its_published_schema() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("data/sarif-2.1.0.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let log = serde_json::to_value(sarif::log(&report(), "1.2.3")).unwrap();
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(log["runs"][0]["results"].as_array().unwrap().len() >= 3);
    let broken = serde_json::json!({"version": "2.1.0", "runs": [{"tool": {}}]});
    assert!(!validator.is_valid(&broken), "the schema says no to what is wrong");
}

#[test]
fn github_lines_escape_what_github_would_cut() {
    let lines = github::print(&report());
    let first = lines.lines().find(|line| line.contains("unknown-successor")).unwrap();
    assert!(first.starts_with("::error file=dsl/a b/夜間.rb,line=3,endLine=3,col="), "{first}");
    assert!(lines.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")), "{lines}");
}

#[test]
fn json_counts_from_one_in_characters() {
    let value = serde_json::to_value(json::value(&report())).unwrap();
    let found = &value["diagnostics"];
    let successor = found.as_array().unwrap().iter().find(|found| found["code"] == "unknown-successor").unwrap();
    assert_eq!(
        (&successor["line"], &successor["column"], &successor["endColumn"]),
        (&3.into(), &28.into(), &32.into())
    );
    assert_eq!(successor["path"], "dsl/a b/夜間.rb");
    assert_eq!(value["summary"]["files"], 1);
    for name in ["files", "jobnets", "jobs", "drivers", "errors", "warnings", "opaque"] {
        assert!(value["summary"][name].is_u64(), "{name}");
    }
}

#[test]
fn text_points_at_the_token() {
    let wrong = "require 'tengine_job'\njobnet('夜間') do boot_jobs('読込')\n  job('読込', 'x.sh', :to => '書き込')\n  job('書込', 'x.sh')\nend\n";
    let mut report = Report::default();
    report.add("", &check(&[SourceFile::new("a.rb", wrong)], &CheckOptions::default()));
    let expected = "a.rb:3:28: error[unknown-successor]: job \"読込\" names \"書き込\" in :to, which this jobnet does not have\n    \
                    3 |   job('読込', 'x.sh', :to => '書き込')\n      \
                    |                              ^^^^^^^^ did you mean \"書込\"?\n\
                    1 file, 1 root jobnet, 2 jobs, 0 drivers: 1 error, 0 warnings\n";
    assert_eq!(text::print(&report), expected);
}
