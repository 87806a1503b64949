//! Objects as caches hold them: as text that is compressed, with what watches and indexes read beside it.
//!
//! As a value, a Deployment of ours takes 36 KiB, most of it fields that say nothing; its text takes 11, and compressed 3. A reconcile opens
//! those of one deployment and lets them go again.

use super::error::{Cause, Error};
use super::index::Indexed;
use super::prune::prune;
use super::same_kind::same_kind;
use crate::manifest;
use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kube::core::ObjectMeta;
use kube::{Resource, ResourceExt as _};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::Debug;
use std::io::{Read as _, Write as _};
use std::marker::PhantomData;

/// The fastest: others take longer for each event, and what they save beside it is little.
const LEVEL: Compression = Compression::fast();

/// An object that can be opened.
#[derive(Debug, Clone)]
pub struct Packed<K> {
    /// What it is called and whose it is.
    head: ObjectMeta,
    /// All of it, as JSON that is compressed.
    whole: Box<[u8]>,
    /// So long is the JSON.
    length: usize,
    kind: PhantomData<fn() -> K>,
}

impl<K: Resource<DynamicType = ()> + Serialize> Packed<K> {
    /// Packs it, without what no cache keeps. Beside the pack stand its names, its version, its owners and the label of its deployment alone:
    /// maps of labels and annotations take more than they say.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn of(mut object: K) -> serde_json::Result<Self> {
        prune(object.meta_mut());
        let text = serde_json::to_vec(&object)?;
        let whole = compressed(&text).map_err(serde_json::Error::custom)?;
        Ok(Self { head: head(object.meta_mut()), whole, length: text.len(), kind: PhantomData })
    }
}

fn head(meta: &mut ObjectMeta) -> ObjectMeta {
    let label = meta.labels.as_mut().and_then(|labels| labels.remove_entry(manifest::DEPLOYMENT_LABEL));
    ObjectMeta {
        name: meta.name.take(),
        namespace: meta.namespace.take(),
        uid: meta.uid.take(),
        resource_version: meta.resource_version.take(),
        owner_references: meta.owner_references.take(),
        labels: label.map(|label| [label].into()),
        ..ObjectMeta::default()
    }
}

fn compressed(text: &[u8]) -> std::io::Result<Box<[u8]>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
    encoder.write_all(text)?;
    Ok(encoder.finish()?.into_boxed_slice())
}

impl<K: Resource<DynamicType = ()> + DeserializeOwned> Packed<K> {
    /// The object as it was packed.
    ///
    /// # Errors
    /// Never of what was packed by this program: its text was written from such an object.
    pub fn open(&self) -> Result<K, Error> {
        let unreadable = |error| Error {
            what: format!("reading {} {} in the cache", K::kind(&()), self.name_any()),
            source: Cause::Api(Box::new(kube::Error::SerdeError(error))),
        };
        let mut text = Vec::with_capacity(self.length);
        let read = DeflateDecoder::new(&*self.whole).read_to_end(&mut text);
        read.map_err(|error| unreadable(serde_json::Error::custom(error)))?;
        serde_json::from_slice(&text).map_err(unreadable)
    }
}

impl<K> Indexed<Packed<K>>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug + 'static,
{
    /// The object of this name, opened. One that cannot be, which none is that this program packed, is none.
    pub fn open(&self, namespace: &str, name: &str) -> Option<K> {
        self.get(namespace, name)?.open().ok()
    }

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

    /// Its head.
    fn meta(&self) -> &ObjectMeta {
        &self.head
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1alpha1::TengineDeployment;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    fn object() -> Value {
        let labels = json!({ "a": "b", manifest::DEPLOYMENT_LABEL: "billing" });
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "billing-core", "namespace": "production", "labels": labels, "generation": 3 },
            "spec": { "replicas": 2, "selector": {}, "template": { "spec": { "containers": [{ "name": "tengined" }] } } },
            "status": { "readyReplicas": 1 },
        })
    }

    #[test]
    fn what_is_opened_is_what_was_packed() {
        let deployment: Deployment = serde_json::from_value(object()).unwrap();
        let packed: Packed<Deployment> = serde_json::from_value(object()).unwrap();
        assert_eq!(packed.open().unwrap(), deployment);
        assert_eq!((packed.name_any(), packed.namespace()), ("billing-core".to_owned(), Some("production".to_owned())));
        let label = (manifest::DEPLOYMENT_LABEL.to_owned(), "billing".to_owned());
        assert_eq!(packed.labels(), &[label].into(), "the others are in the pack alone");
    }

    #[test]
    fn what_is_packed_takes_a_fraction_of_its_text() {
        let names = (0..50).map(|number| json!({ "name": format!("TENGINE_SETTING_{number}"), "value": "true" }));
        let mut object = object();
        object["spec"]["template"]["spec"]["containers"][0]["env"] = names.collect();
        let packed: Packed<Deployment> = serde_json::from_value(object.clone()).unwrap();
        assert!(packed.whole.len() * 4 < packed.length, "{} of {}", packed.whole.len(), packed.length);
        assert_eq!(packed.open().unwrap(), serde_json::from_value(object).unwrap());
    }

    #[test]
    fn one_of_our_own_kind_opens_as_it_was() {
        let mut object: Value = serde_json::from_str(include_str!("../../tests/chart/data/deployment.json")).unwrap();
        object["spec"]["strategy"] = json!({ "activeStandby": { "instances": [
            { "id": "a", "tengine": { "database": { "name": "a" } } }, { "id": "b", "tengine": { "cacheDrivers": false } },
        ] } });
        object["status"] = json!({ "observedGeneration": 3, "conditions": [{
            "type": "Ready", "status": "True", "reason": "UpToDate", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }] });
        let deployment: TengineDeployment = serde_json::from_value(object).unwrap();
        let packed = Packed::of(deployment.clone()).unwrap();
        assert_eq!(json!(packed.open().unwrap()), json!(deployment));
    }

    #[test]
    fn what_no_cache_keeps_and_what_cannot_be_read_is_not_packed() {
        let mut applied = object();
        applied["metadata"]["managedFields"] = json!([{ "manager": "kubectl" }]);
        let packed: Packed<Deployment> = serde_json::from_value(applied).unwrap();
        assert_eq!(packed.open().unwrap(), serde_json::from_value(object()).unwrap());
        let mut bad = object();
        bad["spec"]["replicas"] = json!("two");
        assert!(serde_json::from_value::<Packed<Deployment>>(bad).is_err());
    }
}
