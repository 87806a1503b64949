//! Every way in which Git can say no, and every reason to refuse what it has.

mod told;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Remote;
use crate::domain::{Lack, TagMismatch};
use crate::worker::WorkerError;

/// Why a reference or a commit could not be had. Its text is a fact and then what to do; it never holds credentials.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{} {}", self.fact(), self.advice())]
pub enum SourceError {
    /// The host asks for credentials and there are none.
    AuthenticationRequired {
        /// The host.
        host: String,
    },
    /// The host refused the credentials.
    AuthenticationFailed {
        /// The host.
        host: String,
        /// The key of the Secret whose value ends in a line break, if one does.
        broken_line: Option<String>,
    },
    /// The private key cannot be used.
    KeyUnusable {
        /// The host it is for.
        host: String,
        /// Under which key the Secret has it.
        key: String,
    },
    /// What stands in known_hosts cannot be read.
    KnownHostsUnusable {
        /// The host it is for.
        host: String,
    },
    /// No line of known_hosts is about the host.
    HostKeyUnknown {
        /// The host.
        host: String,
    },
    /// The host shows another key than known_hosts has for it.
    HostKeyMismatch {
        /// The host.
        host: String,
    },
    /// The host knows who asks, and does not let them.
    AccessDenied {
        /// The URL of the repository.
        url: String,
    },
    /// There is no such repository, or the host does not show it to who asks.
    RepositoryNotFound {
        /// The URL of the repository.
        url: String,
    },
    /// Something answers, but not with Git.
    NotARepository {
        /// The URL of the repository.
        url: String,
    },
    /// The repository lacks the branch or tag.
    RefNotFound {
        /// The URL of the repository.
        url: String,
        /// What was looked for, as a phrase (`branch main`).
        wanted: String,
        /// A name that is there and close.
        near: Option<String>,
    },
    /// No tag counts of those of which the newest is wanted.
    NoTag {
        /// The URL of the repository.
        url: String,
        /// What was looked for, as a phrase (`tag release-*`).
        wanted: String,
        /// What is there instead, as a clause.
        others: Option<String>,
    },
    /// No tag counts, since those that would lack their counterparts, or a release.
    TagMismatch {
        /// The URL of the repository.
        url: String,
        /// The newest.
        mismatch: Box<TagMismatch>,
    },
    /// The host has more references to list than are heard.
    TooManyReferences {
        /// The URL of the repository.
        url: String,
        /// What is heard, in bytes.
        limit: usize,
    },
    /// The same, in what its API says.
    TooLong {
        /// The URL that was asked.
        url: String,
        /// What is heard, in bytes.
        limit: usize,
    },
    /// The host lists more releases than are read, and none of those is of a tag that may be the newest.
    TooManyReleases {
        /// The URL of the list.
        url: String,
        /// How many are read.
        most: usize,
        /// The tag.
        tag: String,
    },
    /// There is no list of releases where it was looked for, or the host does not show it to who asks.
    ReleasesNotFound {
        /// The URL of the list.
        url: String,
        /// What is there instead, as a clause.
        detail: String,
    },
    /// The host, or the one of its API, was asked for its releases and said this.
    Releases(Box<SourceError>),
    /// The reference is there, and points at something that is no commit.
    NotACommit {
        /// The URL of the repository.
        url: String,
        /// The full name of the reference, or the digits that were asked for.
        reference: String,
        /// What it is instead, with its article.
        found: String,
    },
    /// The repository has no such commit, or does not give it out.
    CommitNotFound {
        /// The URL of the repository.
        url: String,
        /// The commit.
        commit: String,
    },
    /// The host does not give out the commit that a reference was seen at: most likely the reference has moved since.
    CommitLeft {
        /// The URL of the repository.
        url: String,
        /// The commit.
        commit: String,
        /// The full name of the reference.
        reference: String,
    },
    /// The repository has nothing in it yet.
    EmptyRepository {
        /// The URL of the repository.
        url: String,
    },
    /// It is a repository of a kind that we cannot read.
    Unsupported {
        /// The URL of the repository.
        url: String,
        /// What we cannot read.
        detail: String,
    },
    /// The host's certificate is not one we trust for that name.
    CertificateInvalid {
        /// The host.
        host: String,
        /// What is wrong with it.
        detail: String,
    },
    /// What the operator is to believe the host by, or to show it, is no use.
    TrustUnusable {
        /// The host.
        host: String,
        /// What: a file, or what a Secret gave.
        what: String,
        /// What is wrong with it, as a clause.
        detail: String,
    },
    /// The host sends us to another one.
    Redirected {
        /// The URL of the repository.
        url: String,
        /// From where to where.
        detail: String,
    },
    /// The proxy in between refuses.
    ProxyRefused {
        /// The host behind it.
        host: String,
        /// What it said.
        detail: String,
    },
    /// The host answers, and refuses in its own words.
    HostRefused {
        /// The host.
        host: String,
        /// Its words, cleaned.
        detail: String,
    },
    /// The host wants fewer requests.
    RateLimited {
        /// The host.
        host: String,
        /// How long it wants to be left alone, if it says so; an hour at most.
        retry_after: Option<Duration>,
    },
    /// The host has a trouble of its own.
    HostFailed {
        /// The host.
        host: String,
        /// The HTTP status it answered.
        status: u16,
    },
    /// The host cannot be found or connected to, or the connection broke.
    Unreachable {
        /// The host.
        host: String,
        /// What happened.
        detail: String,
    },
    /// The host did not answer in time.
    TimedOut {
        /// The host.
        host: String,
        /// How long we waited.
        after: Duration,
    },
    /// What the host sent is not whole.
    Damaged {
        /// The URL of the repository.
        url: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The worker process lacked something of this machine's (disk, memory); that says nothing about the host.
    Local {
        /// What it lacked.
        detail: String,
    },
    /// The worker process failed; that says nothing about the host.
    #[serde(skip)]
    Worker(Arc<WorkerError>),
}

impl SourceError {
    /// One CamelCase word for conditions, events and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            SourceError::AuthenticationRequired { .. } => "AuthenticationRequired",
            SourceError::AuthenticationFailed { .. } => "AuthenticationFailed",
            SourceError::KeyUnusable { .. } | SourceError::KnownHostsUnusable { .. } => "SecretInvalid",
            SourceError::HostKeyUnknown { .. } => "HostKeyUnknown",
            SourceError::HostKeyMismatch { .. } => "HostKeyMismatch",
            SourceError::AccessDenied { .. } => "AccessDenied",
            SourceError::RepositoryNotFound { .. } => "RepositoryNotFound",
            SourceError::NotARepository { .. } => "NotARepository",
            SourceError::RefNotFound { .. } | SourceError::NotACommit { .. } => "RefNotFound",
            SourceError::NoTag { .. } => "NoTagMatches",
            SourceError::TagMismatch { mismatch, .. } => match mismatch.lacks {
                Lack::Counterpart { .. } => "TagMismatch",
                Lack::Release(_) => "NoReleaseMatches",
            },
            SourceError::TooManyReferences { .. }
            | SourceError::TooLong { .. }
            | SourceError::TooManyReleases { .. } => "TooLarge",
            SourceError::ReleasesNotFound { .. } => "ReleasesNotFound",
            SourceError::Releases(error) => error.reason(),
            SourceError::CommitNotFound { .. } => "CommitNotFound",
            SourceError::EmptyRepository { .. } => "EmptyRepository",
            SourceError::Unsupported { .. } => "UnsupportedRepository",
            SourceError::CertificateInvalid { .. } | SourceError::TrustUnusable { .. } => "CertificateInvalid",
            SourceError::Redirected { .. } => "Redirected",
            SourceError::ProxyRefused { .. } => "ProxyRefused",
            SourceError::HostRefused { .. } => "HostRefused",
            SourceError::RateLimited { .. } => "RateLimited",
            SourceError::HostFailed { .. } => "HostFailed",
            SourceError::Unreachable { .. } => "Unreachable",
            SourceError::TimedOut { .. } => "TimedOut",
            SourceError::Damaged { .. } | SourceError::CommitLeft { .. } => "RepositoryDamaged",
            SourceError::Local { .. } => "WorkerFailed",
            SourceError::Worker(error) => error.reason(),
        }
    }

    /// Whether the host said no and will keep saying it until somebody changes something; otherwise it may work by itself
    /// the next time.
    pub fn is_definite(&self) -> bool {
        match self {
            SourceError::AuthenticationRequired { .. }
            | SourceError::AuthenticationFailed { .. }
            | SourceError::KeyUnusable { .. }
            | SourceError::KnownHostsUnusable { .. }
            | SourceError::HostKeyUnknown { .. }
            | SourceError::HostKeyMismatch { .. }
            | SourceError::AccessDenied { .. }
            | SourceError::RepositoryNotFound { .. }
            | SourceError::NotARepository { .. }
            | SourceError::RefNotFound { .. }
            | SourceError::NoTag { .. }
            | SourceError::TagMismatch { .. }
            | SourceError::TooManyReferences { .. }
            | SourceError::TooLong { .. }
            | SourceError::TooManyReleases { .. }
            | SourceError::ReleasesNotFound { .. }
            | SourceError::NotACommit { .. }
            | SourceError::CommitNotFound { .. }
            | SourceError::EmptyRepository { .. }
            | SourceError::Unsupported { .. }
            | SourceError::CertificateInvalid { .. }
            | SourceError::TrustUnusable { .. }
            | SourceError::Redirected { .. }
            | SourceError::ProxyRefused { .. } => true,
            SourceError::HostRefused { .. }
            | SourceError::RateLimited { .. }
            | SourceError::HostFailed { .. }
            | SourceError::Unreachable { .. }
            | SourceError::TimedOut { .. }
            | SourceError::Damaged { .. }
            | SourceError::CommitLeft { .. }
            | SourceError::Local { .. }
            | SourceError::Worker(_) => false,
            SourceError::Releases(error) => error.is_definite(),
        }
    }

    /// Whether it may come from how a repository was asked, so that it is worth asking from the beginning at once. Who was refused as the one
    /// who asks, and a host that has trouble of its own, are left alone until the next time.
    pub(super) fn may_be_of_how_it_was_asked(&self) -> bool {
        matches!(
            self,
            SourceError::AuthenticationRequired { .. }
                | SourceError::RepositoryNotFound { .. }
                | SourceError::NotARepository { .. }
                | SourceError::Unsupported { .. }
                | SourceError::Redirected { .. }
                | SourceError::HostRefused { .. }
                | SourceError::Damaged { .. }
        )
    }

    /// The same for one of which nothing is known but what its host said of another repository: another program may serve it.
    pub(super) fn may_be_of_another_program(&self) -> bool {
        matches!(self, SourceError::HostFailed { .. } | SourceError::AccessDenied { .. })
    }

    /// How long the host wants to be left alone, if it says so; an hour at most.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            SourceError::RateLimited { retry_after, .. } => *retry_after,
            SourceError::Releases(error) => error.retry_after(),
            _ => None,
        }
    }

    /// What is said of a repository, said of a list of releases.
    pub(super) fn of_releases(self) -> Self {
        match self {
            SourceError::RepositoryNotFound { url } => {
                let detail = "there is no such list, or it is not shown to these credentials".to_owned();
                SourceError::ReleasesNotFound { url, detail }
            }
            SourceError::NotARepository { url } => {
                let detail = "what answers there is no list of releases in the words of this provider".to_owned();
                SourceError::ReleasesNotFound { url, detail }
            }
            other => other,
        }
    }

    /// A child that had to be killed waited for the host: nothing else of looking at a reference can take long.
    pub(super) fn of_worker(error: WorkerError, remote: &Remote) -> Self {
        match error {
            WorkerError::TimedOut { after, .. } => {
                SourceError::TimedOut { host: remote.url.authority().to_owned(), after }
            }
            other => other.into(),
        }
    }
}

impl From<WorkerError> for SourceError {
    fn from(error: WorkerError) -> Self {
        SourceError::Worker(Arc::new(error))
    }
}
