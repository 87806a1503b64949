//! What a registry can have against us, and what to do about it.

use std::fmt;
use std::time::Duration;

use super::credentials::CredentialsError;
use crate::api::v1alpha1::condition::Reason;

/// Where something went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The registry's `host` or `host:port`.
    pub registry: String,
    /// The repository's path.
    pub repository: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)
    }
}

/// A request to a registry that did not do what it was for. Its message names registry and repository and says what to do;
/// it never has a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", format!("{}. {}", self.fact(), self.reason().advice()).trim_end())]
pub struct ImageError {
    /// Where.
    pub at: Place,
    /// What.
    pub problem: Problem,
}

impl ImageError {
    /// What is the case, and where; without what to do about it, which is the reason's advice.
    pub fn fact(&self) -> String {
        format!("{}: {}", self.at, self.problem)
    }

    /// The one word that conditions show for it.
    pub fn reason(&self) -> Reason {
        self.problem.reason()
    }

    /// Whether this is a no for good, so that only a change by somebody helps; what is not may well go away by itself.
    pub fn is_definite(&self) -> bool {
        match self.problem {
            Problem::CredentialsRefused { .. }
            | Problem::CredentialsMissing
            | Problem::CredentialsUnusable(_)
            | Problem::PushDenied { .. }
            | Problem::PullDenied { .. }
            | Problem::ImageNotFound(_)
            | Problem::RepositoryNotFound { .. }
            | Problem::PlatformMissing { .. }
            | Problem::CertificateInvalid(_)
            | Problem::InvalidImage(_)
            | Problem::TooLarge { .. } => true,
            Problem::RateLimited { .. }
            | Problem::LoginUnexplained { .. }
            | Problem::Unreachable(_)
            | Problem::TimedOut { .. }
            | Problem::Unexpected { .. }
            | Problem::LayerUnreadable(_) => false,
        }
    }

    /// Whether the registry said no to this very request: asking for something else may help, asking again does not.
    pub(super) fn is_refusal(&self) -> bool {
        let is_no =
            matches!(self.problem, Problem::LoginUnexplained { .. } | Problem::Unexpected { status: 400..500, .. });
        self.is_definite() || is_no
    }

    /// How long the registry asked us to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.problem {
            Problem::RateLimited { retry_after } => retry_after,
            _ => None,
        }
    }
}

/// What went wrong. Texts called `said` are the registry's own, shortened and with the credentials in use masked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A wrong user name or password.
    #[error("the user name or password is refused{said}")]
    CredentialsRefused {
        /// The registry's words.
        said: Said,
    },
    /// Credentials are asked for and we have none.
    #[error(
        "the registry asks for credentials, and there are none for it (an image that does not exist may look the same)"
    )]
    CredentialsMissing,
    /// Credentials are asked for in no way that we know, so none were sent.
    #[error("the registry asks for credentials {offered}")]
    LoginUnexplained {
        /// The ways that it does name.
        offered: Offered,
    },
    /// The Secret's entry is of no use.
    #[error("{0}")]
    CredentialsUnusable(CredentialsError),
    /// Good credentials without the right to push.
    #[error("pushing is not allowed{said}")]
    PushDenied {
        /// The registry's words.
        said: Said,
    },
    /// Good credentials without the right to pull.
    #[error("pulling is not allowed{said}")]
    PullDenied {
        /// The registry's words.
        said: Said,
    },
    /// No such image.
    #[error("there is no image {0}")]
    ImageNotFound(String),
    /// No such repository.
    #[error("there is no such repository{said}")]
    RepositoryNotFound {
        /// The registry's words.
        said: Said,
    },
    /// Not for this platform.
    #[error("the image is for {offered}, not for {wanted}")]
    PlatformMissing {
        /// What the nodes need.
        wanted: String,
        /// What there is.
        offered: String,
    },
    /// Too many requests.
    #[error("too many requests")]
    RateLimited {
        /// For how long the registry wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// No connection, or 5xx.
    #[error("the registry cannot be reached ({0})")]
    Unreachable(String),
    /// A deadline passed.
    #[error("{doing} took longer than {} s", after.as_secs_f32())]
    TimedOut {
        /// What we waited for.
        doing: &'static str,
        /// For how long.
        after: Duration,
    },
    /// The certificate is not good.
    #[error("the registry's certificate is not accepted ({0})")]
    CertificateInvalid(String),
    /// Not an image to build upon.
    #[error("{0}")]
    InvalidImage(String),
    /// Too large.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What is.
        what: String,
        /// Whose limit, and how much it is.
        limit: String,
    },
    /// An answer that nothing else fits.
    #[error("{doing} was answered with {status}{said}")]
    Unexpected {
        /// What was asked.
        doing: &'static str,
        /// The HTTP status.
        status: u16,
        /// The registry's words.
        said: Said,
    },
    /// Our own file.
    #[error("the packed definition could not be read ({0})")]
    LayerUnreadable(&'static str),
}

impl Problem {
    fn reason(&self) -> Reason {
        match self {
            Self::CredentialsRefused { .. } | Self::PullDenied { .. } => Reason::AuthenticationFailed,
            Self::CredentialsMissing => Reason::AuthenticationRequired,
            Self::CredentialsUnusable(_) => Reason::SecretInvalid,
            Self::PushDenied { .. } => Reason::PushDenied,
            Self::ImageNotFound(_) => Reason::BaseImageNotFound,
            Self::RepositoryNotFound { .. } => Reason::RepositoryNotFound,
            Self::PlatformMissing { .. } => Reason::PlatformMissing,
            Self::RateLimited { .. } => Reason::RateLimited,
            Self::Unreachable(_) | Self::LoginUnexplained { .. } | Self::Unexpected { .. } => Reason::Unreachable,
            Self::TimedOut { .. } => Reason::TimedOut,
            Self::CertificateInvalid(_) => Reason::CertificateInvalid,
            Self::InvalidImage(_) => Reason::InvalidImage,
            Self::TooLarge { .. } => Reason::TooLarge,
            Self::LayerUnreadable(_) => Reason::WorkerFailed,
        }
    }
}

/// The ways of logging in that a registry offers, none of which we know; displays as the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered(Vec<String>);

impl Offered {
    /// Each once.
    pub(super) fn new(mut schemes: Vec<String>) -> Self {
        schemes.sort();
        schemes.dedup();
        Self(schemes)
    }
}

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("without saying how (a 401 without WWW-Authenticate), so none were sent"),
            named => write!(f, "by {} only; Basic and Bearer can be used, so none were sent", named.join(" or ")),
        }
    }
}

/// The registry's own words, possibly none. Displays as a parenthesis to be put behind a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(pub String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", self.0) }
    }
}
