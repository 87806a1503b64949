//! What goes wrong with looks, in the words of conditions.

use crate::api::v1alpha1::condition::Reason;
use crate::controller::board::Failure;
use crate::controller::own_secret::Role;
use crate::image::ImageError;
use crate::plan::desired::WantedSource;
use crate::source::SourceError;

/// Trouble with Git, in the words of conditions.
pub(in crate::controller) fn source_failure(error: &SourceError, wanted: &WantedSource, role: Role) -> Failure {
    let of_releases = wanted.releases.as_ref().filter(|_| matches!(error, SourceError::Releases(_)));
    let (url, role, secret) = of_releases
        .map_or((&wanted.url, role, &wanted.secret), |releases| (&releases.list, Role::Releases, &releases.secret));
    let fact = match (error.reason(), secret) {
        ("AuthenticationFailed", Some(_)) => {
            let before = of_releases.map_or("", |_| "asked for its releases, ");
            format!("{before}{} refused Secret {}{}", url.authority(), role.placeholder(), error.remark())
        }
        _ => error.fact(),
    };
    let reason = Reason::from_word(error.reason()).unwrap_or(Reason::Unreachable);
    Failure { retry_after: error.retry_after(), ..Failure::new(reason, fact, error.is_definite()) }
}

/// Trouble with a registry, in the words of conditions.
pub(in crate::controller) fn image_failure(error: &ImageError) -> Failure {
    Failure { retry_after: error.retry_after(), ..Failure::new(error.reason(), error.fact(), error.is_definite()) }
}

/// The same, where it is the base image that is looked for.
pub(super) fn base_failure(error: &ImageError) -> Failure {
    let mut failure = image_failure(error);
    if matches!(failure.reason, Reason::RepositoryNotFound) {
        failure.reason = Reason::BaseImageNotFound;
    }
    failure.message = format!("base image, {}", failure.message);
    failure
}
