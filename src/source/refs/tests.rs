//! What is found in an advertisement.

use super::*;
use crate::domain::{TagChoice, TagOrder};
use rstest::rstest;

fn line(name: &str, digit: char) -> Advertised {
    Advertised { name: name.to_owned(), object: String::from(digit).repeat(40), stands_for: None }
}

fn host() -> Heard {
    let lines = [
        Advertised { stands_for: Some("refs/heads/main".to_owned()), ..line("HEAD", 'a') },
        line("refs/heads/main", 'a'),
        line("refs/heads/release/11.20", 'b'),
        line("refs/tags/light", 'c'),
        line("refs/tags/v1", 'd'),
        line("refs/tags/v1^{}", 'e'),
    ];
    heard(lines)
}

fn heard(lines: impl IntoIterator<Item = Advertised>) -> Heard {
    lines.into_iter().map(|one| (one.name.clone(), one)).collect()
}

fn seen(reference: &Reference) -> (String, String) {
    let seen = find(&host(), reference).unwrap();
    (seen.reference, seen.commit.to_string()[..1].to_owned())
}

fn branch(name: &str) -> Reference {
    Reference::Branch(name.parse().unwrap())
}

fn tag(name: &str) -> Reference {
    Reference::Tag(name.parse().unwrap())
}

fn near(reference: &Reference) -> Option<String> {
    let mut near = Near::to(reference).unwrap();
    for one in host().values() {
        near.see(one);
    }
    near.best()
}

#[test]
fn the_default_is_the_branch_that_head_stands_for() {
    assert_eq!(seen(&Reference::Default), ("refs/heads/main".to_owned(), "a".to_owned()));
}

#[test]
fn a_head_that_is_no_branch_is_called_head() {
    let seen = find(&heard([line("HEAD", 'a')]), &Reference::Default).unwrap();
    assert_eq!(seen.reference, "HEAD");
}

#[test]
fn branches_and_tags_are_found_by_their_short_names() {
    assert_eq!(seen(&branch("release/11.20")), ("refs/heads/release/11.20".to_owned(), "b".to_owned()));
    assert_eq!(seen(&tag("light")), ("refs/tags/light".to_owned(), "c".to_owned()));
}

#[test]
fn an_annotated_tag_is_the_commit_it_points_to() {
    assert_eq!(seen(&tag("v1")), ("refs/tags/v1".to_owned(), "e".to_owned()));
}

#[test]
fn a_missing_branch_is_named_with_the_one_that_was_meant() {
    assert_eq!(find(&host(), &branch("mian")), None);
    assert_eq!(near(&branch("mian")).as_deref(), Some("main"));
    assert_eq!(near(&branch("refs/heads/main")).as_deref(), Some("main"));
    assert_eq!(near(&branch("origin/release/11.20")).as_deref(), Some("release/11.20"));
    assert_eq!(near(&tag("refs/tags/v1")).as_deref(), Some("v1"));
    assert_eq!(near(&branch("something")), None);
}

#[test]
fn a_tag_is_not_found_among_the_branches() {
    assert_eq!(find(&host(), &tag("main")), None);
    assert_eq!(near(&tag("main")), None);
}

fn wanted(pattern: &str) -> Reference {
    Reference::Newest(TagChoice::Pattern {
        pattern: pattern.parse().unwrap(),
        order: TagOrder::Version,
        counterpart: None,
        stage: None,
    })
}

/// What is heard of the newest tag of a pattern.
fn newest(pattern: &str, lines: &[Advertised]) -> Result<(String, char), String> {
    let reference = wanted(pattern);
    let mut hearing = Hearing::of([&reference]);
    for line in lines {
        hearing.hear(line.clone());
    }
    let seen = hearing.answer(&reference, "https://git.example.com/a.git", || None);
    let digit = |seen: &Seen| seen.commit.to_string().chars().next().unwrap();
    seen.map(|seen| (seen.reference.clone(), digit(&seen))).map_err(|error| error.fact())
}

#[rstest]
#[case::annotated(&[line("refs/tags/v1", 'a'), line("refs/tags/v1^{}", 'b')], 'b')]
#[case::an_older_one_after_it(&[line("refs/tags/v1", 'a'), line("refs/tags/v0", 'c'), line("refs/tags/v0^{}", 'd')], 'a')]
#[case::a_branch_of_the_name(&[line("refs/heads/v2", 'c'), line("refs/tags/v1", 'a')], 'a')]
#[case::an_object_that_is_none(&[line("refs/tags/v1", 'a'), Advertised { object: "unborn".into(), ..line("refs/tags/v2", 'a') }], 'a')]
fn the_newest_tag_is_the_commit_that_it_points_to(#[case] lines: &[Advertised], #[case] commit: char) {
    assert_eq!(newest("v*", lines), Ok(("refs/tags/v1".to_owned(), commit)));
}

#[test]
fn the_lines_may_come_in_any_order() {
    let lines = [line("refs/tags/v10", 'a'), line("refs/tags/v9", 'b'), line("refs/tags/v9^{}", 'c')];
    assert_eq!(newest("v*", &lines), Ok(("refs/tags/v10".to_owned(), 'a')));
}

