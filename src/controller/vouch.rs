//! Looks at the ValidatingAdmissionPolicy that proves who makes an action, and at its binding.

use super::context::Shared;
use super::policy::Event;
use super::watch::reference;
use crate::plan::observed::Vouching;
use futures::{Stream, StreamExt as _, stream};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, watch_object};
use kube::{Api, Client, Resource};

/// Keeps what is known of them up to date, and wakes everybody where it changes. Never ends.
pub async fn follow(shared: &Shared) {
    if let Some(name) = shared.policy.name() {
        let policies = object(&shared.client, name).map(Event::Policy);
        let bindings = object(&shared.client, name).map(Event::Binding);
        let mut events = std::pin::pin!(stream::select(policies, bindings));
        while let Some(event) = events.next().await {
            if shared.policy.take(event) {
                tell(&shared.policy.vouching());
                wake(shared);
            }
        }
    }
    std::future::pending::<()>().await;
}

fn object<K>(client: &Client, name: &str) -> impl Stream<Item = Result<Option<K>, watcher::Error>> + use<K>
where
    K: Resource<DynamicType = ()> + Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    watch_object(Api::all(client.clone()), name).default_backoff()
}

fn tell(vouching: &Vouching) {
    if let Some(why) = vouching.complaint() {
        tracing::warn!(why, "nobody's word counts at gates");
    } else {
        tracing::info!(?vouching, "who speaks at gates is known");
    }
}

/// It is about every gate that waits for people.
fn wake(shared: &Shared) {
    for place in shared.everywhere.get().into_iter().flatten() {
        for object in place.deployments.store().state() {
            // Nobody listens any more when the controller ends.
            let _ = place.wake.unbounded_send(reference(object.meta()));
        }
    }
}
