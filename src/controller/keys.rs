//! What caches find objects by.

use super::index::owner_key;
use super::instances;
use super::packed::Packed;
use super::shard::Kept;
use crate::api::v1alpha1::{TengineAction, TengineDeployment, TengineRelease};
use crate::domain::Shard;
use crate::manifest;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt as _};
use std::collections::BTreeSet;

/// The UID of the object's controller.
pub fn controller<K: Resource>(object: &K) -> BTreeSet<String> {
    let owners = object.meta().owner_references.iter().flatten();
    owners.filter(|owner| owner.controller == Some(true)).map(|owner| owner.uid.clone()).collect()
}

/// A release is found by its controller and, like everything that may outlive it, by the name of its deployment.
pub fn of_release(release: &Packed<TengineRelease>) -> BTreeSet<String> {
    let mut keys = controller(release);
    keys.insert(owner_key(&release.namespace().unwrap_or_default(), &deployment_of(release)));
    keys
}

/// The name of a release's deployment.
pub fn deployment_of(release: &Packed<TengineRelease>) -> String {
    // It opens: this program packed it.
    release.open().map(|release| release.spec.deployment).unwrap_or_default()
}

/// The deployment that an action is about, as an index has it.
pub fn of_action(action: &TengineAction) -> BTreeSet<String> {
    [owner_key(&action.namespace().unwrap_or_default(), &action.spec.deployment)].into()
}

/// The deployment that an object's label names, as an index has it.
pub fn labelled_key<K: Resource>(object: &K) -> BTreeSet<String> {
    let key = labelled(object).map(|owner| owner_key(&owner.namespace.unwrap_or_default(), &owner.name));
    key.into_iter().collect()
}

/// The deployment that an object's label names.
pub fn labelled<K: Resource>(object: &K) -> Option<ObjectRef<Packed<TengineDeployment>>> {
    let name = object.meta().labels.as_ref()?.get(manifest::DEPLOYMENT_LABEL)?;
    Some(ObjectRef::new(name).within(object.meta().namespace.as_deref()?))
}

/// ConfigMaps of others that have labels may speak of an instance.
pub fn may_have_an_instance(map: &PartialObjectMeta<ConfigMap>) -> BTreeSet<String> {
    let may = !is_ours(map) && !map.labels().is_empty();
    may.then(|| instances::selects(&map.namespace().unwrap_or_default())).into_iter().collect()
}

/// Those of ours that this shard has in a cache of its own, with what is in them. What only has our labels, such as a copy that a person made, is
/// followed as that of others: who names it hears of it.
pub fn is_among_configs(shard: Shard, map: &PartialObjectMeta<ConfigMap>) -> bool {
    is_ours(map) && !controller(map).is_empty() && Kept::Own(shard).keeps_what_has(&labelled_key(map))
}

fn is_ours(map: &PartialObjectMeta<ConfigMap>) -> bool {
    map.labels().get(manifest::MANAGED_BY_LABEL).is_some_and(|manager| manager == manifest::MANAGER)
}
