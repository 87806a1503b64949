//! The newest tag that is a release on its host: what hosts answer, and what they answer instead.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rstest::rstest;
use serde_json::json;
use tengine_operator::domain::{GitProvider, ReleaseStage, TagChoice, TagOrder};
use tengine_operator::source::ReleaseList;

use super::gitea::Gitea;
use super::repository::DRIVER;
use super::server::GitServer;
use super::*;

fn released(stage: ReleaseStage) -> Reference {
    Reference::Newest(TagChoice::Pattern {
        pattern: "v*".parse().unwrap(),
        order: TagOrder::Version,
        stage: Some(stage),
        counterpart: None,
    })
}

/// A host's API for one test, which answers as it is told; it ends with the test.
struct Api {
    url: String,
    /// What was asked for, and whether somebody said who asks.
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Asked = (String, Option<String>);

impl Api {
    async fn answering(answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v1/repos/ops/jobs/releases", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let known = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let uri = request.uri().to_string();
            let who = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
            known.lock().unwrap().push((uri.clone(), who));
            let response = answer(&uri);
            async move { response }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    fn list(&self, provider: GitProvider) -> ReleaseList {
        ReleaseList { provider, remote: remote(&self.url) }
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn json_of(text: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text.into()).into_response()
}

/// A repository with the tags v1 to v6, each on a commit of its own.
async fn six() -> (GitServer, Remote) {
    let server = GitServer::public().await;
    let repo = server.repo("jobs.git");
    for number in 1..=6 {
        let commit = repo.push(&[("a.rb", DRIVER), ("n.rb", format!("# {number}").as_bytes())]);
        repo.point(&format!("refs/tags/v{number}"), &commit);
    }
    let remote = remote(&server.url("jobs.git"));
    (server, remote)
}

async fn look(remote: &Remote, list: &ReleaseList, stage: ReleaseStage, within: Duration) -> Result<Seen, SourceError> {
    let wanted = released(stage);
    let mut found =
        source::look_with_releases(&looker(), (remote, Some(list)), &[wanted.clone()].into(), within).await?;
    found.remove(&wanted).unwrap()
}

#[rstest]
#[case::gitea(GitProvider::Gitea, include_str!("data/gitea.json"))]
#[case::github(GitProvider::GitHub, include_str!("data/github.json"))]
#[case::gitlab(GitProvider::GitLab, include_str!("data/gitlab.json"))]
#[tokio::test]
async fn the_newest_release_of_the_stage_is_found(#[case] provider: GitProvider, #[case] answer: &'static str) {
    let (_server, remote) = six().await;
    let api = Api::answering(move |_| json_of(answer)).await;
    let list = api.list(provider);
    let pre = look(&remote, &list, ReleaseStage::PreRelease, PATIENCE).await.unwrap();
    assert_eq!(pre.reference, "refs/tags/v5");
    let full = look(&remote, &list, ReleaseStage::Full, PATIENCE).await.unwrap();
    assert_eq!(full.reference, "refs/tags/v4");
    let passed = full.passed_over.unwrap();
    assert_eq!((passed.tag.as_str(), passed.more), ("v6", 1));
}

#[tokio::test]
async fn one_question_answers_for_both_stages() {
    let (_server, remote) = six().await;
    let api = Api::answering(|_| json_of(include_str!("data/gitea.json"))).await;
    let wanted: BTreeSet<_> = [released(ReleaseStage::PreRelease), released(ReleaseStage::Full)].into();
    let list = api.list(GitProvider::Gitea);
    let found = source::look_with_releases(&looker(), (&remote, Some(&list)), &wanted, PATIENCE).await.unwrap();
    let found: Vec<_> = found.into_values().map(|seen| seen.unwrap().reference).collect();
    assert_eq!((found, api.count()), (vec!["refs/tags/v5".to_owned(), "refs/tags/v4".to_owned()], 1));
}

fn page(tags: impl Iterator<Item = String>) -> String {
    let releases: Vec<_> = tags.map(|tag| json!({ "tag_name": tag, "draft": false, "prerelease": false })).collect();
    serde_json::to_string(&releases).unwrap()
}

#[tokio::test]
async fn pages_are_read_until_the_newest_is_known_and_no_further() {
    let (_server, remote) = six().await;
    // Tags that have to be looked for in the list, at its third page, and more pages than anybody reads.
    let api = Api::answering(|uri| {
        let number: usize = uri.rsplit_once("&page=").unwrap().1.parse().unwrap();
        json_of(page((0..50).map(|n| if number == 3 && n == 7 { "v/6".into() } else { format!("other-{number}-{n}") })))
    })
    .await;
    let (_server, with_folders) = in_folders().await;
    let seen = look(&with_folders, &api.list(GitProvider::Gitea), ReleaseStage::Full, PATIENCE).await.unwrap();
    assert_eq!((seen.reference.as_str(), api.count()), ("refs/tags/v/6", 3));
    let first = api.asked.lock().unwrap()[0].0.clone();
    assert_eq!(first, "/api/v1/repos/ops/jobs/releases?limit=50&page=1");
    // Where none of all those pages has it, nothing is said of it.
    let api = Api::answering(|_| json_of(page((0..50).map(|n| format!("other-{n}"))))).await;
    let error = look(&with_folders, &api.list(GitProvider::Gitea), ReleaseStage::Full, PATIENCE).await.unwrap_err();
    assert_eq!((error.reason(), api.count()), ("TooLarge", 20), "{error}");
    assert!(
        error.to_string().contains("lists more than 1000 releases, and those are of other tags than v/6"),
        "{error}"
    );
    // No host is asked in vain: all tags of this one are known to its first page.
    let api = Api::answering(|_| json_of(page((1..=6).map(|n| format!("v{n}"))))).await;
    look(&remote, &api.list(GitProvider::Gitea), ReleaseStage::Full, PATIENCE).await.unwrap();
    assert_eq!(api.count(), 1);
}

/// A repository with the tag v/6, which does not stand in a path as it is.
async fn in_folders() -> (GitServer, Remote) {
    let server = GitServer::public().await;
    let repo = server.repo("folders.git");
    let commit = repo.push(&[("a.rb", DRIVER)]);
    repo.point("refs/tags/v/6", &commit);
    let remote = remote(&server.url("folders.git"));
    (server, remote)
}

/// A host with more releases than anybody reads, which knows these of ours.
async fn crowded(known: &'static [(&'static str, bool)]) -> Api {
    Api::answering(move |uri| match uri.rsplit_once("/releases/") {
        None => json_of(page((0..50).map(|n| format!("nightly-{n}")))),
        Some((_, path)) => {
            let tag = path.strip_prefix("tags/").unwrap_or(path);
            match known.iter().find(|(name, _)| *name == tag) {
                None => StatusCode::NOT_FOUND.into_response(),
                Some((_, pre)) => json_of(json!({ "tag_name": tag, "draft": false, "prerelease": pre }).to_string()),
            }
        }
    })
    .await
}

#[rstest]
// One page, and then only as many tags as there are newer ones than the one that counts.
#[case::the_newest(&[("v6", false)], "refs/tags/v6", 2)]
#[case::one_that_nobody_released(&[("v5", false)], "refs/tags/v5", 3)]
#[case::pre_releases(&[("v6", true), ("v5", true), ("v2", false)], "refs/tags/v2", 6)]
#[tokio::test]
async fn a_tag_is_asked_for_by_its_name_where_its_release_is_far_down(
    #[case] known: &'static [(&'static str, bool)],
    #[case] expected: &str,
    #[case] requests: usize,
) {
    let (_server, remote) = six().await;
    let api = crowded(known).await;
    let seen = look(&remote, &api.list(GitProvider::GitHub), ReleaseStage::Full, PATIENCE).await.unwrap();
    assert_eq!((seen.reference.as_str(), api.count()), (expected, requests));
}

#[tokio::test]
async fn what_is_asked_for_by_its_name_may_be_refused_too() {
    let (_server, remote) = six().await;
    let answer = |uri: &str, refusal: Response| {
        if uri.contains("/releases/") { refusal } else { json_of(page((0..50).map(|n| format!("nightly-{n}")))) }
    };
    let api = Api::answering(move |uri| answer(uri, spent(403, "x-ratelimit-remaining", "0"))).await;
    for provider in [GitProvider::Gitea, GitProvider::GitHub] {
        let error = look(&remote, &api.list(provider), ReleaseStage::Full, PATIENCE).await.unwrap_err();
        assert_eq!(error.reason(), "RateLimited", "{error}");
    }
    let api = Api::answering(move |uri| answer(uri, StatusCode::FORBIDDEN.into_response())).await;
    let error = look(&remote, &api.list(GitProvider::GitHub), ReleaseStage::Full, PATIENCE).await.unwrap_err();
    assert_eq!(error.reason(), "AccessDenied", "{error}");
}

#[tokio::test]
async fn a_tag_may_need_a_counterpart_besides() {
    let (server, remote) = six().await;
    let repo = server.repo("jobs.git");
    let api = Api::answering(|_| json_of(page((1..=8).map(|n| format!("v{n}"))))).await;
    let wanted = Reference::Newest(TagChoice::Pattern {
        pattern: "v*".parse().unwrap(),
        order: TagOrder::Version,
        stage: Some(ReleaseStage::Full),
        counterpart: Some("test-*".parse().unwrap()),
    });
    let look = async || {
        let list = api.list(GitProvider::Gitea);
        let mut found =
            source::look_with_releases(&looker(), (&remote, Some(&list)), &[wanted.clone()].into(), PATIENCE).await?;
        found.remove(&wanted).unwrap()
    };
    let error = look().await.unwrap_err();
    assert_eq!(error.reason(), "TagMismatch", "{error}");
    let commit = repo.push(&[("b.rb", DRIVER)]);
    for tag in ["v7", "test-7", "v8"] {
        repo.point(&format!("refs/tags/{tag}"), &commit);
    }
    let seen = look().await.unwrap();
    assert_eq!(seen.reference, "refs/tags/v7");
    let passed = seen.passed_over.unwrap();
    assert_eq!(
        (passed.tag.as_str(), passed.more, passed.lacks.to_string().as_str()),
        ("v8", 0, "there is no tag test-8")
    );
}

#[tokio::test]
async fn without_a_release_the_message_says_what_is_there() {
    let (_server, remote) = six().await;
    let api = Api::answering(|_| json_of("[]")).await;
    let error = look(&remote, &api.list(GitProvider::Gitea), ReleaseStage::Full, PATIENCE).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("NoReleaseMatches", true));
    assert!(error.to_string().contains("does not count: it is no release on the Git host (nor do 5 more)"), "{error}");
}

