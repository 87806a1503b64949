//! Caches that know which deployment each object is about, so that nothing is ever looked for by walking through all.

use futures::FutureExt as _;
use kube::Resource;
use kube::runtime::reflector::{Lookup, ObjectRef, Store};
use kube::runtime::watcher::Event;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names by what they are found by, kept by the events of a watch.
#[derive(Debug, Default)]
pub struct Index(Mutex<Maps>);

#[derive(Debug, Default)]
struct Maps {
    current: Names,
    /// What a listing under way has brought so far.
    listed: Option<Names>,
}

/// An object: namespace and name.
type Name = (String, String);

#[derive(Debug, Default)]
struct Names {
    by_key: HashMap<String, BTreeSet<Name>>,
    keys: HashMap<Name, BTreeSet<String>>,
}

impl Names {
    fn set(&mut self, name: &Name, keys: BTreeSet<String>) {
        for key in self.keys.remove(name).unwrap_or_default() {
            if let Some(names) = self.by_key.get_mut(&key) {
                names.remove(name);
                if names.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        if keys.is_empty() {
            return;
        }
        for key in &keys {
            self.by_key.entry(key.clone()).or_default().insert(name.clone());
        }
        self.keys.insert(name.clone(), keys);
    }
}

impl Index {
    fn lock(&self) -> MutexGuard<'_, Maps> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows a watch; `keys` says what an object is found by.
    pub fn follow<K: Resource>(&self, event: &Event<K>, keys: impl Fn(&K) -> BTreeSet<String>) {
        let mut maps = self.lock();
        match event {
            Event::Apply(object) => maps.current.set(&name(object), keys(object)),
            Event::Delete(object) => maps.current.set(&name(object), BTreeSet::new()),
            Event::Init => maps.listed = Some(Names::default()),
            Event::InitApply(object) => {
                // Known at once, and gone with the listing's end if it is not part of it.
                maps.current.set(&name(object), keys(object));
                maps.listed.get_or_insert_default().set(&name(object), keys(object));
            }
            Event::InitDone => {
                if let Some(listed) = maps.listed.take() {
                    maps.current = listed;
                }
            }
        }
    }

    /// Namespace and name of all that are found by `key`.
    pub fn find(&self, key: &str) -> Vec<Name> {
        self.lock().current.by_key.get(key).into_iter().flatten().cloned().collect()
    }
}

fn name<K: Resource>(object: &K) -> Name {
    let meta = object.meta();
    (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}

/// Whether a cache has been filled once. Its watch may also have ended, and then so does the controller.
pub fn is_full<K>(store: &Store<K>) -> bool
where
    K: Lookup + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    store.wait_until_ready().now_or_never().is_some()
}

/// A cache, with an index of what its objects are found by.
pub struct Indexed<K>
where
    K: Resource + 'static,
    K::DynamicType: Hash + Eq,
{
    store: Store<K>,
    index: Arc<Index>,
}

impl<K> Clone for Indexed<K>
where
    K: Resource + 'static,
    K::DynamicType: Hash + Eq,
{
    /// The same cache.
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), index: Arc::clone(&self.index) }
    }
}

impl<K> Indexed<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + 'static,
{
    /// The store and the index must follow the same watch.
    pub fn new(store: Store<K>, index: Arc<Index>) -> Self {
        Self { store, index }
    }

    /// All that belong to `owner`, which is what the cache was told to index by.
    pub fn of(&self, owner: &str) -> Vec<Arc<K>> {
        let names = self.index.find(owner);
        names.iter().filter_map(|(namespace, name)| self.store.get(&ObjectRef::new(name).within(namespace))).collect()
    }

    /// The object of this name.
    pub fn get(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        self.store.get(&ObjectRef::new(name).within(namespace))
    }

    /// Namespace and name of all that are found by `key`.
    pub fn find(&self, key: &str) -> Vec<(String, String)> {
        self.index.find(key)
    }

    /// The index alone.
    pub fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index)
    }

    /// The whole cache.
    pub const fn store(&self) -> &Store<K> {
        &self.store
    }
}

/// The key of what carries a deployment's label.
pub fn owner_key(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::ResourceExt as _;

    fn object(name: &str, keys: &[&str]) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.into());
        object.metadata.namespace = Some("production".into());
        object.labels_mut().extend(keys.iter().map(|key| ((*key).to_owned(), String::new())));
        object
    }

    fn keys(object: &ConfigMap) -> BTreeSet<String> {
        object.labels().keys().cloned().collect()
    }

    fn found(index: &Index, key: &str) -> Vec<String> {
        index.find(key).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn an_object_is_found_by_its_keys_of_now() {
        let index = Index::default();
        index.follow(&Event::Apply(object("a", &["x", "y"])), keys);
        index.follow(&Event::Apply(object("b", &["x"])), keys);
        assert_eq!(found(&index, "x"), ["a", "b"]);
        index.follow(&Event::Apply(object("a", &["z"])), keys);
        assert_eq!(
            (found(&index, "x"), found(&index, "y"), found(&index, "z")),
            (vec!["b".into()], vec![], vec!["a".into()])
        );
        index.follow(&Event::Delete(object("b", &[])), keys);
        assert!(found(&index, "x").is_empty());
    }

    #[test]
    fn a_new_listing_forgets_what_went_while_no_watch_was_open() {
        let index = Index::default();
        index.follow(&Event::Apply(object("a", &["x"])), keys);
        index.follow(&Event::Apply(object("b", &["x"])), keys);
        index.follow(&Event::Init, keys);
        index.follow(&Event::InitApply(object("b", &["x"])), keys);
        assert_eq!(found(&index, "x"), ["a", "b"], "until the listing is whole");
        index.follow(&Event::InitDone, keys);
        assert_eq!(found(&index, "x"), ["b"]);
    }
}
