//! The Deployments, ConfigMaps, budgets and instances of a deployment. Caches find them by their labels; what may stand under a name that is
//! needed and lacks them is asked for by that name.

use super::context::Context;
use super::error::{Error, within};
use super::index::owner_key;
use super::neighbours::instance_of;
use crate::api::v1alpha1::{TengineDeployment, TengineRelease, TengineReleaseStatus};
use crate::domain::{ChildName, Component, Place};
use crate::manifest;
use crate::plan::Desired;
use crate::plan::observed::{LiveChild, LiveKind, ReplicaSet};
use crate::plan::releases::Releases;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::discovery::ApiResource;
use kube::{Api, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};

/// All that the deployment has made, and whatever stands under a name that it needs.
///
/// # Errors
/// Where the API server does not say.
pub async fn observe(
    context: &Context,
    desired: &Desired,
    releases: &[TengineRelease],
    (replica_sets, pods): (&[ReplicaSet], &[Pod]),
    has_image: bool,
) -> Result<Vec<LiveChild>, Error> {
    let uid = &desired.uid;
    let mut children = Vec::new();
    let own = owner_key(&desired.namespace, &desired.name);
    for deployment in context.stores.workloads.opened(&own)? {
        children.push(LiveChild::deployment(&deployment, replica_sets, uid));
    }
    for config in context.stores.configs.opened(&own)? {
        children.push(LiveChild::config_map(&config, uid));
    }
    // What has a name we need and lacks a label of ours is not found by it.
    for release in releases {
        let name = manifest::config_name(&desired.name, release.spec.rendering, &release.spec.settings);
        if children.iter().any(|child| child.name == name.as_ref()) {
            continue;
        }
        if let Some(found) = context.stores.config_maps.get(&desired.namespace, name.as_ref()) {
            children.push(LiveChild::config_map(found.as_ref(), uid));
        } else if let Some(found) = context.stores.configs.get(&desired.namespace, name.as_ref()) {
            children.push(LiveChild::config_map(&found.open()?, uid));
        }
    }
    let api: Api<Deployment> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    for name in asked_for(context, desired, (releases, &children, pods)).into_iter().filter(|_| has_image) {
        if children.iter().any(|child| child.name == name.as_ref()) {
            continue;
        }
        let found = within(format!("looking for Deployment {name}"), api.get_opt(name.as_ref())).await?;
        match found {
            Some(found) => children.push(LiveChild::deployment(&found, replica_sets, uid)),
            None => context.board.misses(uid, name.as_ref()),
        }
    }
    children.extend(budgets(context, desired).await?);
    children.extend(instances_of(context, desired)?);
    for child in &mut children {
        child.acknowledged = context.board.acknowledged(uid, &child.name);
    }
    Ok(children)
}

/// What the API server calls objects of a kind.
pub(super) fn resource(kind: LiveKind) -> ApiResource {
    match kind {
        LiveKind::Deployment => ApiResource::erase::<Deployment>(&()),
        LiveKind::ConfigMap => ApiResource::erase::<ConfigMap>(&()),
        LiveKind::PodDisruptionBudget => ApiResource::erase::<PodDisruptionBudget>(&()),
        LiveKind::Instance => ApiResource::erase::<TengineDeployment>(&()),
    }
}