fn spent(status: u16, header: &'static str, value: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header, value)]).into_response()
}

fn without_an_end() -> Response {
    let blanks = Bytes::from(vec![b' '; 60_000]);
    json_of(Body::from_stream(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(blanks.clone()))))
}

#[rstest]
#[case::missing(|| StatusCode::NOT_FOUND.into_response(), "ReleasesNotFound", true)]
#[case::unknown(|| StatusCode::UNAUTHORIZED.into_response(), "AuthenticationRequired", true)]
#[case::forbidden(|| StatusCode::FORBIDDEN.into_response(), "AccessDenied", true)]
#[case::too_often(|| spent(429, "retry-after", "30"), "RateLimited", false)]
#[case::too_often_on_github(|| spent(403, "x-ratelimit-remaining", "0"), "RateLimited", false)]
#[case::broken(|| StatusCode::BAD_GATEWAY.into_response(), "HostFailed", false)]
#[case::a_web_page(|| ([(header::CONTENT_TYPE, "text/html")], "<h1>It works</h1>").into_response(), "ReleasesNotFound", true)]
#[case::a_web_page_that_lies(|| json_of("<h1>It works</h1>"), "ReleasesNotFound", true)]
#[case::something_else(|| json_of(r#"{"message": "hello"}"#), "ReleasesNotFound", true)]
#[case::without_the_mark(|| json_of(r#"[{"tag_name": "v6", "draft": false}]"#), "ReleasesNotFound", true)]
#[case::of_another_provider(|| json_of(include_str!("data/gitlab.json")), "ReleasesNotFound", true)]
#[case::elsewhere(|| (StatusCode::FOUND, [(header::LOCATION, "https://elsewhere.example.com/")]).into_response(), "Redirected", true)]
#[case::in_a_circle(|| (StatusCode::FOUND, [(header::LOCATION, "/again")]).into_response(), "Redirected", true)]
#[case::endless(without_an_end, "TooLarge", true)]
#[tokio::test]
async fn what_answers_instead_of_releases_is_said(
    #[case] answer: fn() -> Response,
    #[case] reason: &str,
    #[case] definite: bool,
) {
    let (_server, remote) = six().await;
    let api = Api::answering(move |_| answer()).await;
    let error = look(&remote, &api.list(GitProvider::Gitea), ReleaseStage::PreRelease, PATIENCE).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (reason, definite), "{error}");
    assert!(error.to_string().starts_with("Asked for its releases: "), "{error}");
    if reason == "RateLimited" && error.retry_after().is_some() {
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    }
}

