//! Commits as nobody should write them, and as they are found: signatures without an address, times that no calendar has, characters
//! that turn a line around.

use rstest::rstest;

use super::repository::{DRIVER, FILE, Repo};
use super::server::GitServer;
use super::*;

fn tree(repo: &Repo, text: &[u8]) -> git2::Oid {
    repo.tree(&[(FILE, b"a.rb", repo.blob(DRIVER)), (FILE, b"note", repo.blob(text))])
}

#[rstest]
#[case::without_brackets(
    "Hanako Sato 1000000000 +0900",
    "Hanako Sato 1000000000 +0900",
    "Hanako Sato",
    Some("2001-09-09T01:46:40Z")
)]
#[case::an_address_alone(
    "hanako@example.com 5 +0000",
    "hanako@example.com 5 +0000",
    "hanako@example.com",
    Some("1970-01-01T00:00:05Z")
)]
#[case::one_bracket("Hanako <hanako 5 +0000", "Hanako hanako> 5 +0000", "Hanako", Some("1970-01-01T00:00:05Z"))]
#[case::nobody("", "<> 5 +0000", "", Some("1970-01-01T00:00:05Z"))]
#[case::no_time("Hanako <h>", "Hanako <h>", "Hanako", None)]
#[case::before_the_year_0("Hanako <h> -99999999999 +0000", "Hanako <h> -99999999999 +0000", "Hanako", None)]
#[case::in_the_year_2200(
    "Hanako <h> 7258118400 +0000",
    "Hanako <h> 7258118400 +0000",
    "Hanako",
    Some("2200-01-01T00:00:00Z")
)]
#[case::after_the_year_9999("Hanako <h> 999999999999999 +0000", "Hanako <h> 999999999999999 +0000", "Hanako", None)]
#[case::beyond_all_numbers(
    "Hanako <h> 99999999999999999999 +0000",
    "Hanako <h> 99999999999999999999 +0000",
    "Hanako",
    None
)]
#[tokio::test]
async fn a_commit_is_taken_whoever_made_it_whenever(
    #[case] author: &str,
    #[case] committer: &str,
    #[case] shown: &str,
    #[case] at: Option<&str>,
) {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let commit =
        repo.raw_commit(tree(&repo, b""), format!("author {author}\ncommitter {committer}\n\nBill\n").as_bytes());
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();
    let facts = &packed.commit;
    assert_eq!(packed.checked.unwrap().files, 1);
    assert_eq!((facts.author.as_str(), facts.subject.as_str()), (shown, "Bill"), "{commit}");
    assert_eq!(facts.committed_at.map(|at| at.to_string()).as_deref(), at);
}

#[tokio::test]
async fn what_turns_a_line_around_is_not_shown() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let who = "Ha\u{202e}nako\u{1b}[31m\u{2066} <h\u{7}> 5 +0000";
    let message = "Bill\u{202e} at\u{200b}\u{7} night\r\nand\u{feff} day\n\nbody";
    repo.raw_commit(tree(&repo, b""), format!("author {who}\ncommitter {who}\n\n{message}").as_bytes());
    let packed = pack(&remote(&server.url("billing.git")), &branch("main"), "").await.unwrap();
    let facts = &packed.commit;
    let both = format!("{} {}", facts.author, facts.subject);
    assert!(!both.chars().any(|c| c.is_control() || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(c)), "{both:?}");
    assert_eq!((facts.author.as_str(), facts.subject.as_str()), ("Ha nako", "Bill  at   night  and  day"));
}
