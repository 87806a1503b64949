//! What Git says: which commit a reference is at, and what a commit holds.
//!
//! What it guarantees:
//!
//! - Nothing of Git's is trusted, checked out or executed: objects are read from the object database of a bare repository
//!   that lives only as long as the request, in a [`worker`](crate::worker) process with a deadline. A [`look()`], which reads
//!   names only, needs neither.
//! - No setting of the host's Git has any effect: not its configuration, not its credentials, not its hooks.
//! - Credentials are given to the scheme, host and port of the repository's URL only. A redirect to another host is not followed;
//!   the answer says where it pointed.
//! - A definite no ([`SourceError::is_definite`]) and a host that merely cannot be reached are different values.
//! - [`pack()`] packs the very commit it was asked for, whatever the reference has moved to meanwhile.
//!
//! What it does not: it never tries again, and remembers nothing between two calls.
//!
//! What is packed is every file below the path, except what Git keeps for itself: names that begin with `.git`
//! (`.gitignore`, `.gitattributes`, `.github/` …), and what the commit's `.gitattributes` give `export-ignore`. All other dot files are packed; Tengine does not load them.
//! A `VERSION` at the root is replaced by ours, and that is noted.

pub(crate) mod attributes;
mod child;
mod credentials;
mod error;
mod http;
mod limits;
mod look;
mod pack_error;
mod pass_on;
mod refs;
mod refusal;
mod wire;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::domain::{CommitId, Digest, FullRef, GitProvider, GitRef, RepositoryUrl, TagChoice, TagMismatch, TreePath};
use crate::dsl::RubyVersion;
use crate::dsl::diff::EventTypes;
use crate::words;
use crate::worker::{Worker, WorkerError};
use wire::{Answer, Question, WireRemote};

pub(crate) use child::answer;
pub use credentials::{
    BasicCredentials, ClientCertificate, Credentials, SecretContent, SecretFault, SshKey, read_release_secret,
    read_secret,
};
pub use error::SourceError;
pub use limits::Limits;
pub use look::{Found, Looker, look, look_with_releases};
pub use pack_error::PackError;
pub use pass_on::{PassError, PassFault, PassOn, PassedOn};
pub use refusal::Refusal;

/// A repository and how to get at it.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Where it is.
    pub url: RepositoryUrl,
    /// Who asks; none for a public repository.
    pub credentials: Option<Credentials>,
    /// How this host is reached.
    pub access: HostAccess,
}

/// Where a host lists the releases of a repository.
#[derive(Debug, Clone)]
pub struct ReleaseList {
    /// Whose words it is in.
    pub provider: GitProvider,
    /// The list's address, who asks, and how its host is reached.
    pub remote: Remote,
}

/// How one Git host is reached; from the operator's configuration and the Secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HostAccess {
    /// A PEM file whose certificates are trusted for this host, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The same, of a Secret; it goes before the file. PEM.
    pub ca: Option<Vec<u8>>,
    /// What is shown to a host that asks for a certificate, over `https` only.
    pub certificate: Option<ClientCertificate>,
    /// The URL of the HTTP proxy to go through, for `https` only. It may hold credentials, so `Debug` does not show it.
    pub proxy: Option<String>,
}

impl HostAccess {
    /// The certificates that are trusted in place of the system's; a file is read anew each time, so that a rotated one counts at once.
    fn bundle(&self, host: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let read = |file: &PathBuf| {
            std::fs::read(file).map_err(|error| {
                tracing::debug!(file = %file.display(), %error, "a CA file cannot be read");
                let (host, what) = (host.to_owned(), self.trusted_by());
                SourceError::TrustUnusable { host, what, detail: words::of_a_file(&error).to_owned() }
            })
        };
        match &self.ca {
            Some(bundle) => Ok(Some(bundle.clone())),
            None => self.ca_file.as_ref().map(read).transpose(),
        }
    }

    /// Where the certificates come from that are trusted, for people.
    fn trusted_by(&self) -> String {
        match (&self.ca, &self.ca_file) {
            (None, Some(file)) => format!("the CA file {}", file.display()),
            (_, _) => "the CA bundle".to_owned(),
        }
    }
}

