//! Waiting until something is so.

use crate::subject::PATIENCE;
use kube::Api;
use kube::runtime::wait;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::time::Duration;

/// Waits until what has this name, or has it not, is so; for as long as that takes. The API server may end a watch at any time (what
/// it began at is too old by now): then another one begins.
pub async fn await_condition<K>(api: Api<K>, name: &str, is_so: impl Fn(Option<&K>) -> bool) -> Option<K>
where
    K: Clone + Debug + Send + DeserializeOwned + kube::Resource + 'static,
{
    loop {
        if let Ok(found) = wait::await_condition(api.clone(), name, |found: Option<&K>| is_so(found)).await {
            return found;
        }
    }
}

/// Looks until it is so.
pub async fn eventually<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let mut look = tokio::time::interval(Duration::from_millis(500));
    let looks = async {
        while !is_so().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looks).await.unwrap_or_else(|_| panic!("not so: {what}"));
}
