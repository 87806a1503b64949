//! What the operator asks of the API server, from its audit log.

use crate::stage::{SPACE, env};
use crate::wait::eventually;
use serde_json::Value;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

/// The requests of one user.
pub struct Audit {
    path: String,
    user: String,
}

/// A request, answered.
#[derive(Debug, Clone)]
pub struct Request {
    pub verb: String,
    /// Its resource, subresource and name.
    pub of: String,
}

impl Audit {
    pub fn of(user: &str) -> Self {
        Self { path: env("TENGINE_AUDIT_LOG"), user: user.to_owned() }
    }

    /// The end of the log, for [`Audit::since`].
    pub fn mark(&self) -> u64 {
        std::fs::metadata(&self.path).unwrap().len()
    }

    /// The operator's requests since a mark that concern the deployment of this name, or what is named after it.
    pub fn since(&self, mark: u64, deployment: &str) -> Vec<Request> {
        self.entries(mark, deployment).iter().map(request).collect()
    }

    /// The pods that wrote what is named so, or after it: one for each write, in order.
    pub fn writers(&self, mark: u64, name: &str) -> Vec<String> {
        let writes = self.entries(mark, name).into_iter().filter(|entry| request(entry).is_write());
        writes.map(|entry| pod(&entry)).collect()
    }

    /// The same, once there is one: the API server writes its log after it has answered, when it comes to it.
    pub async fn wrote(&self, mark: u64, name: &str) -> Vec<String> {
        eventually(&format!("{name} is written"), || async { !self.writers(mark, name).is_empty() }).await;
        self.writers(mark, name)
    }

    /// Those of them whose writes the API server took, once there is one.
    pub async fn was_heard(&self, mark: u64, name: &str) -> Vec<String> {
        eventually(&format!("{name} is written"), || async { !self.heard_writers(mark, name).is_empty() }).await;
        self.heard_writers(mark, name)
    }

    fn heard_writers(&self, mark: u64, name: &str) -> Vec<String> {
        let is_taken = |entry: &Value| request(entry).is_write() && entry["responseStatus"]["code"] == 200;
        self.entries(mark, name).iter().filter(|entry| is_taken(entry)).map(pod).collect()
    }

    fn entries(&self, mark: u64, deployment: &str) -> Vec<Value> {
        let mut log = File::open(&self.path).unwrap();
        log.seek(SeekFrom::Start(mark)).unwrap();
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        // The last line may be half written; what it is about comes too late to count.
        let entries = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        entries.filter(|entry| self.is_theirs(entry) && is_about(entry, deployment)).collect()
    }

    fn is_theirs(&self, entry: &Value) -> bool {
        entry["user"]["username"] == *self.user
            && entry["stage"] == "ResponseComplete"
            && entry["objectRef"]["namespace"] == SPACE
    }
}

fn is_about(entry: &Value, deployment: &str) -> bool {
    let name = entry["objectRef"]["name"].as_str().unwrap_or_default();
    let named = name.strip_prefix(deployment).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']));
    let selected = || {
        let uri = entry["requestURI"].as_str().unwrap_or_default();
        uri.contains(&format!("deployment%3D{deployment}")) && entry["verb"] != "watch"
    };
    named || selected()
}

/// The pod that asked: the API server knows it from its token.
fn pod(entry: &Value) -> String {
    let name = entry["user"]["extra"]["authentication.kubernetes.io/pod-name"][0].as_str();
    name.expect("a token of a pod").to_owned()
}

fn request(entry: &Value) -> Request {
    let text = |field: &str| entry["objectRef"][field].as_str().unwrap_or_default();
    let of = [text("resource"), text("subresource"), text("name")].into_iter().filter(|part| !part.is_empty());
    Request { verb: entry["verb"].as_str().unwrap_or_default().to_owned(), of: of.collect::<Vec<_>>().join("/") }
}

impl Request {
    pub fn is_write(&self) -> bool {
        !matches!(self.verb.as_str(), "get" | "list" | "watch")
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.of)
    }
}
