//! What is the case, in a sentence, and what to do about it.

use super::SourceError;
use crate::domain::Lack;

impl SourceError {
    /// What may be the matter with refused credentials, as the rest of a sentence.
    pub fn remark(&self) -> String {
        match self {
            SourceError::AuthenticationFailed { broken_line: Some(key), .. } => {
                format!(" (the value of its key {key} ends in a line break, which may be the reason)")
            }
            SourceError::Releases(error) => error.remark(),
            _ => String::new(),
        }
    }

    /// What is the case: one sentence.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind")]
    pub fn fact(&self) -> String {
        match self {
            SourceError::AuthenticationRequired { host } => format!("{host} asks for credentials."),
            SourceError::AuthenticationFailed { host, .. } => {
                format!("{host} refused the credentials{}.", self.remark())
            }
            SourceError::KeyUnusable { host, key } => format!(
                "The Secret's key {key}, the private key for {host}, cannot be used: it is damaged, its passphrase is wrong, or it is of a kind that is not known."
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
            SourceError::TooLong { url, limit } => format!("{url} answers with more than {} MiB.", limit >> 20),
            SourceError::TooManyReleases { url, most, tag } => {
                format!("{url} lists more than {most} releases, and those are of other tags than {tag}.")
            }
            SourceError::ReleasesNotFound { url, detail } => format!("{url}: {detail}."),
            SourceError::Releases(error) => format!("Asked for its releases: {}", error.fact()),
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
    #[expect(clippy::too_many_lines, reason = "an arm for each kind")]
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
            SourceError::TagMismatch { mismatch, .. } => match mismatch.lacks {
                Lack::Counterpart { .. } => "Push both tags on the same commit.",
                Lack::Release(_) => "Publish a release of such a tag on the Git host.",
            },
            SourceError::TooLong { .. } => "Delete releases that nobody needs, or what is long in them.",
            SourceError::TooManyReleases { .. } => {
                "Publish that tag, or delete it: of tags that nobody released, the newest 20 are asked for one by one."
            }
            SourceError::ReleasesNotFound { .. } => {
                "Correct provider and apiUrl, or give these credentials the right to read releases."
            }
            SourceError::Releases(error) => error.advice(),
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
}
