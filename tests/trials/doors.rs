//! What stands between the cluster and a service, and can be shut: a gate for any protocol, a door for a registry.

use crate::stage::{env, run};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// Passes connections on to another address for as long as it is open; shut, nobody listens.
pub struct Gate {
    /// `HOST:PORT`.
    pub address: String,
    upstream: String,
    task: Mutex<Option<AbortHandle>>,
}

impl Gate {
    pub async fn open_to(upstream: String) -> Self {
        let listener = TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap();
        let gate = Self { address: listener.local_addr().unwrap().to_string(), upstream, task: Mutex::default() };
        gate.listen(listener);
        gate
    }

    pub fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn listen(&self, listener: TcpListener) {
        let upstream = self.upstream.clone();
        let task = tokio::spawn(async move {
            // They end with this task.
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let upstream = upstream.clone();
                connections.spawn(async move {
                    let mut far = TcpStream::connect(&upstream).await?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        *self.task.lock().unwrap() = Some(task.abort_handle());
    }

    /// Ends all connections, and takes no new ones.
    pub fn shut(&self) {
        if let Some(task) = self.task.lock().unwrap().take() {
            task.abort();
        }
    }

    pub async fn open(&self) {
        let listener = TcpListener::bind(&self.address).await.unwrap();
        self.listen(listener);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shut();
    }
}

/// A host by TLS before one of plain http, both as `HOST:PORT`, with a certificate that is its own authority (`openssl req -x509`, as many
/// make theirs).
pub async fn safe_before(upstream: String) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
    let names = format!("subjectAltName=IP:{}", env("TENGINE_HOST"));
    let [key_out, certificate_out] = [&key, &certificate].map(|path| path.to_str().unwrap());
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    let what = ["-subj", "/CN=git", "-addext", &names, "-keyout", key_out, "-out", certificate_out];
    run("openssl", &[&new[..], &what].concat(), "").await;
    let certificate = std::fs::read_to_string(certificate).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                let mut near = acceptor.accept(near).await?;
                let mut far = TcpStream::connect(&upstream).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    address
}

/// What a door does with a request that would change something in the registry behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    Pass,
    Refuse,
    /// Neither yes nor no.
    Hold,
}

/// What hosts do that people really use, and that others get along with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// A registry takes no mounts across repositories.
    RefusesMounts,
    /// A registry or what stands before it knows no HEAD.
    RefusesHead,
    /// A registry lets no tag be written.
    ProtectsTags,
    /// A registry does not say the digest of what it gives.
    HidesDigests,
    /// The first of equal requests is answered with a 500, uploads aside: none of those equals another.
    Trips,
    /// A media type comes in other case, and with parameters.
    DecoratesMediaTypes,
    /// Wants to be left alone for this many seconds.
    IsBusy(u64),
    /// Something before it shows a page to log in at, with a 200.
    ShowsAPage,
}

/// A host by another address. Nodes do not know it as a registry of plain http, so they cannot pull from it.
pub struct Door {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// `HOST:PORT` of what is behind it.
    upstream: String,
    habits: Mutex<Vec<Habit>>,
    /// What was asked, as `METHOD PATH`.
    asked: Mutex<Vec<String>>,
    writes: watch::Sender<Writes>,
    /// How many requests are being held.
    held: watch::Sender<usize>,
    /// Manifests that were written.
    manifests: Mutex<Vec<String>>,
    client: reqwest::Client,
}

impl Door {
    pub async fn open() -> Self {
        Self::before(env("TENGINE_REGISTRY")).await
    }

