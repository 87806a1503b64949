//! A repository that was looked at before: one request, and the same answers as ever.

use rstest::rstest;
use tengine_operator::domain::TagOrder;

use super::server::{Access, GitServer, PASSWORD, USERNAME};
use super::tags::newest;
use super::*;

const LIST: &str = "GET /billing.git/info/refs?service=git-upload-pack";
const QUESTION: &str = "POST /billing.git/git-upload-pack";

/// Where a reference is, by somebody who may have looked before.
async fn again(looker: &Looker, remote: &Remote, reference: &Reference) -> Result<Seen, SourceError> {
    let mut found = source::look(looker, remote, &[reference.clone()].into(), PATIENCE).await?;
    found.remove(reference).expect("each reference is answered")
}

/// A host with a repository that was looked at.
async fn looked_at(access: Access) -> (GitServer, repository::Repo, Looker, Remote) {
    let server = GitServer::start(access).await;
    let repo = server.repo("billing.git");
    repo.push(&[("a.rb", b"1")]);
    let (looker, remote) = (looker(), remote_as(&server.url("billing.git"), USERNAME, PASSWORD));
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked()[..1], [LIST]);
    (server, repo, looker, remote)
}

#[tokio::test]
async fn a_further_look_is_one_request_and_sees_what_moved() {
    let (server, repo, looker, remote) = looked_at(Access::Private).await;
    let commit = repo.push(&[("a.rb", b"2")]);
    repo.annotate("v1", &commit);
    for reference in [branch("main"), tag("v1"), Reference::Default, newest("v*", TagOrder::Version)] {
        let seen = again(&looker, &remote, &reference).await.unwrap();
        assert_eq!((seen.commit.as_ref(), server.asked()), (commit.as_str(), vec![QUESTION.to_owned()]));
    }
}

/// A thousand repositories of one host are a thousand requests.
#[tokio::test]
async fn another_repository_of_a_host_is_one_request_from_the_first_look_on() {
    let (server, _, looker, remote) = looked_at(Access::Private).await;
    let commit = server.repo("other.git").push(&[("a.rb", b"other")]);
    let other = Remote { url: server.url("other.git").parse().unwrap(), ..remote };
    for _ in 0..2 {
        assert_eq!(again(&looker, &other, &branch("main")).await.unwrap().commit.as_ref(), commit);
        assert_eq!(server.asked(), ["POST /other.git/git-upload-pack"]);
    }
    let missing = Remote { url: server.url("missing.git").parse().unwrap(), ..other };
    assert_eq!(again(&looker, &missing, &branch("main")).await.unwrap_err().reason(), "RepositoryNotFound");
    let from_the_beginning = "GET /missing.git/info/refs?service=git-upload-pack";
    assert_eq!(server.asked(), ["POST /missing.git/git-upload-pack", from_the_beginning]);
    again(&looker, &missing, &branch("main")).await.unwrap_err();
    assert_eq!(server.asked(), [from_the_beginning]);
}

/// However often others of its host are asked: some mirrors fetch only when they are.
#[tokio::test]
async fn each_repository_is_asked_from_the_beginning_every_five_minutes() {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    server.repo("mirror.git").push(&[("a.rb", b"1")]);
    let mirror = Remote { url: server.url("mirror.git").parse().unwrap(), ..remote.clone() };
    let mut began = 0;
    for minute in 0..20 {
        for one in [&remote, &mirror] {
            again(&looker, one, &branch("main")).await.unwrap();
        }
        began += server.asked().iter().filter(|asked| asked.starts_with("GET /mirror.git/")).count();
        assert!(began >= minute / 6, "minute {minute}");
        pass(Duration::from_mins(1)).await;
    }
    assert!((3..=4).contains(&began), "{began}");
}

/// Static files beside Git, or an older program.
#[rstest]
#[case::it_takes_no_questions(405)]
#[case::it_shows_nothing(403)]
#[tokio::test]
async fn another_program_of_a_host_is_asked_from_the_beginning(#[case] status: u16) {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    let commit = server.repo("other.git").push(&[("a.rb", b"1")]);
    let other = Remote { url: server.url("other.git").parse().unwrap(), ..remote };
    server.turn(Access::RefusesVersion2(status));
    assert_eq!(again(&looker, &other, &branch("main")).await.unwrap().commit.as_ref(), commit);
}

/// A thousand looks a minute are no thousand connections.
#[tokio::test]
async fn looks_go_over_one_connection() {
    let (server, _, looker, remote) = looked_at(Access::Private).await;
    for _ in 0..5 {
        again(&looker, &remote, &branch("main")).await.unwrap();
    }
    assert_eq!(server.connections(), 1, "{:?}", server.asked());
}

/// Whatever it turned into, what is said of it is what somebody is told who never looked before.
#[rstest]
#[case::the_first_protocol_alone(Access::PublicOfOldTimes)]
#[case::a_page(Access::Html)]
#[case::nothing(Access::Status(404))]
#[case::another_host(Access::Redirect("http://127.0.0.1:1".to_owned()))]
#[tokio::test]
async fn a_host_that_is_another_now_is_asked_from_the_beginning(#[case] turned: Access) {
    let (server, repo, looker, remote) = looked_at(Access::Public).await;
    let commit = repo.push(&[("a.rb", b"2")]);
    server.turn(turned);
    let told = again(&looker, &remote, &branch("main")).await;
    assert_eq!(server.asked()[..2], [QUESTION, LIST]);
    let told = told.map(|seen| seen.commit.to_string()).map_err(|error| error.to_string());
    let first = resolve(&remote, &branch("main")).await;
    assert_eq!(told, first.map(|seen| seen.commit.to_string()).map_err(|error| error.to_string()));
    assert!(told.is_err() || told == Ok(commit));
    begins_anew(&server, &looker, &remote).await;
}