impl fmt::Debug for HostAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostAccess")
            .field("ca_file", &self.ca_file)
            .field("ca", &self.ca.is_some())
            .field("certificate", &self.certificate)
            .field("proxy", &self.proxy.is_some())
            .finish()
    }
}

/// What of a repository is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reference {
    /// The branch that the host says is its default.
    Default,
    /// A branch, without `refs/heads/`.
    Branch(GitRef),
    /// A tag, without `refs/tags/`; an annotated one means the commit it points to.
    Tag(GitRef),
    /// This commit, wherever it is.
    Commit(CommitId),
    /// Any reference, by its full name.
    Name(FullRef),
    /// The newest of these tags; an annotated one means the commit it points to.
    Newest(TagChoice),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Default => f.write_str("the default branch"),
            Reference::Branch(name) => write!(f, "branch {name}"),
            Reference::Tag(name) => write!(f, "tag {name}"),
            Reference::Commit(commit) => write!(f, "commit {commit}"),
            Reference::Name(name) => write!(f, "{name}"),
            Reference::Newest(choice) => write!(f, "{choice}"),
        }
    }
}

/// Where a reference was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The full name (`refs/heads/main`); `HEAD` where the host's default is no branch; the commit itself where a commit was
    /// asked for.
    pub reference: String,
    /// The commit it is at.
    pub commit: CommitId,
    /// Of the newest tag: one that is newer still and does not count.
    #[serde(default)]
    pub passed_over: Option<TagMismatch>,
}

impl Seen {
    /// A reference at a commit.
    pub fn new(reference: impl Into<String>, commit: CommitId) -> Self {
        Self { reference: reference.into(), commit, passed_over: None }
    }
}

/// Where definitions are: a folder of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The commit, and the reference that it was seen at.
    pub seen: Seen,
    /// The folder in it.
    pub path: TreePath,
}

/// What comes of errors and warnings in the definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckLevel {
    /// Errors are refused, warnings told.
    Error,
    /// Both are refused.
    Strict,
    /// Both are told.
    Warning,
    /// Nobody looks.
    Off,
}

/// How the definitions are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checking {
    /// What comes of what is found.
    pub level: CheckLevel,
    /// The Ruby that will load them, where it is known; otherwise nothing is assumed.
    pub ruby: Option<RubyVersion>,
}

impl From<CheckLevel> for Checking {
    /// Where nothing is known of the Ruby.
    fn from(level: CheckLevel) -> Self {
        Self { level, ruby: None }
    }
}

/// What one commit's definitions have that another's have not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// `+3 -1 ~2`.
    pub counts: String,
    /// What is counted, by name; at most [`Comparison::NAMES`], and then how many more there are.
    pub names: Vec<String>,
    /// The types of events that only one of the two handles.
    pub events: EventTypes,
}

impl Comparison {
    /// How many changes are named.
    pub const NAMES: usize = 100;
}

/// What people want to know of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFacts {
    /// The first line of its message, one line of printable text.
    pub subject: String,
    /// The name of its author, without the address.
    pub author: String,
    /// When it was committed, by the committer's clock; none where it claims a time that no calendar writes down.
    pub committed_at: Option<jiff::Timestamp>,
}

/// A definition, checked and packed into a layer.
#[derive(Debug)]
pub struct Packed {
    /// The commit it is of.
    pub commit: CommitFacts,
    /// The digest of the packed tree: the same files, the same digest, whatever commit they are in.
    pub tree: Digest,
    /// The DSL version: 40 digits of the tree's digest.
    pub version: String,
    /// The layer.
    pub layer: LayerFile,
    /// What the check counted; none if nobody looked.
    pub checked: Option<crate::dsl::Summary>,
    /// What the check found, errors first; at most [`Refusal::FINDINGS_KEPT`], with paths as seen from the repository's root.
    pub findings: Vec<crate::dsl::Diagnostic>,
    /// What the author should know, as sentences (findings, a `VERSION` file that was replaced).
    pub notes: Vec<String>,
}

