//! Git as a user's hosts speak it: real servers, real worker processes, real hostility.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod archive;
mod authors;
mod checking;
mod comparing;
mod errors;
mod figures;
mod gitea;
mod hostile;
mod nginx;
mod packing;
mod passing;
mod releases;
mod repeats;
mod repository;
mod resolving;
mod server;
mod ssh;
mod tags;
mod tls;
mod worker;

use std::time::Duration;

use tengine_operator::domain::TreePath;
use tengine_operator::source::{
    self, BasicCredentials, CheckLevel, Checking, Credentials, HostAccess, Limits, Looker, PackError, Packed, Place,
    Reference, Refusal, Remote, Seen, SourceError,
};
use tengine_operator::worker::Worker;

/// Long enough for a loaded machine; no test waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The operator's own binary.
fn the_worker() -> Worker {
    Worker::at(env!("CARGO_BIN_EXE_tengine-operator"))
}

fn looker() -> Looker {
    Looker::new(the_worker())
}

fn remote(url: &str) -> Remote {
    Remote { url: url.parse().unwrap(), credentials: None, access: HostAccess::default() }
}

fn remote_as(url: &str, username: &str, password: &str) -> Remote {
    let basic = BasicCredentials { username: username.to_owned(), password: password.to_owned() };
    let credentials = Credentials::Basic(basic);
    Remote { credentials: Some(credentials), ..remote(url) }
}

fn branch(name: &str) -> Reference {
    Reference::Branch(name.parse().unwrap())
}

fn tag(name: &str) -> Reference {
    Reference::Tag(name.parse().unwrap())
}

fn at(path: &str) -> TreePath {
    path.parse().unwrap()
}

async fn resolve(remote: &Remote, reference: &Reference) -> Result<Seen, SourceError> {
    resolve_within(remote, reference, PATIENCE).await
}

async fn resolve_within(remote: &Remote, reference: &Reference, deadline: Duration) -> Result<Seen, SourceError> {
    look_within(&looker(), remote, reference, deadline).await
}

async fn look_within(
    looker: &Looker,
    remote: &Remote,
    reference: &Reference,
    deadline: Duration,
) -> Result<Seen, SourceError> {
    let mut found = source::look(looker, remote, &[reference.clone()].into(), deadline).await?;
    found.remove(reference).expect("each reference is answered")
}

/// Resolves and packs, as the operator does; and once more by somebody who knows nothing of the host, which must come to the same.
async fn pack(remote: &Remote, reference: &Reference, path: &str) -> Result<Packed, PackError> {
    let looker = looker();
    let seen = look_within(&looker, remote, reference, PATIENCE).await.expect("the reference is there");
    let packed = pack_looked_at(&looker, remote, &seen, path, &Limits::default()).await;
    let by_the_old_protocol = pack_seen(remote, &seen, path, &Limits::default()).await;
    assert_eq!(told(&packed), told(&by_the_old_protocol));
    packed
}

/// By somebody who looked at it a moment ago.
async fn pack_looked_at(
    looker: &Looker,
    remote: &Remote,
    seen: &Seen,
    path: &str,
    limits: &Limits,
) -> Result<Packed, PackError> {
    let place = Place { seen: seen.clone(), path: at(path) };
    let limits = (CheckLevel::Error.into(), limits);
    source::pack(&the_worker(), remote, (&place, looker.gives_by_name(remote)), limits, PATIENCE).await
}

/// What was packed, or what is said instead.
fn told(packed: &Result<Packed, PackError>) -> String {
    match packed {
        Ok(packed) => format!("{} {} {:?} {:?}", packed.tree, packed.layer.digest, packed.commit, packed.notes),
        Err(error) => error.to_string(),
    }
}

async fn pack_seen(remote: &Remote, seen: &Seen, path: &str, limits: &Limits) -> Result<Packed, PackError> {
    pack_looked_at(&looker(), remote, seen, path, limits).await
}

/// The refusal, or a panic with what came instead.
fn refused(packed: Result<Packed, PackError>) -> Refusal {
    match packed {
        Err(PackError::Refused { refusal, .. }) => refusal,
        Err(other) => panic!("{}: {other}", other.reason()),
        Ok(packed) => panic!("packed as {}", packed.version),
    }
}
