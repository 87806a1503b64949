//! What hosts say no with, and hosts that say nothing.

use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::server::{Access, GitServer, PASSWORD, USERNAME};
use super::*;

/// The time a test gives a host that will not answer.
const SHORT: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_repeated_to_the_reader() {
    let server = GitServer::private().await;
    server.repo("billing.git").push(&[("a.rb", b"1")]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, "wrong horse");
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("AuthenticationFailed", true));
    let shown = format!("{error} {error:?} {remote:?}");
    assert!(!shown.contains("wrong horse") && !shown.contains(USERNAME), "{shown}");
}

/// Each time counts where accounts are locked after so many.
#[tokio::test]
async fn a_wrong_password_is_shown_once_by_a_look_and_once_by_a_fetch() {
    let server = GitServer::private().await;
    let commit = server.repo("billing.git").push(&[("a.rb", b"1")]);
    let remote = remote_as(&server.url("billing.git"), USERNAME, "wrong horse");
    resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!(server.requests().len(), 1, "{:?}", server.requests());
    let seen = Seen::new("refs/heads/main", commit.parse().unwrap());
    let error = pack_seen(&remote, &seen, "", &Limits::default()).await.unwrap_err();
    assert_eq!(error.reason(), "AuthenticationFailed");
    assert_eq!(server.requests().len(), 2, "{:?}", server.requests());
}

#[tokio::test]
async fn a_private_repository_without_credentials_asks_for_them() {
    let server = GitServer::private().await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("AuthenticationRequired", true));
}

#[tokio::test]
async fn a_missing_repository_is_not_found() {
    let server = GitServer::private().await;
    let remote = remote_as(&server.url("nothing.git"), USERNAME, PASSWORD);
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("RepositoryNotFound", true));
}

#[rstest]
#[case(403, "AccessDenied", true)]
#[case(410, "RepositoryNotFound", true)]
#[case(429, "RateLimited", false)]
#[case(500, "HostFailed", false)]
#[case(503, "HostFailed", false)]
#[tokio::test]
async fn statuses_are_told_apart(#[case] status: u16, #[case] reason: &str, #[case] definite: bool) {
    let server = GitServer::start(Access::Status(status)).await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (reason, definite), "{error}");
}

#[rstest]
#[case::too_many(429, &[], None)]
#[case::too_many_for_seconds(429, &[("retry-after", "17")], Some(17))]
#[case::busy(503, &[("retry-after", "17")], Some(17))]
#[case::busy_for_days(503, &[("retry-after", "864000")], Some(3600))]
#[case::forbidden_for_a_while(403, &[("retry-after", "17")], Some(17))]
#[case::spent(403, &[("x-ratelimit-remaining", "0")], None)]
#[tokio::test]
async fn a_host_that_wants_to_be_left_alone_is(
    #[case] status: u16,
    #[case] headers: &[(&'static str, &str)],
    #[case] wait: Option<u64>,
) {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let server = GitServer::start(Access::Says(status, headers, "")).await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("RateLimited", false), "{error}");
    assert_eq!(error.retry_after(), wait.map(Duration::from_secs));
}

#[tokio::test]
async fn a_host_that_takes_no_passwords_is_said_to() {
    let headers = vec![("www-authenticate", "NTLM".to_owned()), ("www-authenticate", "Negotiate".to_owned())];
    let server = GitServer::start(Access::Says(401, headers, "")).await;
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert!(error.to_string().contains("it takes ntlm or negotiate only"), "{error}");
}

/// What a terminal would not show may stand in the middle of it.
#[tokio::test]
async fn a_line_in_which_a_host_refuses_shows_no_password() {
    let refusal = "001e# service=git-upload-pack\n0000002bERR no wrong-h\u{1b}[0morse, nor wrong-horse";
    let headers = vec![("content-type", "application/x-git-upload-pack-advertisement".to_owned())];
    let server = GitServer::start(Access::Says(200, headers, refusal)).await;
    let remote = remote_as(&server.url("billing.git"), USERNAME, "wrong-horse");
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "HostRefused", "{error}");
    assert!(error.to_string().contains("refuses: no ***, nor ***"), "{error}");
}

