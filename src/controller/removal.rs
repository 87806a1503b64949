//! Removals: of the very object that was seen.

use super::error::{Error, gone_is_fine, within};
use crate::plan::observed::Seen;
use kube::Api;
use kube::api::{DeleteParams, Preconditions};
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Removes it, with what it controls. What is gone already is as good as removed.
///
/// # Errors
/// Where another object has the name by now, or it was changed meanwhile, what was decided is stale.
pub async fn remove<K>(api: &Api<K>, kind: &str, name: &str, seen: &Seen) -> Result<(), Error>
where
    K: Clone + DeserializeOwned + Debug,
{
    removed(api, (kind, name), seen, DeleteParams::background()).await
}

/// The same, but it is there until all is gone that it controls, pods included.
///
/// # Errors
/// As [`remove`].
pub async fn remove_after_its_own<K>(api: &Api<K>, kind: &str, name: &str, seen: &Seen) -> Result<(), Error>
where
    K: Clone + DeserializeOwned + Debug,
{
    removed(api, (kind, name), seen, DeleteParams::foreground()).await
}

async fn removed<K>(api: &Api<K>, (kind, name): (&str, &str), seen: &Seen, params: DeleteParams) -> Result<(), Error>
where
    K: Clone + DeserializeOwned + Debug,
{
    let Seen { uid, version } = seen.clone();
    let only = Preconditions { uid: Some(uid), resource_version: Some(version) };
    let params = params.preconditions(only);
    let removed = within(format!("deleting {kind} {name}"), api.delete(name, &params)).await;
    gone_is_fine(removed.map(|_| tracing::info!(kind, name, "deleted")).map_err(Error::of_seen))
}
