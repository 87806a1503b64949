//! Background looks: at the Git ref, at the base image, at the right to push.

use super::board::{Failure, Subject};
use super::context::{Context, Shared};
use super::error::{Error, within};
use crate::api::v1alpha1::condition::Reason;
use crate::image::Credentials;
use crate::image::ImageError;
use crate::metrics::Look;
use crate::plan::Desired;
use crate::plan::desired::Follow;
use crate::plan::observed::SourceSeen;
use crate::source::{self, BasicCredentials, HostAccess, Reference, Remote, SourceError};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use std::sync::Arc;
use std::time::Instant;

/// Asks the Git host what the ref points at.
pub fn at_source(context: &Context, desired: &Desired, subject: &Subject) {
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let work = async move {
        let started = Instant::now();
        let outcome = source(&shared, &desired_then).await;
        shared.metrics.looked(Look::Source, word(&outcome), started.elapsed());
        if let Ok(seen) = &outcome {
            tracing::debug!(namespace = desired_then.namespace, name = desired_then.name, commit = %seen.commit, "looked");
        }
        outcome
    };
    context.board.ask(
        subject,
        |looks| &mut looks.source,
        (desired.reconcile_at.clone(), desired.source.interval),
        work,
    );
}

/// Asks the registry what the base image is.
pub fn at_base(context: &Context, desired: &Desired, subject: &Subject) {
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let work = async move {
        let started = Instant::now();
        let base = &desired_then.base;
        let outcome = match registry_credentials(&shared, &desired_then.namespace, base.secret.as_deref()).await {
            Ok(credentials) => {
                let look = shared.registries.look_at_base(&base.reference, credentials.as_ref()).await;
                look.map(|seen| seen.digest).map_err(|error| base_failure(&error))
            }
            Err(failure) => Err(failure),
        };
        shared.metrics.looked(Look::Base, word(&outcome), started.elapsed());
        outcome
    };
    context.board.ask(subject, |looks| &mut looks.base, (desired.reconcile_at.clone(), desired.base.interval), work);
}

/// Asks the registry for the right to push.
pub fn at_push(context: &Context, desired: &Desired, subject: &Subject) {
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let work = async move {
        let started = Instant::now();
        let secret = desired_then.push_secret.as_deref();
        let outcome = match registry_credentials(&shared, &desired_then.namespace, secret).await {
            Ok(credentials) => {
                let check = shared.registries.check_push(&desired_then.repository, credentials.as_ref()).await;
                check.map_err(|error| image_failure(&error))
            }
            Err(failure) => Err(failure),
        };
        shared.metrics.looked(Look::Push, word(&outcome), started.elapsed());
        outcome
    };
    context.board.ask(subject, |looks| &mut looks.push, (desired.reconcile_at.clone(), desired.source.interval), work);
}

fn word<T>(outcome: &Result<T, Failure>) -> &'static str {
    match outcome {
        Ok(_) => "Succeeded",
        Err(failure) => failure.reason.word(),
    }
}

async fn source(shared: &Shared, desired: &Desired) -> Result<SourceSeen, Failure> {
    let remote = remote(shared, desired).await?;
    let _turn = shared.looks.acquire().await;
    let wanted = reference(&desired.source.follow);
    let seen = source::look_at(&shared.looker, &remote, &wanted, desired.source.timeout).await;
    seen.map(|seen| SourceSeen { reference: seen.reference, commit: seen.commit })
        .map_err(|error| source_failure(&error, desired))
}

/// What of a repository is wanted, in the words of `crate::source`.
fn reference(follow: &Follow) -> Reference {
    match follow {
        Follow::Default => Reference::Default,
        Follow::Branch(name) => Reference::Branch(name.clone()),
        Follow::Tag(name) => Reference::Tag(name.clone()),
        Follow::Commit(commit) => Reference::Commit(commit.clone()),
    }
}

/// The repository with its credentials, read just now.
pub(super) async fn remote(shared: &Shared, desired: &Desired) -> Result<Remote, Failure> {
    let credentials = match desired.source.secret.as_deref() {
        None => None,
        Some(name) => {
            let [username, password] = secret_texts(shared, &desired.namespace, name, ["username", "password"]).await?;
            Some(BasicCredentials { username, password })
        }
    };
    let host = shared.settings.hosts.git_host(desired.source.url.authority());
    let access = HostAccess { ca_file: host.ca_file, proxy: host.proxy };
    Ok(Remote { url: desired.source.url.clone(), credentials, access })
}

/// The parsed content of a pull Secret.
pub(super) async fn registry_credentials(
    shared: &Shared,
    namespace: &str,
    secret: Option<&str>,
) -> Result<Option<Credentials>, Failure> {
    let Some(name) = secret else { return Ok(None) };
    let [json] = secret_texts(shared, namespace, name, [".dockerconfigjson"]).await?;
    Credentials::parse(json.as_bytes()).map(Some).map_err(|error| Failure {
        reason: Reason::SecretInvalid,
        message: format!("Secret {name}: {error}"),
        definite: true,
        retry_after: None,
    })
}

/// The values of these keys, read with one request.
async fn secret_texts<const N: usize>(
    shared: &Shared,
    namespace: &str,
    name: &str,
    keys: [&str; N],
) -> Result<[String; N], Failure> {
    let api: Api<Secret> = Api::namespaced(shared.client.clone(), namespace);
    let missing = |reason, message: String| Failure { reason, message, definite: true, retry_after: None };
    let found =
        within(format!("reading Secret {name}"), api.get_opt(name)).await.map_err(|error| cluster_failure(&error))?;
    let Some(secret) = found else {
        return Err(missing(Reason::SecretMissing, format!("Secret {name} is not there")));
    };
    let mut data = secret.data.unwrap_or_default();
    let mut texts = [const { String::new() }; N];
    for (text, key) in texts.iter_mut().zip(keys) {
        let value = data.remove(key);
        let value = value.ok_or_else(|| missing(Reason::SecretInvalid, format!("Secret {name} has no key {key}")))?;
        *text = String::from_utf8(value.0)
            .map_err(|_| missing(Reason::SecretInvalid, format!("Secret {name}, key {key}: not UTF-8 text")))?;
    }
    Ok(texts)
}

fn cluster_failure(error: &Error) -> Failure {
    Failure { reason: Reason::Unreachable, message: error.chain(), definite: false, retry_after: None }
}

/// Trouble with Git, in the words of conditions.
pub(super) fn source_failure(error: &SourceError, desired: &Desired) -> Failure {
    let fact = match (error.reason(), &desired.source.secret) {
        ("AuthenticationFailed", Some(secret)) => {
            format!("{} refused Secret {secret}", desired.source.url.authority())
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
pub(super) fn image_failure(error: &ImageError) -> Failure {
    Failure {
        reason: error.reason(),
        message: error.fact(),
        definite: error.is_definite(),
        retry_after: error.retry_after(),
    }
}

/// The same, where it is the base image that is looked for.
fn base_failure(error: &ImageError) -> Failure {
    let mut failure = image_failure(error);
    if matches!(failure.reason, Reason::RepositoryNotFound) {
        failure.reason = Reason::BaseImageNotFound;
    }
    failure.message = format!("base image, {}", failure.message);
    failure
}