/// The Deployments that are asked for by name, where no cache shows them. Of cores that take turns, one place is empty at rest; of who has no version
/// live yet, or is to run no core and never ran one, nothing may stand anywhere. So only those are where something is known to stand there; and each
/// once more right before it is made.
fn asked_for(
    context: &Context,
    desired: &Desired,
    (releases, children, pods): (&[TengineRelease], &[LiveChild], &[Pod]),
) -> Vec<ChildName> {
    if desired.fleet.is_some() {
        return Vec::new();
    }
    let (uid, settings) = (&desired.uid, desired.settings(None));
    let takes_turns = desired.strategy.takes_turns();
    let is_post = |component: Component| component == Component::Core && takes_turns;
    let had_cores = |status: &TengineReleaseStatus| status.served_at.is_some() || status.verified_at.is_some();
    let mut statuses = releases.iter().filter_map(|release| release.status.as_ref());
    let serves = statuses.any(|status| status.is_live() && (desired.needs_workloads() || had_cores(status)));
    let has_met = |name: &ChildName| context.board.has_met(uid, name.as_ref());
    let is_asked = |(component, name): &(Component, ChildName)| {
        let may_stand = || serves || context.board.acknowledged(uid, name.as_ref()).is_some();
        // What is wanted no more may be in the way of what still serves.
        has_met(name) || manifest::is_enabled(&settings, *component) && may_stand()
    };
    let names = Component::ALL.into_iter().filter(|component| !is_post(*component));
    let names = names.map(|component| (component, ChildName::of_component(&desired.name, component)));
    let names = names.filter(is_asked).map(|(_, name)| name);
    let posts = Place::ALL.map(|place| ChildName::of_cores(&desired.name, place));
    let orphans = takes_turns && have_orphans(&posts, children, pods);
    let posts = posts.into_iter().filter(|name| takes_turns && (orphans || has_met(name)));
    names.chain(posts).collect()
}

/// Whether there are cores of a turn that no Deployment has which caches show: it may have lost the label that they go by.
fn have_orphans(posts: &[ChildName], children: &[LiveChild], pods: &[Pod]) -> bool {
    let is_post = |child: &&LiveChild| posts.iter().any(|name| name.as_ref() == child.name);
    let known: BTreeSet<_> =
        children.iter().filter(is_post).filter_map(|child| Some(child.workload.as_ref()?.turn)).collect();
    let is_core =
        |pod: &&Pod| pod.labels().get(manifest::COMPONENT_LABEL).is_some_and(|of| of == Component::Core.label());
    pods.iter().filter(is_core).any(|pod| !known.contains(&manifest::turn_of(pod.labels())))
}

/// The instances that there are, and whatever has the name of one that is wanted.
fn instances_of(context: &Context, desired: &Desired) -> Result<Vec<LiveChild>, Error> {
    let deployments = &context.stores.deployments;
    let mut found = deployments.opened(&instance_of(&desired.namespace, &desired.uid))?;
    for wanted in desired.instances().map(|instance| &instance.deployment) {
        let is_known = found.iter().any(|known| known.name_any() == wanted.name);
        found.extend(deployments.open(&wanted.namespace, &wanted.name).filter(|_| !is_known));
    }
    Ok(found.iter().map(|instance| LiveChild::instance(instance, &desired.uid)).collect())
}

/// The releases of instances that nothing speaks of any more, or that go: what they serve with is in use until they are gone.
///
/// # Errors
/// Never: this program packed them.
pub fn leaving(
    context: &Context,
    desired: &Desired,
    children: &[LiveChild],
) -> Result<BTreeMap<String, Releases>, Error> {
    let stays = |child: &LiveChild| {
        !child.deleting && desired.instances().any(|instance| instance.deployment.name == child.name)
    };
    let instances = children.iter().filter(|child| child.ours && child.kind == LiveKind::Instance);
    let releases = |child: &LiveChild| {
        let releases = context.stores.releases.opened(&child.seen.uid)?;
        Ok((child.name.clone(), releases.into_iter().collect()))
    };
    instances.filter(|child| !stays(child)).map(releases).collect()
}

/// Budgets of our label, and whatever has the name of the one that is wanted.
async fn budgets(context: &Context, desired: &Desired) -> Result<Vec<LiveChild>, Error> {
    let cached = context.stores.budgets.of(&owner_key(&desired.namespace, &desired.name));
    let mut budgets: Vec<_> = cached.iter().map(|found| LiveChild::budget(found, &desired.uid)).collect();
    let name = ChildName::of_budget(&desired.name);
    if desired.budget && !budgets.iter().any(|budget| budget.name == name.as_ref()) {
        let api: Api<PodDisruptionBudget> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
        let found = within(format!("looking for PodDisruptionBudget {name}"), api.get_opt(name.as_ref())).await?;
        budgets.extend(found.map(|found| LiveChild::budget(&found, &desired.uid)));
    }
    Ok(budgets)
}