#[tokio::test]
async fn plain_files_are_not_a_host_of_git() {
    let list = "0123456789012345678901234567890123456789\trefs/heads/main\n";
    let headers = vec![("content-type", "text/plain".to_owned())];
    let server = GitServer::start(Access::Says(200, headers, list)).await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("UnsupportedRepository", true));
    assert!(error.to_string().contains("plain files"), "{error}");
}

#[tokio::test]
async fn https_at_an_http_host_and_http_at_an_https_host_are_said() {
    let plain = GitServer::public().await;
    let error =
        resolve(&remote(&format!("https://{}/billing.git", plain.authority)), &branch("main")).await.unwrap_err();
    assert!(error.to_string().contains("write http://"), "{error}");
    let words = "Client sent an HTTP request to an HTTPS server.";
    let server = GitServer::start(Access::Says(400, Vec::new(), words)).await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert!(error.to_string().contains("write https://"), "{error}");
}

#[tokio::test]
async fn a_web_page_is_not_a_repository() {
    let server = GitServer::start(Access::Html).await;
    let error = resolve(&remote(&server.url("billing.git")), &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("NotARepository", true));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed_and_gets_no_credentials() {
    let other = GitServer::private().await;
    other.repo("billing.git").push(&[("a.rb", b"1")]);
    // The same server by another name.
    let location = format!("http://{}", other.authority.replace("127.0.0.1", "localhost"));
    let server = GitServer::start(Access::Redirect(location)).await;
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("Redirected", true), "{error}");
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

#[tokio::test]
async fn another_port_of_the_same_host_gets_no_credentials_either() {
    let other = GitServer::private().await;
    other.repo("billing.git").push(&[("a.rb", b"1")]);
    let server = GitServer::start(Access::Redirect(format!("http://{}", other.authority))).await;
    let remote = remote_as(&server.url("billing.git"), USERNAME, PASSWORD);
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!(error.reason(), "Redirected", "{error}");
    assert!(other.requests().iter().all(|request| !request.authorized), "{:?}", other.requests());
}

#[tokio::test]
async fn a_proxy_is_for_https_only_and_that_is_said() {
    let proxy = GitServer::public().await;
    let access = HostAccess { proxy: Some(format!("http://{}", proxy.authority)), ..HostAccess::default() };
    let remote = Remote { access, ..remote("http://git.example.invalid/billing.git") };
    let error = resolve(&remote, &branch("main")).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("ProxyRefused", true), "{error}");
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/billing.git", listener.local_addr().unwrap());
    drop(listener);
    for url in [url.as_str(), "http://no-such-host.invalid/billing.git"] {
        let error = resolve(&remote(url), &branch("main")).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), ("Unreachable", false), "{error}");
    }
}

#[tokio::test]
async fn a_host_that_accepts_and_says_nothing_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/billing.git", listener.local_addr().unwrap());
    let _silent = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
        }
    });
    let error = resolve_within(&remote(&url), &branch("main"), SHORT).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("TimedOut", false), "{error}");
}

#[tokio::test]
async fn a_host_that_drips_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/billing.git", listener.local_addr().unwrap());
    let _dripping = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(drip(connection));
        }
    });
    let asked = tokio::time::Instant::now();
    let error = resolve_within(&remote(&url), &branch("main"), SHORT).await.unwrap_err();
    assert_eq!(error.reason(), "TimedOut", "{error}");
    assert!(asked.elapsed() >= SHORT, "it was alive all the time, and was ended by the deadline");
}

/// A valid answer, one byte every tenth of a second: no time-out between two reads ever passes.
async fn drip(mut connection: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 1024];
    let _ = connection.read(&mut request).await?;
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
                 Content-Length: 99999\r\n\r\n";
    connection.write_all(head).await?;
    connection.write_all(b"001e# service=git-upload-pack\n0000").await?;
    // The first line of the longest length there is: one reference with a name of 65,000 letters.
    connection.write_all(format!("fff0{} refs/heads/", "a".repeat(40)).as_bytes()).await?;
    let mut drops = tokio::time::interval(Duration::from_millis(100));
    loop {
        drops.tick().await;
        connection.write_all(b"a").await?;
    }
}
