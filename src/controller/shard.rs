//! What a shard keeps in its caches: of what belongs to the deployments of others, nothing.

use crate::domain::Shard;
use kube::Resource;
use kube::core::ObjectMeta;
use kube::runtime::watcher::Event;
use std::collections::BTreeSet;

/// Which objects of a kind are kept.
#[derive(Debug, Clone, Copy)]
pub enum Kept {
    /// All: other deployments are asked for them.
    All,
    /// Those that are about a deployment of this shard; no other ever asks for them.
    Own(Shard),
}

impl Kept {
    /// The event, if its object is kept. One that is known and belongs to others by now goes. `keys` are the names of the
    /// deployments that an object is about; one that names none is kept by all.
    pub fn pass<K: Resource>(
        self,
        event: Event<K>,
        keys: impl Fn(&K) -> BTreeSet<String>,
        is_known: impl Fn(&ObjectMeta) -> bool,
    ) -> Option<Event<K>> {
        // Where all are kept, nobody need know what they are about.
        let is_kept = |object: &K| matches!(self, Self::All) || self.keeps_what_has(&keys(object));
        match event {
            Event::Apply(object) if is_kept(&object) => Some(Event::Apply(object)),
            Event::Apply(object) => is_known(object.meta()).then_some(Event::Delete(object)),
            // What a listing does not bring is gone with its end.
            Event::InitApply(object) => is_kept(&object).then_some(Event::InitApply(object)),
            Event::Init | Event::InitDone | Event::Delete(_) => Some(event),
        }
    }

    /// Whether an object is kept that is about the deployments of these keys; one that names none is kept by all.
    pub fn keeps_what_has(self, keys: &BTreeSet<String>) -> bool {
        keys.is_empty() || keys.iter().any(|key| self.keeps(key))
    }

    /// Whether what is about the deployment of this key is kept.
    fn keeps(self, key: &str) -> bool {
        let Self::Own(shard) = self else { return true };
        key.split_once('/').is_none_or(|(namespace, name)| shard.owns(namespace, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;

    fn keys(object: &ConfigMap) -> BTreeSet<String> {
        object.data.iter().flatten().map(|(_, deployment)| format!("production/{deployment}")).collect()
    }

    fn about(deployment: &str) -> ConfigMap {
        let data = [("about".to_owned(), deployment.to_owned())];
        ConfigMap { data: Some(data.into()), ..ConfigMap::default() }
    }

    /// A deployment of each of two shards, and the first of the two.
    fn two() -> (Kept, String, String) {
        let shard: Shard = "1/2".parse().unwrap();
        let name = |own: bool| {
            let names = (0..).map(|number| format!("billing-{number}"));
            let is = |name: &String| shard.owns("production", name);
            names.into_iter().find(|name| is(name) == own).unwrap()
        };
        (Kept::Own(shard), name(true), name(false))
    }

    #[test]
    fn what_belongs_to_others_never_comes_in() {
        let (kept, own, other) = two();
        for event in [Event::Apply, Event::InitApply] {
            assert!(kept.pass(event(about(&own)), keys, |_| false).is_some());
            assert!(kept.pass(event(about(&other)), keys, |_| false).is_none());
            assert!(kept.pass(event(ConfigMap::default()), keys, |_| false).is_some(), "it names nobody");
            assert!(Kept::All.pass(event(about(&other)), keys, |_| false).is_some());
        }
    }

    #[test]
    fn what_is_given_to_others_goes() {
        let (kept, own, other) = two();
        assert!(matches!(kept.pass(Event::Apply(about(&other)), keys, |_| true), Some(Event::Delete(_))));
        assert!(matches!(kept.pass(Event::Apply(about(&own)), keys, |_| true), Some(Event::Apply(_))));
        assert!(matches!(kept.pass(Event::Delete(about(&other)), keys, |_| true), Some(Event::Delete(_))));
    }
}
