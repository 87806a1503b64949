//! What is told of each kind of mistake, in a line each, and that the core does with it what is told: an error is refused, a
//! warning is loaded. The corpus and the verdicts have more of each; here one sees at a glance that none is missing.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

mod core;

use tengine_dsl::{CheckOptions, Severity, SourceFile, check};

/// What Tengine loads, though its author hardly meant it: what it is, the code, the definition.
const LOADED: &[(&str, &str, &str)] = &[
    ("an option that nobody reads", "unknown-option", "jobnet('n') { job('a', 'x', :hoge => 1) }"),
    ("an older name of an option", "unknown-option", "jobnet('n') { job('a', 'x', :vm_instance_name => 's') }"),
    ("another older name", "unknown-option", "jobnet('n') { job('a', 'x', :instance_name => 's') }"),
    ("the third", "unknown-option", "jobnet('n') { job('a', 'x', :user_group_credential_name => 'c') }"),
    ("a name twice", "duplicate-name", "jobnet('n') { job('a', 'x'); job('a', 'y') }"),
    (
        "two finally",
        "duplicate-finally",
        "jobnet('n') { job('a', 'x'); finally { job('b', 'x') }; finally { job('c', 'x') } }",
    ),
    ("something after finally", "finally-not-last", "jobnet('n') { finally { job('b', 'x') }; job('a', 'x') }"),
    ("two auto_sequence", "duplicate-sequence", "jobnet('n') { auto_sequence; auto_sequence; job('a', 'x') }"),
    ("both sequences", "duplicate-sequence", "jobnet('n') { auto_sequence; boot_jobs('a'); job('a', 'x') }"),
    ("a sequence that is not first", "sequence-not-first", "jobnet('n') { job('a', 'x'); auto_sequence }"),
    ("a word in the wrong place", "misplaced-word", "jobnet('n') { job('a', 'x'); hadoop_job('b') }"),
    ("an expansion of nothing", "unknown-expansion", "jobnet('n') { expansion('nowhere') }"),
    ("a circle of expansions", "expansion-cycle", "jobnet('n') { expansion('m') }\njobnet('m') { expansion('n') }"),
    ("boot jobs of an empty jobnet", "empty-jobnet", "jobnet('n') { boot_jobs('a') }"),
    (
        "a job to itself with another way out",
        "self-loop",
        "jobnet('n') { boot_jobs('a'); job('a', 'x', :to => ['a', 'b']); job('b', 'x') }",
    ),
    ("the end of the load", "ends-load", "jobnet('n') { job('a', 'x') }\nexit"),
];

/// What Tengine refuses.
const REFUSED: &[(&str, &str, &str)] = &[
    ("a symbol in boot_jobs", "name-not-text", "jobnet('n') { boot_jobs(:a); job('a', 'x') }"),
    ("a list in boot_jobs", "name-not-text", "jobnet('n') { boot_jobs(['a']); job('a', 'x') }"),
    ("nil in boot_jobs", "name-not-text", "jobnet('n') { boot_jobs(nil); job('a', 'x') }"),
    ("a number in :to", "name-not-text", "jobnet('n') { boot_jobs('a'); job('a', 'x', :to => 1); job('1', 'x') }"),
    (
        "a list in the list of :to",
        "name-not-text",
        "jobnet('n') { boot_jobs('a'); job('a', 'x', :to => [['b']]); job('b', 'x') }",
    ),
    ("ruby_job", "removed-word", "jobnet('n') { ruby_job('a') { } }"),
    ("ssh_job", "removed-word", "jobnet('n') { ssh_job('a', 'x') }"),
    ("a word in a module", "word-in-object", "module M; def self.add() job('a', 'x') end; end\njobnet('n') { M.add }"),
    (
        "a word in a Struct's block",
        "word-in-object",
        "S = Struct.new(:a) { def add() job('a', 'x') end }\njobnet('n') { S.new(1).add }",
    ),
    ("a word on another object", "word-in-object", "jobnet('n') { 'a'.instance_eval { job(self, 'x') } }"),
    ("a word on a block parameter", "unknown-method", "jobnet('n') { |j| j.job('a', 'x') }"),
    ("a full-width space", "unknown-word", "jobnet('n') {\n　job('a', 'x') }"),
    ("a helper below its use", "used-too-early", "jobnet('n') { add('a') }\ndef add(n) job(n, 'x') end"),
    ("a constant below its use", "undefined-constant", "jobnet('n') { job(NAME, 'x') }\nNAME = 'a'"),
    ("a variable of Tengine's own", "own-variable", "@config = {}\njobnet('n') { job('a', 'x') }"),
    ("a root on two lines", "duplicate-jobnet", "jobnet('n') { job('a', 'x') }\njobnet('n') { job('a', 'x') }"),
    (
        "a root through a helper on two lines",
        "duplicate-jobnet",
        "def net(&b) jobnet('n', &b) end\njobnet('n') { job('a', 'x') }\nnet { job('a', 'x') }",
    ),
    ("a blank name", "blank-name", "jobnet('n') { job(\"\\u3000\", 'x') }"),
    ("a job that is called finally", "unknown-boot-job", "jobnet('n') { boot_jobs('finally'); job('finally', 'x') }"),
    (
        "finally with an option",
        "wrong-arguments",
        "jobnet('n') { job('a', 'x'); finally(:to => 'a') { job('c', 'x') } }",
    ),
    (
        "a frozen hash of options",
        "frozen-change",
        "O = { :to => 'b' }.freeze\njobnet('n') { hadoop_job_run('h', 'x', O) { } }",
    ),
    ("event at the top", "outside-handler", "event"),
    ("session at the top", "outside-handler", "session"),
    ("fire at the top", "outside-handler", "fire :a"),
    ("a driver without a name", "driver-name", "driver(nil) { on(:a) { } }"),
    ("a driver with an empty name", "driver-name", "driver('') { on(:a) { } }"),
    ("a driver named by a number", "driver-name", "driver(1) { on(:a) { } }"),
    ("a driver with the name of a constant", "driver-class-taken", "driver(:process) { on(:a) { } }"),
    ("a handler of two parameters", "handler-parameters", "driver(:d) { on(:a) { |x, y| } }"),
    ("a filter there is not", "invalid-filter", "driver(:d) { on(:a | :b) { } }"),
    ("a value that cannot be stored", "unstorable-value", "jobnet('n') { job('a', 'x', :hoge => Object.new) }"),
    ("DATA", "undefined-constant", "puts DATA.read\njobnet('n') { job('a', 'x') }\n__END__\nx"),
    ("a word of a test", "unknown-word", "describe('x') { it('y') { } }"),
    ("an unknown constant", "undefined-constant", "jobnet('n') { job('a', NOWHERE + 'x') }"),
    ("a method that a text has not", "unknown-method", "jobnet('n') { 'a'.each { |n| job(n, 'x') } }"),
    ("a wrong count of arguments", "wrong-argument-count", "def add(a, b) job(a, b) end\njobnet('n') { add('a') }"),
    ("raise", "raises-at-load", "raise 'x'"),
    ("an unknown encoding", "unknown-encoding", "# coding: klingon\njobnet('n') { job('a', 'x') }"),
    ("us-ascii with other text", "invalid-encoding", "# coding: us-ascii\njobnet('夜') { job('a', 'x') }"),
    ("an unfinished block", "syntax", "jobnet('n') do"),
    (
        "a symbol that leads nowhere",
        "name-not-text",
        "jobnet('n') { boot_jobs('a'); job('a', 'x', :to => :b); job('b', 'x') }",
    ),
];