#[test]
fn what_is_there_instead_is_said() {
    let none = newest("release-*", &[line("refs/tags/release-", 'a'), line("refs/tags/other", 'a')]).unwrap_err();
    assert_eq!(none, "https://git.example.com/a.git has no tag release-*: tag release- does not count.");
}

#[test]
fn of_all_references_only_what_is_wanted_is_kept() {
    let references = [branch("main"), tag("v1"), wanted("*")];
    let mut hearing = Hearing::of(&references);
    for line in host().into_values() {
        hearing.hear(line);
    }
    let found: Vec<_> = references.iter().map(|one| hearing.found(one).unwrap().reference).collect();
    assert_eq!(found, ["refs/heads/main", "refs/tags/v1", "refs/tags/v1"]);
    let name = Reference::Name("refs/heads/main".parse().unwrap());
    assert_eq!(
        (beginnings(&name), beginnings(&wanted("release-*"))),
        (vec!["refs/heads/main".to_owned()], vec!["refs/tags/release-".to_owned()])
    );
}

/// What is followed of a train with counterparts, and what is passed over.
fn paired(lines: &[Advertised]) -> (Option<String>, Option<String>) {
    let [pattern, theirs] = ["release-*", "test-*"].map(|text| text.parse().unwrap());
    let choice = TagChoice::Pattern { pattern, order: TagOrder::Version, counterpart: Some(theirs), stage: None };
    let reference = Reference::Newest(choice);
    let mut hearing = Hearing::of([&reference]);
    for line in lines {
        hearing.hear(line.clone());
    }
    match hearing.answer(&reference, "https://git.example.com/a.git", || None) {
        Ok(seen) => (Some(seen.reference), seen.passed_over.map(|mismatch| mismatch.to_string())),
        Err(error) => (None, Some(error.fact())),
    }
}

#[rstest]
#[case::both(&[line("refs/tags/test-1", 'a'), line("refs/tags/release-1", 'a')], Some("release-1"), None)]
#[case::in_any_order(&[line("refs/tags/release-1", 'a'), line("refs/tags/test-1", 'a')], Some("release-1"), None)]
#[case::annotated(&[line("refs/tags/release-1", 'a'), line("refs/tags/release-1^{}", 'c'), line("refs/tags/test-1", 'b'), line("refs/tags/test-1^{}", 'c')], Some("release-1"), None)]
#[case::the_newest_that_fits(
    &[line("refs/tags/release-1", 'a'), line("refs/tags/release-2", 'b'), line("refs/tags/release-3", 'c'), line("refs/tags/test-1", 'a'), line("refs/tags/test-3", 'b')],
    Some("release-1"),
    Some("tag release-3 on ccccccc does not count: tag test-3 is on bbbbbbb (nor does one more)")
)]
#[case::what_is_older_does_not_matter(
    &[line("refs/tags/release-1", 'a'), line("refs/tags/release-2", 'b'), line("refs/tags/test-2", 'b')], Some("release-2"), None
)]
#[case::none(
    &[line("refs/tags/release-1", 'a')],
    None,
    Some("https://git.example.com/a.git has no tag that counts: tag release-1 on aaaaaaa does not count: there is no tag test-1.")
)]
fn a_tag_counts_with_its_counterpart(
    #[case] lines: &[Advertised],
    #[case] followed: Option<&str>,
    #[case] passed_over: Option<&str>,
) {
    let (found, said) = paired(lines);
    assert_eq!(found.as_deref(), followed.map(|tag| format!("refs/tags/{tag}")).as_deref());
    assert_eq!(said.as_deref(), passed_over);
}

#[test]
fn a_default_that_nobody_pushed_is_named() {
    let head = Advertised { stands_for: Some("refs/heads/trunk".to_owned()), ..line("HEAD", 'a') };
    let head = Advertised { object: "unborn".to_owned(), ..head };
    let lines = heard([head]);
    assert_eq!(find(&lines, &Reference::Default), None);
    assert_eq!(
        missing(&lines, &Reference::Default),
        "default branch: its HEAD stands for \"trunk\", which is not there"
    );
}

#[test]
fn what_a_host_says_again_and_again_is_kept_once() {
    let wanted = [Reference::Default, tag("v1")];
    let mut hearing = Hearing::of(&wanted);
    for _ in 0..100_000 {
        hearing.hear(line("HEAD", 'a'));
        hearing.hear(line("refs/tags/v1", 'd'));
        hearing.hear(line("refs/tags/v1^{}", 'e'));
    }
    assert_eq!(hearing.kept(), 3);
    assert_eq!(hearing.found(&wanted[1]).unwrap().commit.to_string()[..1], *"e");
}

/// To compare takes the product of both lengths, and a host may list names of 60,000 bytes.
#[test]
fn a_name_that_is_longer_than_any_that_can_be_wanted_is_not_compared() {
    let reference = branch(&"a".repeat(250));
    let near = |length| {
        let mut near = Near::to(&reference).unwrap();
        near.see(&line(&format!("refs/heads/{}", "a".repeat(length)), 'a'));
        near.best().map(|best| best.len())
    };
    assert_eq!((near(255), near(256)), (Some(255), None));
}
