//! Every way in which Git can say no, and every reason to refuse what it has.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Remote;
use crate::domain::TagMismatch;
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
    /// No tag counts, since the counterparts of those that would are elsewhere.
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
            SourceError::TagMismatch { .. } => "TagMismatch",
            SourceError::TooManyReferences { .. } => "TooLarge",
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
        }
    }

    /// How long the host wants to be left alone, if it says so; an hour at most.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            SourceError::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What may be the matter with refused credentials, as the rest of a sentence.
    pub fn remark(&self) -> String {
        match self {
            SourceError::AuthenticationFailed { broken_line: Some(key), .. } => {
                format!(" (the value of its key {key} ends in a line break, which may be the reason)")
            }
            _ => String::new(),
        }
    }

    /// What is the case: one sentence.
    pub fn fact(&self) -> String {
        match self {
            SourceError::AuthenticationRequired { host } => format!("{host} asks for credentials."),
            SourceError::AuthenticationFailed { host, .. } => {
                format!("{host} refused the credentials{}.", self.remark())
            }
            SourceError::KeyUnusable { host } => format!(
                "The private key for {host} cannot be used: it is damaged, its passphrase is wrong, or it is of a kind that is not known."
            ),
            SourceError::KnownHostsUnusable { host } => {
                format!("The key known_hosts for {host} has a line that is no host with its key.")
            }
            SourceError::HostKeyUnknown { host } => format!("known_hosts has no line for {host}."),
            SourceError::HostKeyMismatch { host } => format!("{host} shows another key than known_hosts has for it."),
            SourceError::AccessDenied { url } => format!("{url} may not be read with these credentials."),
            SourceError::RepositoryNotFound { url } => {
                format!("{url} is not there, or is not shown to these credentials.")
            }
            SourceError::NotARepository { url } => format!("{url} answers, but not as a Git repository."),
            SourceError::RefNotFound { url, wanted, near } => {
                let near = near.as_ref().map(|near| format!(" (did you mean {near:?}?)"));
                format!("{url} has no {wanted}{}.", near.unwrap_or_default())
            }
            SourceError::NoTag { url, wanted, others } => {
                let others = others.as_ref().map(|others| format!(": {others}"));
                format!("{url} has no {wanted}{}.", others.unwrap_or_default())
            }
            SourceError::TagMismatch { url, mismatch } => format!("{url} has no tag that counts: {mismatch}."),
            SourceError::TooManyReferences { url, limit } => {
                format!("{url} lists more than {} MiB of references for what is asked.", limit >> 20)
            }
            SourceError::NotACommit { url, reference, found } => {
                format!("{reference} of {url} does not point at a commit: it is {found}.")
            }
            SourceError::CommitNotFound { url, commit } => format!("{url} has no commit {commit}."),
            SourceError::CommitLeft { url, commit, reference } => {
                format!("{url} does not give out {commit}, which {reference} was seen at.")
            }
            SourceError::EmptyRepository { url } => format!("{url} is empty."),
            SourceError::Unsupported { url, detail } => format!("{url} cannot be read: {detail}."),
            SourceError::CertificateInvalid { host, detail } => {
                format!("The certificate of {host} is not trusted: {detail}.")
            }
            SourceError::TrustUnusable { host, what, detail } => {
                format!("For {host}, {what} cannot be used: {detail}.")
            }
            SourceError::Redirected { url, detail } => format!("{url} is redirected: {detail}."),
            SourceError::ProxyRefused { host, detail } => format!("The proxy refuses the way to {host}: {detail}."),
            SourceError::HostRefused { host, detail } => format!("{host} refuses: {detail}."),
            SourceError::RateLimited { host, .. } => format!("{host} asks for fewer requests."),
            SourceError::HostFailed { host, status } => format!("{host} failed with HTTP status {status}."),
            SourceError::Unreachable { host, detail } => format!("{host} cannot be reached: {detail}."),
            SourceError::TimedOut { host, after } => format!("{host} did not answer within {after:?}."),
            SourceError::Damaged { url, detail } => format!("What {url} sends is not whole: {detail}."),
            SourceError::Local { detail } => format!("The worker process could not go on: {detail}."),
            SourceError::Worker(error) => format!("Git was not asked: {error}."),
        }
    }

    /// What to do about it: a sentence or two.
    pub fn advice(&self) -> &'static str {
        match self {
            SourceError::AuthenticationRequired { .. } => {
                "Name a Secret in secretRef, with username and password, or with identity and known_hosts for SSH."
            }
            SourceError::AuthenticationFailed { .. } => "Update the Secret; it is read again at once.",
            SourceError::KeyUnusable { .. } => {
                "Correct the Secret's private key (ed25519, ecdsa or rsa, as ssh-keygen writes it) or its password."
            }
            SourceError::KnownHostsUnusable { .. } => {
                "Replace it by what ssh-keyscan says of the host, after comparing that with what the host publishes."
            }
            SourceError::HostKeyUnknown { .. } => {
                "Add what ssh-keyscan says of it to the Secret's key known_hosts, after comparing it with what the host publishes."
            }
            SourceError::HostKeyMismatch { .. } => {
                "Somebody may stand in between. If the host's key was changed, replace its lines in the Secret's key known_hosts."
            }
            SourceError::AccessDenied { .. } => "Give this user the right to read it, or use another one.",
            SourceError::RepositoryNotFound { .. } => {
                "Correct the URL, or give these credentials the right to read it."
            }
            SourceError::NotARepository { .. } => "Correct the URL; it is the one that git clone takes.",
            SourceError::RefNotFound { .. } => "Correct the reference, or push it.",
            SourceError::NoTag { .. } => "Push such a tag, or correct the reference.",
            SourceError::TagMismatch { .. } => "Push both tags on the same commit.",
            SourceError::TooManyReferences { .. } => {
                "Give a pattern of tags that begins with more text before its *, follow a branch, or delete references that nobody needs."
            }
            SourceError::NotACommit { .. } => "Name a branch, or a tag of a commit.",
            SourceError::CommitNotFound { .. } => {
                "Name a commit in full (40 hex digits) that a branch or tag of this repository has."
            }
            SourceError::EmptyRepository { .. } => "Push a commit.",
            SourceError::Unsupported { .. } => {
                "Use a repository with SHA-1 object names, on a host that has Git behind it."
            }
            SourceError::CertificateInvalid { .. } | SourceError::TrustUnusable { .. } => {
                "Give the operator the CA of this host, or repair the certificate."
            }
            SourceError::Redirected { .. } => {
                "Write the address it points to into the URL; redirects to other hosts are not followed."
            }
            SourceError::ProxyRefused { .. } => "Correct the proxy that the operator is configured with for this host.",
            SourceError::HostRefused { .. }
            | SourceError::RateLimited { .. }
            | SourceError::HostFailed { .. }
            | SourceError::Unreachable { .. }
            | SourceError::TimedOut { .. }
            | SourceError::Damaged { .. }
            | SourceError::CommitLeft { .. }
            | SourceError::Local { .. }
            | SourceError::Worker(_) => "It is tried again by itself.",
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
