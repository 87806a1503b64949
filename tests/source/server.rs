//! A Git host for one test: `git http-backend` behind a small server that can also misbehave.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::serve::ListenerExt as _;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::repository::Repo;

/// Who may read: the `Basic` form of `robot` and `s3cret pass`.
pub const USERNAME: &str = "robot";
pub const PASSWORD: &str = "s3cret pass";
const AUTHORIZATION: &str = "Basic cm9ib3Q6czNjcmV0IHBhc3M=";

/// A running server; it ends with the test.
pub struct GitServer {
    pub authority: String,
    shared: Arc<Shared>,
}

struct Shared {
    root: TempDir,
    access: Mutex<Access>,
    requests: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    moves: Mutex<Option<Move>>,
}

/// What becomes of `main` once somebody was told where it is.
struct Move {
    repository: String,
    commit: String,
}

/// What a server lets whom do.
#[derive(Clone)]
pub enum Access {
    Public,
    /// Public, and does not offer to cut the history.
    PublicWithoutShallow,
    /// Asks for credentials before it says anything.
    Private,
    /// Answers every request with this status.
    Status(u16),
    /// Answers every request with this location.
    Redirect(String),
    /// Answers with a web page.
    Html,
    /// Private, and ends the connection after each answer.
    PrivateAndForgetful,
    /// Private, and offers more ways of authentication than we know.
    PrivateWithNtlm,
    /// Public, and does not know protocol version 2.
    PublicOfOldTimes,
    /// Public, and knows no higher protocol version than 1.
    PublicOfVersion1,
    /// Public, and answers what is asked in version 2 with this status; all else in version 0.
    RefusesVersion2(u16),
    /// Public, and names its media types in other case and with parameters.
    PublicWithParameters,
    /// Answers every request with this status, these headers and this text.
    Says(u16, Vec<(&'static str, String)>, &'static str),
    /// Lists references without an end.
    Endless,
    /// Redirects within itself, from the name without `.git`.
    RedirectWithin,
    /// The same for the first request of a conversation. Others for the old name find a closed door.
    RedirectAtFirst,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub what: String,
    pub authorized: bool,
}

impl GitServer {
    pub async fn start(access: Access) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let root = TempDir::new().unwrap();
        let shared = Arc::new(Shared {
            root,
            access: Mutex::new(access),
            requests: Mutex::default(),
            connections: AtomicUsize::default(),
            moves: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let counted = Arc::clone(&shared);
        let listener = listener.tap_io(move |_| {
            counted.connections.fetch_add(1, Ordering::Relaxed);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { authority, shared }
    }

    pub async fn public() -> Self {
        Self::start(Access::Public).await
    }

    pub async fn private() -> Self {
        Self::start(Access::Private).await
    }

    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.authority)
    }

    pub fn repo(&self, name: &str) -> Repo {
        Repo::create(&self.shared.root.path().join(name))
    }

    /// What `git ARGUMENTS` says in the repository of this name.
    pub async fn git(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let mut git = Command::new("git");
        let git = git.current_dir(self.shared.root.path().join(name)).args(arguments);
        let output = git.output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Lets `main` of a repository point at `commit` as soon as it was advertised where it is now.
    pub fn move_once_seen(&self, repository: &str, commit: &str) {
        let next = Move { repository: repository.to_owned(), commit: commit.to_owned() };
        *self.shared.moves.lock().unwrap() = Some(next);
    }

    /// From now on it lets people do this.
    pub fn turn(&self, access: Access) {
        *self.shared.access.lock().unwrap() = access;
    }

    /// Gives a repository another name.
    pub fn rename(&self, name: &str, to: &str) {
        std::fs::rename(self.shared.root.path().join(name), self.shared.root.path().join(to)).unwrap();
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    pub fn requests(&self) -> Vec<Asked> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// What was asked since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().drain(..).map(|asked| asked.what).collect()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let advertises = request.uri().path().ends_with("/info/refs");
    let response = answered(&shared, request).await;
    let moved = shared.moves.lock().unwrap().take_if(|_| advertises);
    if let Some(Move { repository, commit }) = moved {
        Repo::create(&shared.root.path().join(repository)).point("refs/heads/main", &commit);
    }
    response
}

#[expect(clippy::too_many_lines, reason = "each way of a host that misbehaves")]
async fn answered(shared: &Arc<Shared>, request: Request) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorized = authorization.is_some_and(|value| value == AUTHORIZATION);
    let uri = request.uri().to_string();
    let what = format!("{} {}", request.method(), request.uri());
    shared.requests.lock().unwrap().push(Asked { what, authorized: authorization.is_some() });
    let challenge = || (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")]);
    let access = shared.access.lock().unwrap().clone();
    match &access {
        Access::PublicWithoutShallow => without_shallow(backend(shared, request).await).await,
        Access::Private | Access::PrivateWithNtlm if authorized => backend(shared, request).await,
        Access::Private => challenge().into_response(),
        Access::PrivateAndForgetful => {
            let mut response = if authorized { backend(shared, request).await } else { challenge().into_response() };
            response.headers_mut().insert(header::CONNECTION, "close".parse().unwrap());
            response
        }
        Access::PrivateWithNtlm => {
            let offers = ["Negotiate", "NTLM", "Basic realm=\"git\""].map(|offer| (header::WWW_AUTHENTICATE, offer));
            (StatusCode::UNAUTHORIZED, AppendHeaders(offers)).into_response()
        }
        Access::PublicOfOldTimes => {
            let mut request = request;
            request.headers_mut().remove("git-protocol");
            backend(shared, request).await
        }
        Access::RefusesVersion2(status) => {
            let mut request = request;
            let asked = request.headers_mut().remove("git-protocol").is_some();
            match StatusCode::from_u16(*status).unwrap() {
                status if asked && request.method() == "POST" => status.into_response(),
                _ => backend(shared, request).await,
            }
        }
        Access::PublicOfVersion1 => {
            let mut request = request;
            if let Some(version) = request.headers_mut().get_mut("git-protocol") {
                *version = "version=1".parse().unwrap();
            }
            backend(shared, request).await
        }
        Access::PublicWithParameters => {
            let mut response = backend(shared, request).await;
            let told = response.headers()[header::CONTENT_TYPE].to_str().unwrap().replace("application", "Application");
            response.headers_mut().insert(header::CONTENT_TYPE, format!("{told}; charset=utf-8").parse().unwrap());
            response
        }
        Access::Says(status, headers, text) => {
            let mut response = (StatusCode::from_u16(*status).unwrap(), *text).into_response();
            for (name, _) in headers {
                response.headers_mut().remove(*name);
            }
            for (name, value) in headers {
                response.headers_mut().append(*name, value.parse().unwrap());
            }
            response
        }
        Access::RedirectAtFirst if uri.starts_with("/billing/") && !uri.contains("/info/refs") => {
            challenge().into_response()
        }
        Access::RedirectWithin | Access::RedirectAtFirst if uri.starts_with("/billing/") => {
            let to = uri.replacen("/billing/", "/billing.git/", 1);
            (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
        }
        Access::Endless => endless(),
        Access::Public | Access::RedirectWithin | Access::RedirectAtFirst => backend(shared, request).await,
        Access::Status(status) => StatusCode::from_u16(*status).unwrap().into_response(),
        Access::Redirect(location) => {
            (StatusCode::FOUND, [(header::LOCATION, format!("{location}{}", request.uri()))]).into_response()
        }
        Access::Html => ([(header::CONTENT_TYPE, "text/html")], "<h1>It works</h1>").into_response(),
    }
}

/// An advertisement that goes on until nobody listens: tags with names as long as a line can be.
fn endless() -> Response {
    let line = format!("{} refs/tags/release-{}\n", "a".repeat(40), "9".repeat(60_000));
    let line = Bytes::from(format!("{:04x}{line}", line.len() + 4));
    let lines = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(line.clone()));
    let advertisement = [(header::CONTENT_TYPE, "application/x-git-upload-pack-advertisement")];
    (advertisement, Body::from_stream(lines)).into_response()
}

/// Takes the offer out of an advertisement, without changing the length of its line.
async fn without_shallow(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let mut bytes = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    let offers = |bytes: &[u8]| bytes == b" shallow " || bytes == b"=shallow ";
    if let Some(at) = bytes.windows(9).position(offers) {
        bytes[at + 1..at + 8].copy_from_slice(b"nothing");
    }
    (parts, bytes).into_response()
}

/// Runs `git http-backend`, which speaks CGI (RFC 3875).
async fn backend(shared: &Shared, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let protocol = parts.headers.get("git-protocol").map_or("", |value| value.to_str().unwrap());
    let content_type = parts.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", shared.root.path())
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", shared.root.path())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or(""))
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("CONTENT_TYPE", content_type)
        .env("GIT_PROTOCOL", protocol)
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // What ends early has said why in its answer.
    let _ = stdin.write_all(&body).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    cgi_response(&output.stdout)
}

fn cgi_response(output: &[u8]) -> Response {
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a CGI header");
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    for line in std::str::from_utf8(&output[..end]).unwrap().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        if name == "Status" {
            status = StatusCode::from_bytes(value.split(' ').next().unwrap().as_bytes()).unwrap();
        } else {
            headers.insert(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
        }
    }
    (status, headers, Body::from(output[end + 4..].to_vec())).into_response()
}
