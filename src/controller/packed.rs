//! Objects as caches hold them: metadata, and the rest as text.
//!
//! As a value, a Deployment of ours takes 36 KiB, most of it fields that say nothing; its text takes 11. A reconcile opens those of one
//! deployment and lets them go again.

use super::error::{Cause, Error};
use super::index::Indexed;
use super::same_kind::same_kind;
use kube::core::ObjectMeta;
use kube::{Resource, ResourceExt as _};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::Debug;
use std::marker::PhantomData;

/// An object that can be opened.
#[derive(Debug, Clone)]
pub struct Packed<K> {
    metadata: ObjectMeta,
    /// All else, as JSON.
    rest: Box<str>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Resource<DynamicType = ()> + Serialize> Packed<K> {
    /// Packs it.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn of(mut object: K) -> serde_json::Result<Self> {
        let metadata = std::mem::take(object.meta_mut());
        Ok(Self { metadata, rest: serde_json::to_string(&object)?.into(), kind: PhantomData })
    }
}

impl<K: Resource<DynamicType = ()> + DeserializeOwned> Packed<K> {
    /// The object as it was packed, but for what was pruned of its metadata since.
    ///
    /// # Errors
    /// Never of what was packed by this program: its text was written from such an object.
    pub fn open(&self) -> Result<K, Error> {
        let unreadable = |error| Error {
            what: format!("reading {} {} in the cache", K::kind(&()), self.name_any()),
            source: Cause::Api(Box::new(kube::Error::SerdeError(error))),
        };
        let mut object: K = serde_json::from_str(&self.rest).map_err(unreadable)?;
        object.meta_mut().clone_from(&self.metadata);
        Ok(object)
    }
}

impl<K> Indexed<Packed<K>>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug + 'static,
{
    /// All that belong to `owner`, opened.
    ///
    /// # Errors
    /// As for [`Packed::open`].
    pub fn opened(&self, owner: &str) -> Result<Vec<K>, Error> {
        self.of(owner).iter().map(|packed| packed.open()).collect()
    }
}

impl<'de, K> Deserialize<'de> for Packed<K>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Serialize,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(K::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<K: Resource<DynamicType = ()>> Resource for Packed<K> {
    same_kind!();

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    fn object() -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "billing-core", "namespace": "production", "labels": { "a": "b" }, "generation": 3 },
            "spec": { "replicas": 2, "selector": {}, "template": { "spec": { "containers": [{ "name": "tengined" }] } } },
            "status": { "readyReplicas": 1 },
        })
    }

    #[test]
    fn what_is_opened_is_what_was_packed() {
        let deployment: Deployment = serde_json::from_value(object()).unwrap();
        let packed: Packed<Deployment> = serde_json::from_value(object()).unwrap();
        assert_eq!(packed.open().unwrap(), deployment);
        assert_eq!((packed.name_any(), packed.labels()["a"].as_str()), ("billing-core".to_owned(), "b"));
    }

    #[test]
    fn what_is_changed_of_the_metadata_is_changed_and_what_cannot_be_read_is_not_packed() {
        let mut packed: Packed<Deployment> = serde_json::from_value(object()).unwrap();
        packed.meta_mut().labels = None;
        assert_eq!(packed.open().unwrap().metadata.labels, None);
        let mut bad = object();
        bad["spec"]["replicas"] = json!("two");
        assert!(serde_json::from_value::<Packed<Deployment>>(bad).is_err());
    }
}