#[tokio::test]
async fn a_host_that_says_nothing_is_left_at_the_deadline() {
    let (_server, remote) = six().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/repos/ops/jobs/releases", listener.local_addr().unwrap());
    let list = ReleaseList { provider: GitProvider::Gitea, remote: super::remote(&url) };
    let error = look(&remote, &list, ReleaseStage::Full, Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.reason(), "TimedOut");
    // It is not the Git host that said nothing.
    let said = format!("Asked for its releases: {} did not answer", listener.local_addr().unwrap());
    assert!(error.to_string().starts_with(&said), "{error}");
}

#[tokio::test]
async fn credentials_go_to_the_api_they_are_for() {
    let (_server, repository) = six().await;
    let api = Api::answering(|uri| {
        if uri.starts_with("/api/v1/") {
            (StatusCode::FOUND, [(header::LOCATION, "/moved")]).into_response()
        } else {
            json_of("[]")
        }
    })
    .await;
    let with = Remote { credentials: Some(Credentials::Bearer("t0ken".into())), ..remote(&api.url) };
    let list = ReleaseList { provider: GitProvider::Gitea, remote: with };
    look(&repository, &list, ReleaseStage::Full, PATIENCE).await.unwrap_err();
    let asked = api.asked.lock().unwrap().clone();
    // A redirect on the same host is followed with them.
    let expected = [true, true].map(|_| Some("Bearer t0ken".to_owned()));
    assert_eq!(asked.iter().map(|(_, who)| who.clone()).collect::<Vec<_>>(), expected, "{asked:?}");
    let refusing = Api::answering(|_| StatusCode::UNAUTHORIZED.into_response()).await;
    let with = Remote { credentials: Some(Credentials::Bearer("t0ken".into())), ..remote(&refusing.url) };
    let list = ReleaseList { provider: GitProvider::Gitea, remote: with };
    let error = look(&repository, &list, ReleaseStage::Full, PATIENCE).await.unwrap_err();
    assert_eq!(error.reason(), "AuthenticationFailed");
    assert!(!error.to_string().contains("t0ken"), "{error}");
}

