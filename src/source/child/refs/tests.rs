//! What is found in an advertisement.

use super::*;

const URL: &str = "https://git.example.com/ops/billing.git";

fn line(name: &str, digit: char) -> Advertised {
    Advertised { name: name.to_owned(), object: String::from(digit).repeat(40), stands_for: None }
}

fn host() -> Vec<Advertised> {
    vec![
        Advertised { stands_for: Some("refs/heads/main".to_owned()), ..line("HEAD", 'a') },
        line("refs/heads/main", 'a'),
        line("refs/heads/release/11.20", 'b'),
        line("refs/tags/light", 'c'),
        line("refs/tags/v1", 'd'),
        line("refs/tags/v1^{}", 'e'),
    ]
}

fn seen(reference: &Reference) -> (String, String) {
    let seen = find(&host(), reference, URL).unwrap();
    (seen.reference, seen.commit.to_string()[..1].to_owned())
}

fn branch(name: &str) -> Reference {
    Reference::Branch(name.parse().unwrap())
}

fn tag(name: &str) -> Reference {
    Reference::Tag(name.parse().unwrap())
}

#[test]
fn the_default_is_the_branch_that_head_stands_for() {
    assert_eq!(seen(&Reference::Default), ("refs/heads/main".to_owned(), "a".to_owned()));
}

#[test]
fn a_head_that_is_no_branch_is_called_head() {
    let seen = find(&[line("HEAD", 'a')], &Reference::Default, URL).unwrap();
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
    let error = find(&host(), &branch("mian"), URL).unwrap_err();
    assert_eq!(
        error.to_string(),
        "https://git.example.com/ops/billing.git has no branch mian (did you mean \"main\"?). \
         Correct the reference, or push it."
    );
    assert!(error.is_definite());
}

#[test]
fn a_tag_is_not_found_among_the_branches() {
    let error = find(&host(), &tag("main"), URL).unwrap_err();
    assert!(matches!(error, SourceError::RefNotFound { near: None, .. }));
}

#[test]
fn nothing_advertised_is_an_empty_repository() {
    for advertised in [vec![], vec![line("capabilities^{}", '0')]] {
        let error = find(&advertised, &branch("main"), URL).unwrap_err();
        assert_eq!(error.reason(), "EmptyRepository");
    }
}

#[test]
fn a_symbolic_target_that_is_no_reference_is_not_believed() {
    let hostile = Advertised { stands_for: Some("refs/heads/../../x".to_owned()), ..line("HEAD", 'a') };
    assert_eq!(find(&[hostile], &Reference::Default, URL).unwrap().reference, "HEAD");
}
