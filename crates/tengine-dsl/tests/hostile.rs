//! Hostile input: a finding, in time, and never an abort.

#![allow(clippy::unwrap_used, missing_docs)] // tests, their helpers included

use std::time::{Duration, Instant};
use tengine_dsl::diff::{Changes, diff};
use tengine_dsl::{CheckOptions, Checked, SourceFile, check};

fn checked(text: impl Into<Vec<u8>>) -> Checked {
    let started = Instant::now();
    let checked = check(&[SourceFile::new("a.rb", text)], &CheckOptions::default());
    // Generous: a build without optimisation on a busy machine; what is caught here is what never ends.
    assert!(started.elapsed() < Duration::from_mins(2), "it took {:?}", started.elapsed());
    checked
}

fn has(checked: &Checked, code: &str) -> bool {
    checked.diagnostics.iter().any(|found| found.code == code)
}

#[test]
fn deep_nesting_is_a_finding() {
    let repeated = [
        "(",
        "!",
        "{a:",
        "[",
        "a{",
        "-",
        "a.b(",
        "if x\n",
        "x+",
        "x.a ",
        "def a;",
        "->{",
        "a do ",
        "begin;",
        "class A;",
        "\"#{",
        "a ? ",
        "not ",
        "*",
        "&",
        "%w[",
        "<<A\n",
        "case a;when ",
    ];
    for part in repeated {
        checked(part.repeat(100_000 / part.len()));
    }
}

#[test]
fn long_chains_are_survived() {
    let chains = [
        ("x", ".a"),
        ("1", "+1"),
        ("if x then 1", " elsif x then 1"),
        ("x", " && x"),
        ("x", "[0]"),
        ("x", " if x"),
        ("x", " while x"),
        ("x", " rescue x"),
        ("A", "::B"),
        ("begin; x", " rescue A; x"),
        ("x", "|x"),
        ("x", "=x"),
        ("case x; in 1", "|1"),
        ("job(\"a\"", ",\"a\""),
        ("\"a\"", "\"a\""),
        ("x = [1", ",1"),
        ("x", " and x"),
        ("x", "&.a"),
    ];
    for (start, part) in chains {
        let text = format!("{start}{}\nend\n", part.repeat(100_000 / part.len()));
        checked(text.clone());
        checked(text.replace("\nend\n", "\n"));
    }
}

#[test]
fn loops_without_end_are_given_up() {
    let nested =
        "require 'tengine_job'\n1000.times { 1000.times { 1000.times { |i| jobnet(\"n#{i}\") { job(i, 'x') } } } }\n";
    assert!(has(&checked(nested), "too-much"));
    checked("def a\n  a\nend\na\n");
    checked("def a\n  b { a }\nend\ndef b\n  yield\n  yield\nend\na\n");
    checked("x = 'aaaaaaaaaaaaaaaa'\n1000.times { x = x + x }\n");
    checked("x = [1]\n1000.times { x = x + x }\n");
    checked("x = [1]\n1000.times { x = [x, x] }\nputs x.flatten.to_s\n");
    checked("2000.times { 1000.times { nosuchword x } }\n");
    checked("9000.times { 1000.tames { nosuchword x } }\n");
    checked("9000.times { [1000].each(&:tames) }\n");
    let names = "require 'tengine_job'\njobnet('n') do\n  boot_jobs('a')\n  9000.times { |i| job(\"aaaaaaaaaaaaaaaaaaaa#{i}\", 'x', :to => \"aaaaaaaaaaaaaaaaaaaaaaa#{i}\") }\nend\n";
    checked(names);
    checked("f = lambda { |g| g.call(g) }\nf.call(f)\n");
    checked("x = []\n100.times { 9000.times { x = [x] } }\nfoo x\n");
    checked("f = nil\n100.times { 9000.times { g = f; f = lambda { g } } }\nfoo f\n");
}

#[test]
fn lists_that_hold_themselves_are_survived() {
    let within = |text: &str| checked(format!("require 'tengine_job'\njobnet('n') {{ {text} }}\n"));
    within("s = ['TERM']; s << s; job('a', 'x', :killing_signals => s)");
    within("s = ['a']; s << s; boot_jobs(s, *s); job('a', 'x', :to => s)");
    within("h = {}; h[:to] = h; job('a', 'x', h)");
    within("s = ['a']; s << s; foo(s); s.flatten.each { |n| job(n, s.join) }");
    within("s = ['a']; s << lambda { s }; foo(s)");
    within("b = (1..9000).map(&:to_s); s = []; 9000.times { s << b }; job('a', 'x', :k => s)");
}

/// The time a diff takes is that of a build without optimisation on a busy machine, as above.
fn compared(old: &Checked, new: &Checked) -> Changes {
    let started = Instant::now();
    let changes = diff(&old.definition, &new.definition);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    changes
}

#[test]
fn definitions_that_nest_deeply_are_compared_in_time() {
    // Each round puts another `finally` and another jobnet into the last one, until the cap.
    let text = "require 'tengine_job'\ndef again\n  finally do\n    job('a', 'x')\n    jobnet('m') do\n      again\n    end\n    again\n  end\nend\njobnet('n') do\n  again\nend\n";
    let deep = checked(text);
    assert!(has(&deep, "too-much") && deep.summary.jobs > 1000, "{}", deep.summary);
    assert!(compared(&deep, &deep).is_empty());
}

#[test]
fn many_things_of_a_kind_are_compared_in_time() {
    let jobs = |prefix: &str| {
        let nets =
            format!("4.times {{ |n| jobnet(\"n#{{n}}\") {{ 9000.times {{ |i| job(\"{prefix}#{{i}}\", 'x') }} }} }}\n");
        checked(format!("require 'tengine_job'\n{nets}"))
    };
    let (old, new) = (jobs("a"), jobs("b"));
    assert!(new.summary.jobs > 5000, "{}", new.summary);
    let (added, removed, _) = compared(&old, &new).counts();
    assert_eq!((added, removed), (new.summary.jobs, old.summary.jobs), "nothing says which of them became which");
}

#[test]
fn a_file_beyond_the_cap_is_told() {
    assert!(has(&checked("#".repeat(300 * 1024)), "too-large"));
}

#[test]
fn code_beyond_the_depth_cap_is_told() {
    let text = format!("x = {}1{}\n", "[".repeat(600), "]".repeat(600));
    assert!(has(&checked(text), "too-deep"));
}

#[test]
fn a_load_path_without_ruby_is_told() {
    let empty = check(&[SourceFile::new("README.md", "x")], &CheckOptions::default());
    assert!(has(&empty, "no-ruby-file"));
}

#[test]
fn any_bytes_are_survived() {
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..512)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[3]
            })
            .collect();
        checked(bytes);
    }
}