    /// Before a host of plain http, at `HOST:PORT`.
    pub async fn before(upstream: String) -> Self {
        let listener = TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (writes, held) = (watch::Sender::new(Writes::Pass), watch::Sender::new(0));
        let (habits, asked, manifests) = (Mutex::default(), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { upstream, habits, asked, writes, held, manifests, client });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub fn turn(&self, writes: Writes) {
        self.shared.writes.send_replace(writes);
    }

    /// From now on it has these.
    pub fn has(&self, habits: &[Habit]) {
        *self.shared.habits.lock().unwrap() = habits.to_vec();
    }

    /// What was asked since the last time that this was asked.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    /// Waits until so many requests are being held.
    pub async fn holds(&self, is_enough: impl FnMut(&usize) -> bool) {
        self.shared.held.subscribe().wait_for(is_enough).await.unwrap();
    }

    /// Paths of the manifests that were written through this door.
    pub fn manifests(&self) -> Vec<String> {
        self.shared.manifests.lock().unwrap().clone()
    }
}

/// Counts down when the request is over, also when whoever asked has gone.
struct Held<'a>(&'a Shared);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.send_modify(|held| *held -= 1);
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let is_first = !shared.asked.lock().unwrap().contains(&line);
    shared.asked.lock().unwrap().push(line);
    let habits = shared.habits.lock().unwrap().clone();
    if let Some(refused) = habits.iter().find_map(|habit| habit.refuses(&request, is_first)) {
        return refused;
    }
    let mut response = answer_as_ever(&shared, request).await;
    for habit in habits {
        habit.changes(&mut response);
    }
    response
}

impl Habit {
    fn refuses(self, request: &Request, is_first: bool) -> Option<Response> {
        let (method, uri) = (request.method(), request.uri());
        let by_tag = uri.path().contains("/manifests/") && !uri.path().contains("/manifests/sha256:");
        let refused = match self {
            Habit::RefusesMounts if uri.query().is_some_and(|query| query.contains("mount=")) => {
                StatusCode::UNAUTHORIZED
            }
            Habit::RefusesHead if method == Method::HEAD => StatusCode::METHOD_NOT_ALLOWED,
            Habit::ProtectsTags if method == Method::PUT && by_tag => StatusCode::PRECONDITION_FAILED,
            Habit::Trips if is_first && !uri.path().contains("/uploads/") => StatusCode::INTERNAL_SERVER_ERROR,
            Habit::ShowsAPage => {
                let page = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
                return Some((page, "<h1>Who are you?</h1>").into_response());
            }
            Habit::IsBusy(seconds) => {
                let wait = [(header::RETRY_AFTER, seconds.to_string())];
                return Some((StatusCode::TOO_MANY_REQUESTS, wait).into_response());
            }
            _ => return None,
        };
        Some(refused.into_response())
    }

    fn changes(self, response: &mut Response) {
        let headers = response.headers_mut();
        match self {
            Habit::HidesDigests => drop(headers.remove("docker-content-digest")),
            Habit::DecoratesMediaTypes => {
                let told = headers.get(header::CONTENT_TYPE).and_then(|told| told.to_str().ok());
                let Some(told) = told.map(|told| told.replace("application", "Application")) else { return };
                headers.insert(header::CONTENT_TYPE, format!("{told}; charset=utf-8").parse().unwrap());
            }
            _ => {}
        }
    }
}

async fn answer_as_ever(shared: &Shared, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let writes = *shared.writes.borrow();
        match writes {
            Writes::Pass => {}
            Writes::Refuse => {
                let error = json!({ "code": "DENIED", "message": "this registry is closed for stocktaking" });
                return (StatusCode::FORBIDDEN, json!({ "errors": [error] }).to_string()).into_response();
            }
            Writes::Hold => {
                shared.held.send_modify(|held| *held += 1);
                let _held = Held(shared);
                shared.writes.subscribe().wait_for(|writes| *writes != Writes::Hold).await.unwrap();
            }
        }
        if request.method() == Method::PUT && request.uri().path().contains("/manifests/") {
            shared.manifests.lock().unwrap().push(request.uri().path().to_owned());
        }
    }
    pass(shared, request).await
}

async fn pass(shared: &Shared, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let url = format!("http://{}{}", shared.upstream, parts.uri);
    parts.headers.remove(header::TRANSFER_ENCODING);
    let body = reqwest::Body::wrap_stream(body.into_data_stream());
    // The host stays as it was asked for, so that the registry's locations lead through this door.
    let answer = shared.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
    let Ok(answer) = answer else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}