/// A file's name and text.
type File = (&'static str, &'static str);

/// Definitions of more than one file: what it is, the code, the files. All are refused.
const OF_FILES: &[(&str, &str, &[File])] = &[
    (
        "a helper in a later file",
        "used-too-early",
        &[("a.rb", "require 'tengine_job'\njobnet('n') { add('a') }\n"), ("b.rb", "def add(n) job(n, 'x') end\n")],
    ),
    (
        "a constant in a later file",
        "undefined-constant",
        &[("a.rb", "require 'tengine_job'\njobnet('n') { job(NAME, 'x') }\n"), ("b.rb", "NAME = 'a'\n")],
    ),
    (
        "tengine_job in a later file",
        "missing-require",
        &[
            ("a.rb", "jobnet('n') { job('a', 'x') }\n"),
            ("b.rb", "require 'tengine_job'\njobnet('m') { job('a', 'x') }\n"),
        ],
    ),
    (
        "a dictionary that is empty",
        "dictionary-syntax",
        &[("sub/a.rb", "require 'tengine_job'\njobnet('n') { job('a', 'x') }\n"), ("dictionary.yml", "")],
    ),
    (
        "a dictionary of comments",
        "dictionary-syntax",
        &[("sub/a.rb", "require 'tengine_job'\njobnet('n') { job('a', 'x') }\n"), ("dictionary.yml", "# nothing\n")],
    ),
    (
        "a folder with the name of a file",
        "folder-named-rb",
        &[("a.rb", "require 'tengine_job'\njobnet('n') { job('a', 'x') }\n"), ("x.rb/b.txt", "x\n")],
    ),
];

/// A definition, what it is, and what is to be told of it.
struct Case {
    what: &'static str,
    code: &'static str,
    severity: Severity,
    files: Vec<(&'static str, String)>,
}

fn cases() -> Vec<Case> {
    let one = |severity, (what, code, text): &(&'static str, &'static str, &str)| {
        // What is said of a file's first lines is about these.
        let text = if text.starts_with('#') {
            text.replacen('\n', "\nrequire 'tengine_job'\n", 1)
        } else {
            format!("require 'tengine_job'\n{text}\n")
        };
        Case { what, code, severity, files: vec![("a.rb", text)] }
    };
    let loaded = LOADED.iter().map(|row| one(Severity::Warning, row));
    let refused = REFUSED.iter().map(|row| one(Severity::Error, row));
    let of_files = OF_FILES.iter().map(|(what, code, files)| {
        let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        Case { what, code, severity: Severity::Error, files }
    });
    loaded.chain(refused).chain(of_files).collect()
}

#[test]
fn each_kind_of_mistake_is_told() {
    let mut wrong = Vec::new();
    for case in cases() {
        let files: Vec<_> = case.files.iter().map(|(path, text)| SourceFile::new(*path, text.as_bytes())).collect();
        let told = check(&files, &CheckOptions::default()).diagnostics;
        let as_meant = told.iter().any(|found| found.code == case.code && found.severity == case.severity);
        let louder = case.severity == Severity::Warning && told.iter().any(|found| found.severity == Severity::Error);
        if !as_meant || louder {
            let told: Vec<_> = told.iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
            wrong.push(format!("{} is not {}: {told:?}", case.what, case.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_does_what_is_told() {
    let cases = cases();
    let owned = |case: &Case| case.files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
    let Some(said) = core::judged(&cases.iter().map(owned).collect::<Vec<_>>()) else { return };
    let wrong: Vec<_> = cases
        .iter()
        .zip(&said)
        .filter(|(case, said)| said.is_ok() != (case.severity == Severity::Warning))
        .map(|(case, said)| format!("{}: {said:?}", case.what))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
