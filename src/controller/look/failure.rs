//! What goes wrong with looks, in the words of conditions.

use crate::api::v1alpha1::condition::Reason;
use crate::controller::board::Failure;
use crate::image::ImageError;
use crate::plan::desired::WantedSource;
use crate::source::SourceError;

/// Trouble with Git, in the words of conditions.
pub(in crate::controller) fn source_failure(error: &SourceError, wanted: &WantedSource) -> Failure {
    let of_releases = wanted.releases.as_ref().filter(|_| matches!(error, SourceError::Releases(_)));
    let (url, secret) =
        of_releases.map_or((&wanted.url, &wanted.secret), |releases| (&releases.list, &releases.secret));
    let fact = match (error.reason(), secret) {
        ("AuthenticationFailed", Some(secret)) => {
            let before = of_releases.map_or("", |_| "asked for its releases, ");
            format!("{before}{} refused Secret {secret}{}", url.authority(), error.remark())
        }
        _ => error.fact(),
    };
    Failure {
        reason: Reason::from_word(error.reason()).unwrap_or(Reason::Unreachable),
        message: fact,
        definite: error.is_definite(),
        retry_after: error.retry_after(),
    }
}

/// Trouble with a registry, in the words of conditions.
pub(in crate::controller) fn image_failure(error: &ImageError) -> Failure {
    Failure {
        reason: error.reason(),
        message: error.fact(),
        definite: error.is_definite(),
        retry_after: error.retry_after(),
    }
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
