//! Secrets that are read once for all that look with the same content within a moment.
//!
//! Not by `Common`, which keeps an outcome until somebody comes for another one: a Secret's values go by themselves.

use super::board::Failure;
use super::own_secret::Role;
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The type of a Secret, and all its values.
pub type Data = (String, BTreeMap<String, Vec<u8>>);

/// A Secret that is being read, or was a moment ago.
type Reading = futures::future::Shared<BoxFuture<'static, Result<Arc<Data>, Failure>>>;

/// What is expected: the namespace, the name, the role and the hash.
pub type Key = (String, String, Role, String);

/// So long what was read serves others that look with the same content. It is gone then: nothing of a Secret's values is kept.
const MOMENT: Duration = Duration::from_secs(1);

/// Secrets that are being read: a thousand repositories that are looked at with one of them each minute need not read it a thousand times.
#[derive(Default)]
pub struct JustRead(Arc<Mutex<HashMap<Key, Reading>>>);

impl JustRead {
    /// What comes of this reading, or of one of the same that is under way, or was a moment ago.
    pub async fn share(
        &self,
        key: Key,
        read: impl Future<Output = Result<Data, Failure>> + Send + 'static,
    ) -> Result<Arc<Data>, Failure> {
        let reading = match lock(&self.0).entry(key.clone()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => {
                let reading = read.map_ok(Arc::new).boxed().shared();
                let (known, going) = (Arc::clone(&self.0), reading.clone());
                tokio::spawn(async move {
                    if going.await.is_ok() {
                        tokio::time::sleep(MOMENT).await;
                    }
                    lock(&known).remove(&key);
                });
                place.insert(reading).clone()
            }
        };
        reading.await
    }
}

fn lock(known: &Mutex<HashMap<Key, Reading>>) -> MutexGuard<'_, HashMap<Key, Reading>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