/// Nothing is taken for known any more.
async fn begins_anew(server: &GitServer, looker: &Looker, remote: &Remote) {
    server.asked();
    let _ = again(looker, remote, &branch("main")).await;
    assert_eq!(server.asked()[..1], [LIST]);
}

/// An account is locked by fewer tries than anybody thinks.
#[rstest]
#[case::refused(Access::Status(401), "AuthenticationFailed")]
#[case::a_closed_door(Access::Status(403), "AccessDenied")]
#[case::trouble(Access::Status(502), "HostFailed")]
#[case::too_often(Access::Status(429), "RateLimited")]
#[case::later(Access::Says(503, vec![("retry-after", "30".to_owned())], ""), "RateLimited")]
#[tokio::test]
async fn who_is_sent_away_does_not_come_twice(#[case] turned: Access, #[case] reason: &str) {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    server.turn(turned);
    assert_eq!(again(&looker, &remote, &branch("main")).await.unwrap_err().reason(), reason);
    assert_eq!(server.asked(), [QUESTION]);
    begins_anew(&server, &looker, &remote).await;
}

#[tokio::test]
async fn a_branch_that_is_gone_is_said_with_what_is_close_and_costs_the_others_nothing() {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    let error = again(&looker, &remote, &branch("mian")).await.unwrap_err();
    assert!(error.to_string().contains("(did you mean \"main\"?)"), "{error}");
    assert_eq!(server.asked(), [QUESTION, LIST, QUESTION, QUESTION]);
    again(&looker, &remote, &branch("main")).await.unwrap();
    server.asked();
    let both = [branch("main"), branch("mian")].into();
    let found = source::look(&looker, &remote, &both, PATIENCE).await.unwrap();
    assert!(found[&branch("main")].is_ok() && found[&branch("mian")].is_err(), "{found:?}");
    assert_eq!(server.asked(), [QUESTION, QUESTION], "the second one asks what was meant");
}

/// It may lead elsewhere tomorrow.
#[tokio::test]
async fn where_a_redirect_leads_is_asked_each_time() {
    let server = GitServer::start(Access::RedirectWithin).await;
    let commit = server.repo("billing.git").push(&[("a.rb", b"1")]);
    let (looker, remote) = (looker(), remote(&server.url("billing")));
    for _ in 0..2 {
        assert_eq!(again(&looker, &remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
        assert_eq!(server.asked(), ["GET /billing/info/refs?service=git-upload-pack", LIST, QUESTION]);
    }
}

/// Hosts hide what is not there from who is nobody.
#[rstest]
#[case::each_request(Access::RedirectWithin)]
#[case::the_first_one(Access::RedirectAtFirst)]
#[tokio::test]
async fn a_repository_that_moved_and_one_that_took_its_name_are_told_apart(#[case] moved: Access) {
    let server = GitServer::public().await;
    let commit = server.repo("billing").push(&[("a.rb", b"1")]);
    let (looker, remote) = (looker(), remote(&server.url("billing")));
    assert_eq!(again(&looker, &remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
    server.rename("billing", "billing.git");
    server.turn(moved);
    assert_eq!(again(&looker, &remote, &branch("main")).await.unwrap().commit.as_ref(), commit);
    server.turn(Access::Public);
    let other = server.repo("billing").push(&[("a.rb", b"2")]);
    assert_eq!(again(&looker, &remote, &branch("main")).await.unwrap().commit.as_ref(), other);
}

/// So much time, in a moment: a host that is asked while the clock stands still would be late.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Git itself follows redirects there alone, and some mirrors fetch only then.
#[tokio::test]
async fn how_a_repository_is_asked_is_not_known_for_long_nor_by_who_asks_by_hand() {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    pass(Duration::from_secs(290)).await;
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked(), [QUESTION]);
    pass(Duration::from_secs(10)).await;
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked(), [LIST, QUESTION]);
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked(), [QUESTION]);
    looker.begin_anew(&remote);
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked(), [LIST, QUESTION]);
}

#[tokio::test]
async fn a_repository_of_sha_256_in_its_place_is_told() {
    let (server, _, looker, remote) = looked_at(Access::Public).await;
    server.rename("billing.git", "old.git");
    server.git(".", &["init", "-q", "--bare", "--object-format=sha256", "-b", "main", "billing.git"]).await;
    let error = again(&looker, &remote, &branch("main")).await.unwrap_err();
    assert!(error.to_string().contains("its object names are of the kind sha256"), "{error}");
}

/// What one was told is no answer to another, nor does it cost another one anything that one is told nothing.
#[tokio::test]
async fn who_may_not_read_is_told_so_beside_who_may() {
    let (server, _, looker, remote) = looked_at(Access::Private).await;
    let stranger = Remote { credentials: None, ..remote.clone() };
    assert_eq!(again(&looker, &stranger, &branch("main")).await.unwrap_err().reason(), "AuthenticationRequired");
    assert_eq!(server.asked(), [QUESTION, LIST], "nothing is known of what is shown to nobody");
    again(&looker, &remote, &branch("main")).await.unwrap();
    assert_eq!(server.asked(), [QUESTION]);
}
