//! What the other scopes see: the deployments that gates ask, and those that wait for what a deployment says.

use super::index::{Indexed, is_full};
use super::packed::Packed;
use super::watching::Watching;
use crate::api::v1alpha1::{Strategy, TengineDeployment, TengineRelease};
use crate::domain::DeploymentName;
use crate::plan::Desired;
use crate::plan::observed::{Upstream, UpstreamSeen, is_controlled, trouble};
use futures::channel::mpsc::UnboundedSender;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt as _};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one scope sees, for the others.
pub struct Elsewhere {
    /// A namespace, or with `None` the whole cluster.
    pub namespace: Option<String>,
    /// By what they use, and whom they ask.
    pub deployments: Indexed<Packed<TengineDeployment>>,
    /// By the UID of their deployment.
    pub releases: Indexed<Packed<TengineRelease>>,
    /// How its watches are.
    pub watching: Arc<Watching>,
    /// Wakes a reconcile there.
    pub wake: UnboundedSender<ObjectRef<TengineDeployment>>,
}

impl Elsewhere {
    fn watches(&self, namespace: &str) -> bool {
        self.namespace.as_deref().is_none_or(|watched| watched == namespace)
    }

    fn is_filled(&self) -> bool {
        is_full(self.deployments.store()) && is_full(self.releases.store())
    }
}

/// The deployments whose words count, as far as this one may see them. Only caches are read. Somebody else's with the name of an instance is none.
pub fn observe(desired: &Desired, everywhere: &[Elsewhere]) -> BTreeMap<DeploymentName, Upstream> {
    let others = desired.asks_others().map(|other| (other, None));
    let own = desired.instances().map(|instance| (&instance.deployment, Some(desired.uid.as_str())));
    let all = others.chain(own);
    all.map(|(other, owner)| (other.clone(), look((other, owner), &desired.namespace, everywhere))).collect()
}

/// One with an `owner`, by its UID, is looked for as that one's.
fn look((other, owner): (&DeploymentName, Option<&str>), namespace: &str, everywhere: &[Elsewhere]) -> Upstream {
    let Some(place) = everywhere.iter().find(|place| place.watches(&other.namespace)) else {
        return Upstream::NotWatched;
    };
    let found = place.deployments.open(&other.namespace, &other.name);
    // Of one that is being removed, the releases go one by one.
    let counts = |object: &TengineDeployment| owner.is_none_or(|owner| is_controlled(object, owner));
    let Some(object) = found.filter(|object| object.metadata.deletion_timestamp.is_none() && counts(object)) else {
        // A namespace that is gone is never read.
        let known = place.is_filled() || place.watching.shut_out();
        return if known { Upstream::Missing } else { Upstream::NotRead };
    };
    let environment = object.spec.environment.as_ref();
    let granted = environment.is_some_and(|it| it.grants.iter().any(|grant| grants(grant, namespace)));
    if other.namespace != namespace && !granted {
        return Upstream::NotGranted;
    }
    if !place.is_filled() {
        return Upstream::NotRead;
    }
    let uid = object.uid().unwrap_or_default();
    // Never: this program packed them.
    let Ok(releases) = place.releases.opened(&uid) else { return Upstream::NotRead };
    Upstream::Seen(Box::new(UpstreamSeen {
        environment: environment.map(|it| it.name.clone()),
        releases: releases.into_iter().collect(),
        trouble: trouble(&object),
        pinned: None,
        has_core_pods: false,
        has_phases: object.spec.strategy.as_ref().is_some_and(Strategy::has_instances),
        made: object.metadata.creation_timestamp.as_ref().map(|made| made.0),
        uid,
    }))
}

/// By this key the deployments are found that wait for what another one says.
pub fn asks(other: &DeploymentName) -> String {
    format!("asks {other}")
}

/// A namespace, or the beginning of one with `*` at its end.
fn grants(grant: &str, namespace: &str) -> bool {
    grant.strip_suffix('*').map_or(grant == namespace, |beginning| namespace.starts_with(beginning))
}

/// Wakes the deployments that wait for what `other` says, and the one whose instance it is.
pub fn wake(everywhere: &[Elsewhere], other: &DeploymentName) {
    for place in everywhere {
        if let Some(object) = place.deployments.get(&other.namespace, &other.name) {
            wake_owner(everywhere, object.as_ref());
        }
        for (namespace, name) in place.deployments.find(&asks(other)) {
            // Nobody listens any more when the controller ends.
            let _ = place.wake.unbounded_send(ObjectRef::new(&name).within(&namespace));
        }
    }
}

/// Wakes the deployment whose instance an object is. Which instances it has does not stand in its spec where ConfigMaps speak of them.
pub fn wake_owner<K: Resource>(everywhere: &[Elsewhere], object: &K) {
    let namespace = object.namespace().unwrap_or_default();
    let mut owners = object.meta().owner_references.iter().flatten();
    let Some(owner) = owners.find(|owner| owner.controller == Some(true)) else { return };
    let here = everywhere.iter().filter(|place| place.watches(&namespace));
    for place in here.filter(|place| place.deployments.get(&namespace, &owner.name).is_some()) {
        let _ = place.wake.unbounded_send(ObjectRef::new(&owner.name).within(&namespace));
    }
}

#[cfg(test)]
mod tests {
    use super::grants;

    #[test]
    fn a_grant_is_a_name_or_the_beginning_of_one() {
        for (grant, namespace, granted) in [
            ("production", "production", true),
            ("production", "production-2", false),
            ("prod-*", "prod-eu", true),
            ("prod-*", "prod", false),
            ("*", "anything", true),
            ("pro", "production", false),
        ] {
            assert_eq!(grants(grant, namespace), granted, "{grant} {namespace}");
        }
    }
}