#[tokio::test]
async fn where_no_tag_is_of_the_pattern_no_api_is_asked() {
    let server = GitServer::public().await;
    server.repo("jobs.git").push(&[("a.rb", DRIVER)]);
    let api = Api::answering(|_| json_of("[]")).await;
    let list = api.list(GitProvider::Gitea);
    let error = look(&remote(&server.url("jobs.git")), &list, ReleaseStage::Full, PATIENCE).await.unwrap_err();
    assert_eq!((error.reason(), api.count()), ("NoTagMatches", 0));
}

#[tokio::test]
async fn gitea_tells_which_tags_are_releases() {
    let Some(gitea) = Gitea::with_repository("releases").await else { return };
    let list = ReleaseList { provider: GitProvider::Gitea, remote: gitea.release_list() };
    let seen = async |stage| {
        let seen = look(&gitea.remote(), &list, stage, PATIENCE).await;
        seen.map(|seen| seen.reference.replace("refs/tags/", "")).map_err(|error| error.reason())
    };
    let first = gitea.push("dsl/a.rb").await;
    gitea.tag("v1", &first, "").await;
    assert_eq!(seen(ReleaseStage::PreRelease).await, Err("NoReleaseMatches"));
    let one = gitea.release("v1", &first, true, false).await;
    assert_eq!(seen(ReleaseStage::PreRelease).await, Err("NoReleaseMatches"), "a draft");
    gitea.change_release(one, &json!({ "draft": false })).await;
    assert_eq!(seen(ReleaseStage::Full).await, Ok("v1".to_owned()));
    let second = gitea.push("dsl/b.rb").await;
    let two = gitea.release("v2", &second, false, true).await;
    assert_eq!(seen(ReleaseStage::PreRelease).await, Ok("v2".to_owned()));
    assert_eq!(seen(ReleaseStage::Full).await, Ok("v1".to_owned()));
    gitea.change_release(two, &json!({ "prerelease": false })).await;
    assert_eq!(seen(ReleaseStage::Full).await, Ok("v2".to_owned()));
    let nobody = ReleaseList { provider: GitProvider::Gitea, remote: remote(list.remote.url.as_ref()) };
    let error = look(&gitea.remote(), &nobody, ReleaseStage::Full, PATIENCE).await.unwrap_err();
    gitea.remove().await;
    assert_eq!((error.reason(), error.is_definite()), ("ReleasesNotFound", true), "{error}");
}