/// A layer on disk, until it is dropped.
#[derive(Debug)]
pub struct LayerFile {
    room: TempDir,
    /// The digest of the file.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

impl LayerFile {
    /// The name of the layer in the worker's room.
    const NAME: &'static str = "layer.tar";

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.room.path().join(Self::NAME)
    }

    /// An empty one.
    #[cfg(test)]
    pub(crate) fn of_a_test() -> Self {
        let layer = Self { room: tempfile::tempdir().unwrap(), digest: Digest::of(b""), size: 0 };
        std::fs::write(layer.path(), b"").unwrap();
        layer
    }
}

/// Fetches the commit that was seen, checks the definition below the path, and packs it.
///
/// `by_name`: of a host that gives a commit out by its name it is asked for so, in one request ([`Looker::gives_by_name`]). For a commit that was
/// seen at its reference just now: one that was taken away by force since is given out by its name all the same.
///
/// The layer lies in a folder that is removed with the answer's [`LayerFile`].
pub async fn pack(
    worker: &Worker,
    remote: &Remote,
    (place, by_name): (&Place, bool),
    (check, limits): (Checking, &Limits),
    deadline: Duration,
) -> Result<Packed, PackError> {
    let room = worker.room()?;
    let remote_told = WireRemote::of(remote, deadline).map_err(PackError::Source)?;
    let question = Question::Pack { remote: remote_told, place: place.clone(), by_name, check, limits: *limits };
    let answer = match worker.ask(room.path(), &question, deadline).await {
        Ok(Answer::Packed(answer)) => answer?,
        Ok(Answer::Compared(_) | Answer::Resolved(_) | Answer::PassedOn(_)) => return Err(mixed_up().into()),
        Err(error) => return Err(PackError::of_worker(error, remote)),
    };
    Ok(Packed {
        commit: answer.commit,
        tree: answer.tree,
        version: answer.version,
        layer: LayerFile { room, digest: answer.digest, size: answer.size },
        checked: answer.checked,
        findings: answer.findings,
        notes: answer.notes,
    })
}

/// What the definitions at `new`, of which `packed` was made, have that those at `old` have not.
///
/// The objects that were fetched to pack are used again, so of `old` only what differs is fetched; never more history than
/// [`Comparison`]'s worth: where the host gives `old` neither by its name nor near the tip of its reference, it is not found.
pub async fn compare(
    worker: &Worker,
    remote: &Remote,
    (packed, new, old): (&LayerFile, &Place, &Place),
    limits: &Limits,
    deadline: Duration,
) -> Result<Comparison, PackError> {
    let question = Question::Compare {
        remote: WireRemote::of(remote, deadline).map_err(PackError::Source)?,
        new: new.clone(),
        old: old.clone(),
        limits: *limits,
    };
    match worker.ask(packed.room.path(), &question, deadline).await {
        Ok(Answer::Compared(answer)) => Ok(answer?),
        Ok(Answer::Packed(_) | Answer::Resolved(_) | Answer::PassedOn(_)) => Err(mixed_up().into()),
        Err(error) => Err(PackError::of_worker(error, remote)),
    }
}

/// Sees to it that the host has what is asked for, and pushes what it has not: a branch goes forward only, and a tag that is there is
/// never moved. Asked for again, it finds everything done.
pub async fn pass_on(
    worker: &Worker,
    remote: &Remote,
    order: &PassOn,
    limits: &Limits,
    deadline: Duration,
) -> Result<PassedOn, PassError> {
    let room = worker.room().map_err(PassError::Worker)?;
    let told = WireRemote::of(remote, deadline).map_err(PassFault::Source)?;
    let question = Question::PassOn { remote: told, order: order.clone(), limits: *limits };
    match worker.ask(room.path(), &question, deadline).await {
        Ok(Answer::PassedOn(answer)) => Ok(answer?),
        Ok(Answer::Packed(_) | Answer::Compared(_) | Answer::Resolved(_)) => Err(PassError::Worker(mixed_up())),
        Err(error @ WorkerError::TimedOut { .. }) => {
            Err(PassFault::Source(SourceError::of_worker(error, remote)).into())
        }
        Err(error) => Err(PassError::Worker(error)),
    }
}

fn mixed_up() -> WorkerError {
    WorkerError::Garbage
}
