//! What a commit changes against an older one, and how much of the history that may cost.

use tengine_operator::source::Comparison;

use super::repository::{DRIVER, Repo, noise};
use super::server::{Access, GitServer};
use super::*;

const OLD: &[u8] = b"require 'tengine_job'\njobnet('n') do\n  job('a', 'a.sh')\n  job('b', 'b.sh')\nend\n";
const NEW: &[u8] =
    b"require 'tengine_job'\njobnet('n') do\n  job('a', 'x.sh')\n  job('c', 'c.sh')\n  job('d', 'd.sh')\nend\n";

/// What the tip of `main` changes against `old`, whichever way the tip came.
async fn compared(server: &GitServer, old: &str) -> Result<Comparison, PackError> {
    let remote = remote(&server.url("billing.git"));
    let looker = looker();
    let seen = look_within(&looker, &remote, &branch("main"), PATIENCE).await.unwrap();
    let packed = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap();
    let by_name = pack_looked_at(&looker, &remote, &seen, "", &Limits::default()).await.unwrap();
    let compared = compared_with(&remote, (packed, seen.clone()), old).await;
    let said = |compared: &Result<Comparison, PackError>| {
        compared.as_ref().map(|all| format!("{all:?}")).map_err(ToString::to_string)
    };
    assert_eq!(said(&compared_with(&remote, (by_name, seen), old).await), said(&compared));
    compared
}

async fn compared_with(remote: &Remote, (packed, seen): (Packed, Seen), old: &str) -> Result<Comparison, PackError> {
    let new = Place { seen, path: at("") };
    let seen = Seen::new(new.seen.reference.clone(), old.parse().unwrap());
    let old = Place { seen, path: at("") };
    let limits = Limits { received_bytes: 1 << 20, ..Limits::default() };
    source::compare(&the_worker(), remote, (&packed.layer, &new, &old), &limits, PATIENCE).await
}

fn names(comparison: &Comparison) -> Vec<&str> {
    comparison.names.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn what_changed_is_counted_and_named() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", OLD)]);
    repo.push(&[("a.rb", NEW)]);
    let comparison = compared(&server, &old).await.unwrap();
    assert_eq!(comparison.counts, "+2 -1 ~2");
    assert_eq!(names(&comparison), ["~ jobnet n: order", "~ job n/a: script", "- job n/b", "+ job n/c", "+ job n/d"]);
}

#[tokio::test]
async fn the_types_of_events_that_one_alone_handles_are_named() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let driver = |name: &str, event: &str| format!("driver :{name} do\n  on :{event} do\n    puts 1\n  end\nend\n");
    let old = [driver("a", "paid"), driver("b", "sent")].concat();
    let new = [driver("a", "booked"), driver("other", "sent")].concat();
    let old = repo.push(&[("a.rb", old.as_bytes())]);
    repo.push(&[("a.rb", new.as_bytes())]);
    let events = compared(&server, &old).await.unwrap().events;
    assert_eq!((events.added, events.removed), (vec!["booked".to_owned()], vec!["paid".to_owned()]), "not by driver");
}

#[tokio::test]
async fn the_same_definitions_have_no_changes() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", OLD)]);
    repo.push(&[("a.rb", OLD), ("README", b"words")]);
    let comparison = compared(&server, &old).await.unwrap();
    assert_eq!((comparison.counts.as_str(), comparison.names.len()), ("+0 -0 ~0", 0));
}

/// `old`, many commits, and a large file in the history between them.
fn long_ago(repo: &Repo, commits: usize) -> String {
    let old = repo.push(&[("a.rb", OLD)]);
    repo.push(&[("a.rb", OLD), ("fixture", &noise(3 << 20))]);
    for number in 0..commits {
        repo.push(&[("a.rb", NEW), ("number", number.to_string().as_bytes())]);
    }
    old
}

#[tokio::test]
async fn a_commit_of_long_ago_is_fetched_alone_where_the_host_gives_it_by_name() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.set("uploadpack.allowReachableSHA1InWant", true);
    let old = long_ago(&repo, 60);
    assert_eq!(compared(&server, &old).await.unwrap().counts, "+2 -1 ~2");
}

#[tokio::test]
async fn a_host_that_gives_tips_only_is_not_asked_for_its_whole_history() {
    let server = GitServer::public().await;
    let old = long_ago(&server.repo("billing.git"), 60);
    assert_eq!(compared(&server, &old).await.unwrap_err().reason(), "CommitNotFound");
}

#[tokio::test]
async fn a_host_that_cannot_cut_is_asked_within_the_limits() {
    let server = GitServer::start(Access::PublicWithoutShallow).await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", OLD)]);
    repo.push(&[("a.rb", NEW)]);
    assert_eq!(compared(&server, &old).await.unwrap().counts, "+2 -1 ~2");
}

#[tokio::test]
async fn a_commit_that_is_gone_from_the_host_is_not_found() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", NEW)]);
    assert_eq!(compared(&server, &"0123456789".repeat(4)).await.unwrap_err().reason(), "CommitNotFound");
}

#[tokio::test]
async fn many_changes_are_counted_and_the_first_ones_named() {
    let server = GitServer::public().await;
    let repo = server.repo("billing.git");
    let old = repo.push(&[("a.rb", DRIVER)]);
    let loops = b"require 'tengine_job'\njobnet('n') do\n  300.times { |i| job(\"j#{i}\", 'x.sh') }\nend\n";
    repo.push(&[("a.rb", DRIVER), ("b.rb", loops)]);
    let comparison = compared(&server, &old).await.unwrap();
    assert_eq!(comparison.counts, "+301 -0 ~0");
    assert_eq!(comparison.names.len(), Comparison::NAMES + 1);
    assert_eq!(comparison.names.last().unwrap(), "… and 201 more");
}
