//! Caches that know which deployment each object is about, so that nothing is ever looked for by walking through all.

use futures::FutureExt as _;
use kube::Resource;
use kube::runtime::reflector::{Lookup, ObjectRef, Store};
use kube::runtime::watcher::Event;
use smallvec::SmallVec;
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

/// In their order. Most are one alone, which takes no memory beside the map that it is in.
type Few = SmallVec<[Arc<str>; 1]>;

/// Each text is held once, however many are found by it. An object is `namespace/name`: neither has a `/` in it.
#[derive(Debug, Default)]
struct Names {
    by_key: HashMap<Arc<str>, Few>,
    keys: HashMap<Arc<str>, Few>,
}

impl Names {
    fn set(&mut self, name: &str, keys: &BTreeSet<String>) {
        // Of most events the keys are what they were: somebody wrote a status.
        if self.keys.get(name).is_some_and(|known| known.iter().map(AsRef::as_ref).eq(keys)) {
            return;
        }
        let name = self.keys.remove_entry(name).map_or_else(
            || Arc::from(name),
            |(name, known)| {
                known.iter().for_each(|key| self.take_out(key, &name));
                name
            },
        );
        if keys.is_empty() {
            return;
        }
        let mut keys: Few = keys.iter().map(|key| self.put_in(key, &name)).collect();
        keys.shrink_to_fit();
        self.keys.insert(name, keys);
    }

    /// It is found by this key, which is given as it is held.
    fn put_in(&mut self, key: &str, name: &Arc<str>) -> Arc<str> {
        let key = self.by_key.get_key_value(key).map_or_else(|| Arc::from(key), |(key, _)| Arc::clone(key));
        let names = self.by_key.entry(Arc::clone(&key)).or_default();
        if let Err(place) = names.binary_search(name) {
            names.insert(place, Arc::clone(name));
        }
        key
    }

    /// It is found by this key no more.
    fn take_out(&mut self, key: &str, name: &Arc<str>) {
        let Some(names) = self.by_key.get_mut(key) else { return };
        if let Ok(place) = names.binary_search(name) {
            names.remove(place);
        }
        if names.is_empty() {
            self.by_key.remove(key);
        }
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
            Event::Apply(object) => maps.current.set(&name(object), &keys(object)),
            Event::Delete(object) => maps.current.set(&name(object), &BTreeSet::new()),
            Event::Init => maps.listed = Some(Names::default()),
            Event::InitApply(object) => {
                let (name, keys) = (name(object), keys(object));
                // Known at once, and gone with the listing's end if it is not part of it.
                maps.current.set(&name, &keys);
                maps.listed.get_or_insert_default().set(&name, &keys);
            }
            Event::InitDone => {
                if let Some(listed) = maps.listed.take() {
                    maps.current = listed;
                }
            }
        }
    }

    /// Namespace and name of all that are found by `key`.
    pub fn find(&self, key: &str) -> Vec<(String, String)> {
        let maps = self.lock();
        let names = maps.current.by_key.get(key).into_iter().flatten();
        names.filter_map(|name| name.split_once('/')).map(|(namespace, name)| (namespace.into(), name.into())).collect()
    }
}

fn name<K: Resource>(object: &K) -> String {
    let meta = object.meta();
    owner_key(meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
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
    fn an_index_takes_one_text_for_each_name_and_key_and_nothing_beside_the_maps_for_one_alone() {
        let index = Index::default();
        for name in ["b", "a", "c"] {
            index.follow(&Event::Apply(object(name, &[name, "shared"])), keys);
            // Once more, as when its status is written.
            index.follow(&Event::Apply(object(name, &[name, "shared"])), keys);
        }
        let maps = index.lock();
        let Names { by_key, keys } = &maps.current;
        assert_eq!((by_key.len(), keys.len()), (4, 3));
        for (name, own) in keys {
            assert!(!by_key[&own[0]].spilled(), "{name}");
            // Held by the map, and by the two lists that it is in.
            assert_eq!(Arc::strong_count(name), 3, "{name}");
        }
        let (shared, all) = by_key.get_key_value("shared").unwrap();
        assert_eq!(Arc::strong_count(shared), 4);
        assert!(all.iter().map(AsRef::as_ref).eq(["production/a", "production/b", "production/c"]));
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
