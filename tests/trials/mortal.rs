//! An operator of a trial's own, as a process beside the cluster, that is killed after writes of its choice and comes back.
//!
//! It speaks to the API server through a door that passes everything on. A write is counted once the API server has done it, and
//! where it is one to die after, the operator is killed before it hears so. Like a pod's container it comes back under the name
//! it had, so its Lease is its own at once, and what it started (a fetch, a check, a push) goes with it.

use crate::stage::env;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A body of the operator's is no longer than this.
const LONGEST: usize = 16 << 20;

/// Nothing is under way any more when so long nothing was written: longer than the interval of looks and the time between retries.
const QUIET: Duration = Duration::from_secs(8);

/// After which of its writes an operator is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kills {
    Never,
    /// After each that says something for the first time, whatever numbers and times are in it. To be killed after every one is to get
    /// nowhere, and rightly so: that a build begins is written before it does, and it begins ever later after an operator that died of it.
    Each,
    /// After the one of this number, from 1.
    At(usize),
}

/// The operator, and the door between it and the API server. It ends with this.
pub struct Mortal(Arc<Shared>);

struct Shared {
    client: kube::Client,
    kills: Kills,
    process: Mutex<Process>,
    writes: watch::Sender<usize>,
    /// The writes, as `METHOD PATH STATUS`.
    lines: Mutex<Vec<String>>,
}

/// How the operator is started, and the process that runs.
struct Process {
    namespace: String,
    folder: TempDir,
    log: File,
    child: Option<Child>,
    /// How many were killed.
    killed: usize,
    /// What was said in writes so far, without numbers.
    said: BTreeSet<String>,
}

impl Mortal {
    /// One that looks at this namespace only.
    pub async fn starts(namespace: &str, kills: Kills) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let log = File::create(log_of(namespace)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), &address);
        let process =
            Process { namespace: namespace.to_owned(), folder, log, child: None, killed: 0, said: BTreeSet::new() };
        let mut config = kube::Config::infer().await.unwrap();
        // What is refused is told on: to try again is the operator's own affair.
        config.default_retry = false;
        let shared = Arc::new(Shared {
            client: kube::Client::try_from(config).unwrap(),
            kills,
            process: Mutex::new(process),
            writes: watch::Sender::new(0),
            lines: Mutex::default(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        shared.process.lock().unwrap().start();
        Self(shared)
    }

    /// Waits until nothing was written for a while.
    pub async fn is_quiet(&self) {
        let mut writes = self.0.writes.subscribe();
        while tokio::time::timeout(QUIET, writes.changed()).await.is_ok() {}
    }

    pub fn writes(&self) -> Vec<String> {
        self.0.lines.lock().unwrap().clone()
    }

    pub fn killed(&self) -> usize {
        self.0.process.lock().unwrap().killed
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        self.0.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner).kill();
    }
}

/// Where the words of the operator of a namespace are.
pub fn log_of(namespace: &str) -> String {
    format!("{}/{namespace}.log", env!("CARGO_TARGET_TMPDIR"))
}

fn write_files(folder: &Path, address: &str) {
    let named = |name: &str, what: &str, value| json!([{ "name": name, what: value }]);
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "door",
        "clusters": named("door", "cluster", json!({ "server": format!("http://{address}") })),
        "users": named("door", "user", json!({})),
        "contexts": named("door", "context", json!({ "cluster": "door", "user": "door" })),
    });
    let hosts = json!({ "registries": { env("TENGINE_REGISTRY"): { "plainHttp": true } } });
    std::fs::write(folder.join("kubeconfig"), kubeconfig.to_string()).unwrap();
    std::fs::write(folder.join("hosts"), hosts.to_string()).unwrap();
}

impl Process {
    fn start(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tengine-operator"));
        command.args(["run", "--listen-address", "127.0.0.1:0", "--namespaces", &self.namespace]);
        command.args(["--lease-namespace", &self.namespace, "--lease-identity", "mortal"]);
        command.args(["--action-policy", "trials-tengine-operator-actions"]);
        command.arg("--hosts-config").arg(self.folder.path().join("hosts"));
        command.env("KUBECONFIG", self.folder.path().join("kubeconfig")).env("TMPDIR", self.folder.path());
        let log = || self.log.try_clone().unwrap();
        command.stdin(Stdio::null()).stdout(log()).stderr(log());
        self.child = Some(std::os::unix::process::CommandExt::process_group(&mut command, 0).spawn().unwrap());
    }

    fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // What has ended by itself has nothing left to kill.
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        child.wait().unwrap();
    }
}

impl Shared {
    /// A write was done, by the process that came after so many others. One whose process is dead already was heard by nobody, too.
    fn done(&self, line: String, said: String, by: usize) {
        let mut process = self.process.lock().unwrap();
        self.lines.lock().unwrap().push(line);
        self.writes.send_modify(|writes| *writes += 1);
        let is_by_the_living = process.killed == by && process.child.is_some();
        let is_new = is_by_the_living && process.said.insert(said);
        let is_last = match self.kills {
            Kills::Never => false,
            Kills::Each => is_new,
            Kills::At(number) => *self.writes.borrow() == number,
        };
        if is_last && is_by_the_living {
            process.kill();
            process.killed += 1;
            process.start();
        }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let by = shared.process.lock().unwrap().killed;
    let (mut parts, body) = request.into_parts();
    let line = is_write(&parts.method, parts.uri.path()).then(|| format!("{} {}", parts.method, parts.uri.path()));
    parts.headers.remove(header::HOST);
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = axum::body::to_bytes(body, LONGEST).await.unwrap();
    let said = without_numbers(line.as_deref(), &body);
    // In a task of its own: what was asked for is done, whether who asked lives or not.
    let asked = axum::http::Request::from_parts(parts, kube::client::Body::from(body));
    let client = shared.client.clone();
    let answering = tokio::spawn(async move {
        let answer = client.send(asked).await;
        if let (Some(line), Ok(answer)) = (line, &answer) {
            shared.done(format!("{line} {}", answer.status().as_u16()), said, by);
        }
        answer
    });
    match answering.await.unwrap() {
        Ok(answer) => answer.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

fn without_numbers(line: Option<&str>, body: &[u8]) -> String {
    let said = format!("{} {}", line.unwrap_or_default(), String::from_utf8_lossy(body));
    said.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// Whether a request changes what the operator is there for. Its Lease is renewed all the time and says nothing of the work, Events are
/// told and forgotten, and a question about rights is a POST.
fn is_write(method: &Method, path: &str) -> bool {
    let other = ["/leases", "/events", "/selfsubject"].iter().any(|kind| path.contains(kind));
    !other && ![Method::GET, Method::HEAD].contains(method)
}
