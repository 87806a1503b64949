//! Which ways to a commit are tried, in which order.

use super::*;

fn line(name: &str, digit: char) -> Advertised {
    Advertised { name: name.to_owned(), object: String::from(digit).repeat(40), stands_for: None }
}

fn seen(reference: &str, digit: char) -> Seen {
    Seen::new(reference, String::from(digit).repeat(40).parse().unwrap())
}

fn tried(advertised: &[Advertised], seen: &Seen) -> Vec<String> {
    let ways = ways(advertised, seen).into_iter();
    ways.map(|way| format!("{} depth {}", way.refspecs.join(" "), way.depth).replace(&"a".repeat(40), "A")).collect()
}

const ALL: &str = "+refs/heads/*:refs/wanted/heads/* +refs/tags/*:refs/wanted/tags/* depth 0";

#[test]
fn a_tip_is_fetched_alone_and_with_its_history_only_if_need_be() {
    let host = [line("refs/heads/other", 'a'), line("refs/heads/main", 'a')];
    assert_eq!(
        tried(&host, &seen("refs/heads/main", 'a')),
        [
            "+refs/heads/main:refs/wanted/tip depth 1",
            "+refs/heads/main:refs/wanted/tip depth 0",
            "+refs/heads/main:refs/wanted/reference depth 0",
            ALL
        ]
    );
}

#[test]
fn a_commit_that_its_branch_has_left_is_asked_for_by_name_and_then_looked_for_in_the_history() {
    let host = [line("refs/heads/main", 'b')];
    assert_eq!(
        tried(&host, &seen("refs/heads/main", 'a')),
        ["+A:refs/wanted/object depth 1", "+refs/heads/main:refs/wanted/reference depth 0", ALL]
    );
}

#[test]
fn a_commit_at_a_tag_is_fetched_by_the_tag() {
    let host = [line("refs/tags/v1", 'c'), line("refs/tags/v1^{}", 'a')];
    let commit = "a".repeat(40);
    assert_eq!(tried(&host, &seen(&commit, 'a'))[0], "+refs/tags/v1:refs/wanted/tip depth 1");
}

#[test]
fn a_name_that_means_more_than_itself_is_never_put_into_a_refspec() {
    for name in ["refs/heads/*", "refs/heads/a:refs/heads/b", "refs/heads/../x", ""] {
        assert!(!fetchable(name), "{name}");
    }
}
