//! Secrets as a look uses them: read just now, and never another content than was asked with.

use crate::api::v1alpha1::condition::Reason;
use crate::controller::board::{About, Failure};
use crate::controller::contents;
use crate::controller::context::Shared;
use crate::controller::error::{Error, within};
use crate::controller::just_read::Data;
use crate::controller::own_secret::Role;
use crate::image::{Credentials, SECRET_KEY};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use std::sync::Arc;

/// A Secret that is read, and what its content is expected to be: the question it is read for is shared by that.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub role: Role,
    pub namespace: &'a str,
    pub name: Option<&'a str>,
    pub hash: &'a str,
}

impl Named<'_> {
    /// How it is called in words that others are told, too.
    pub const fn word(&self) -> &'static str {
        self.role.placeholder()
    }
}

/// The type of a Secret that the kubelet pulls with.
const PULL_SECRET: &str = "kubernetes.io/dockerconfigjson";

/// The parsed content of a pull Secret.
pub async fn registry_credentials(shared: &Shared, secret: Named<'_>) -> Result<Option<Credentials>, Failure> {
    let Some(name) = secret.name else { return Ok(None) };
    let [json] = secret_texts(shared, secret, name, [SECRET_KEY]).await?;
    let credentials = Credentials::parse(json.as_bytes());
    credentials.map(Some).map_err(|error| invalid(format!("Secret {}: {error}", secret.word())))
}

/// The values of these keys, read with one request.
async fn secret_texts<const N: usize>(
    shared: &Shared,
    expected: Named<'_>,
    name: &str,
    keys: [&str; N],
) -> Result<[String; N], Failure> {
    let found = secret_data(shared, expected, name).await?;
    let (kind, data) = &*found;
    let secret = expected.word();
    if keys.contains(&SECRET_KEY) && kind != PULL_SECRET {
        // The kubelet passes over it without a word: the push would work, and no node could pull.
        return Err(invalid(format!(
            "Secret {secret} is of type {kind}, which nodes do not pull with: make it anew with kubectl create secret docker-registry \
             (type {PULL_SECRET})"
        )));
    }
    let mut texts = [const { String::new() }; N];
    for (text, key) in texts.iter_mut().zip(keys) {
        let value = data.get(key).cloned();
        let value = value.ok_or_else(|| invalid(format!("Secret {secret} has no key {key}")))?;
        *text = String::from_utf8(value).map_err(|_| invalid(format!("Secret {secret}, key {key}: not UTF-8 text")))?;
    }
    Ok(texts)
}

/// The type and all values of a Secret, read just now.
pub async fn secret_data(shared: &Shared, expected: Named<'_>, name: &str) -> Result<Arc<Data>, Failure> {
    let (namespace, hash) = (expected.namespace.to_owned(), expected.hash.to_owned());
    let key = (namespace.clone(), name.to_owned(), expected.role, hash.clone());
    let read = read(shared.client.clone(), (namespace, name.to_owned()), expected.word(), hash);
    shared.just_read.share(key, read).await
}

/// The same, with one request.
async fn read(
    client: Client,
    (namespace, name): (String, String),
    secret: &'static str,
    expected: String,
) -> Result<Data, Failure> {
    let api: Api<Secret> = Api::namespaced(client, &namespace);
    let found = within(format!("reading Secret {secret}"), api.get_opt(&name))
        .await
        .map_err(|error| cluster_failure(&error))?;
    let Some(found) = found else {
        return Err(own(Failure::new(Reason::SecretMissing, format!("Secret {secret} is not there"), true)));
    };
    let kind = found.type_.unwrap_or_default();
    let data = found.data.unwrap_or_default();
    let hash = contents::shared_hash(&kind, data.iter().map(|(key, value)| (key.as_str(), value.0.as_slice())));
    if hash != expected {
        // Its watch has not told yet. Others must not be answered by what they did not ask with.
        let message = format!("Secret {secret} has just changed: it is read again");
        return Err(own(Failure::new(Reason::Unreachable, message, false)));
    }
    Ok((kind, data.into_iter().map(|(key, value)| (key, value.0)).collect()))
}

/// A Secret that cannot be used.
pub fn invalid(message: String) -> Failure {
    Failure::new(Reason::SecretInvalid, message, true)
}

fn cluster_failure(error: &Error) -> Failure {
    own(Failure::new(Reason::Unreachable, error.chain(), false))
}

/// Before anybody was asked: it says nothing of others' Secrets.
fn own(failure: Failure) -> Failure {
    Failure { about: About::Asker, ..failure }
}
