//! Objects that may be read or not: one that cannot be decoded (it was written by a newer version, or by hand past the schema)
//! must not end the watch of all others.

use super::same_kind::same_kind;
use kube::Resource;
use kube::core::ObjectMeta;
use kube::runtime::watcher::Event;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An object, as far as it can be read.
#[derive(Debug, Clone)]
pub enum Lenient<K> {
    Read(K),
    Unreadable(Box<Unreadable>),
}

/// What is known of an object that cannot be read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    pub meta: ObjectMeta,
    /// The decoder's words, which name the field.
    pub why: String,
}

impl<'de, K: DeserializeOwned> Deserialize<'de> for Lenient<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Head {
            metadata: ObjectMeta,
        }
        let value = Value::deserialize(deserializer)?;
        match K::deserialize(&value) {
            Ok(object) => Ok(Self::Read(object)),
            Err(why) => {
                let head = Head::deserialize(&value).map_err(D::Error::custom)?;
                Ok(Self::Unreadable(Box::new(Unreadable { meta: head.metadata, why: why.to_string() })))
            }
        }
    }
}

impl<K: Resource<DynamicType = ()>> Resource for Lenient<K> {
    same_kind!();

    fn meta(&self) -> &ObjectMeta {
        match self {
            Self::Read(object) => object.meta(),
            Self::Unreadable(unreadable) => &unreadable.meta,
        }
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Read(object) => object.meta_mut(),
            Self::Unreadable(unreadable) => &mut unreadable.meta,
        }
    }
}

/// The event, if its object can be read. One that cannot is left as it was last known, until it is deleted; `known` finds that.
pub fn readable<K>(
    event: Event<Lenient<K>>,
    known: impl Fn(&ObjectMeta) -> Option<K>,
    unreadable: impl Fn(&Unreadable),
) -> Option<Event<K>> {
    let (object, wrap): (_, fn(K) -> Event<K>) = match event {
        Event::Init => return Some(Event::Init),
        Event::InitDone => return Some(Event::InitDone),
        Event::Delete(Lenient::Unreadable(gone)) => return known(&gone.meta).map(Event::Delete),
        Event::Delete(object) => (object, Event::Delete),
        Event::Apply(object) => (object, Event::Apply),
        Event::InitApply(object) => (object, Event::InitApply),
    };
    match object {
        Lenient::Read(object) => Some(wrap(object)),
        Lenient::Unreadable(bad) => {
            unreadable(&bad);
            known(&bad.meta).map(wrap)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::json;
    use std::cell::Cell;

    fn object(data: &Value) -> Lenient<ConfigMap> {
        let object = json!({ "metadata": { "name": "a", "namespace": "production" }, "data": data });
        serde_json::from_value(object).expect("metadata are enough")
    }

    #[test]
    fn one_that_cannot_be_read_is_counted_and_stays_as_it_was() {
        let count = Cell::new(0);
        let counted = |bad: &Unreadable| {
            assert!(bad.why.contains("expected a map"), "{}", bad.why);
            assert_eq!(bad.meta.name.as_deref(), Some("a"));
            count.set(count.get() + 1);
        };
        let old = ConfigMap { data: Some([("k".to_owned(), "old".to_owned())].into()), ..ConfigMap::default() };
        let known = |_: &ObjectMeta| Some(old.clone());
        let bad = || object(&json!("of a newer version"));
        let Some(Event::Apply(kept)) = readable(Event::Apply(bad()), known, counted) else { panic!("an event") };
        assert_eq!(kept, old);
        assert!(readable(Event::InitApply(bad()), |_| None, counted).is_none(), "never known");
        assert_eq!(count.get(), 2);
        let gone = readable(Event::Delete(bad()), known, counted);
        assert!(matches!(gone, Some(Event::Delete(_))), "what is gone is gone");
        let read = readable(Event::Apply(object(&json!({ "k": "new" }))), known, counted);
        let Some(Event::Apply(read)) = read else { panic!("an event") };
        assert_eq!(read.data, Some([("k".to_owned(), "new".to_owned())].into()));
    }
}
