//! `observe`: what is seen of the cluster, and what the board knows of the outside.
//!
//! Reads caches; asks the API server only for contents it has not seen before. Never waits for Git or a registry.

use super::context::Context;
use super::error::{Error, within};
use super::{pods, references};
use crate::api::v1alpha1::{TengineDeployment, TengineRelease, condition::Reason};
use crate::domain::{ChildName, Component, KeyHasher};
use crate::manifest;
use crate::plan::observed::{LiveChild, LiveKind, Observed};
use crate::plan::{Desired, Problem};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::reflector::ObjectRef;
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What identifies each question on the board: another question drops the answer and the waiting time.
#[derive(Debug, Clone)]
pub struct Questions {
    pub source: String,
    pub base: String,
    pub push: String,
    pub build: String,
}

impl Questions {
    /// From the spec and the versions of the Secrets it names.
    pub fn of(context: &Context, desired: &Desired) -> Self {
        let version = |secret: Option<&String>| {
            secret.map_or_else(String::new, |name| {
                format!("{name}={}", context.stores.secret_version(&desired.namespace, name))
            })
        };
        let source = &desired.source;
        let git = KeyHasher::default()
            .part("url", source.url.to_string())
            .part("follow", format!("{:?}", source.follow))
            .part("secret", version(source.secret.as_ref()))
            .digits();
        let base = KeyHasher::default()
            .part("reference", desired.base.reference.to_string())
            .part("secret", version(desired.base.secret.as_ref()))
            .digits();
        let push = KeyHasher::default()
            .part("repository", desired.repository.to_string())
            .part("secret", version(desired.push_secret.as_ref()))
            .digits();
        let build = format!("{git}/{base}/{push}/{}", desired.generation);
        Self { source: git, base, push, build }
    }
}

/// Looks at everything.
pub async fn observe(
    context: &Context,
    object: &TengineDeployment,
    desired: &Desired,
    questions: &Questions,
) -> Result<Observed, Error> {
    let board = &context.board;
    let uid = &desired.uid;
    let releases: Vec<TengineRelease> = context
        .stores
        .releases
        .state()
        .iter()
        .filter(|release| is_controlled(release.as_ref(), uid))
        .map(|release| release.as_ref().clone())
        .collect();
    let references = references::observe(context, desired, &releases).await?;
    let pods: Vec<_> = of_deployment(&context.stores.pods.state(), desired);
    let settings = desired.settings(None);
    Ok(Observed {
        references,
        source: board.look(uid, |looks| &mut looks.source, &questions.source),
        base: board.look(uid, |looks| &mut looks.base, &questions.base),
        push: board.look(uid, |looks| &mut looks.push, &questions.push),
        builds: board.builds(uid, &questions.build),
        children: children(context, desired, &releases).await?,
        pods: pods::observe(context, uid, &pods, Some(&settings)).await?,
        neighbours: neighbours(context, object),
        releases,
        status: object.status.clone().unwrap_or_default(),
    })
}

/// Whether the object's controller is the deployment of this UID.
pub(super) fn is_controlled<K: Resource>(object: &K, uid: &str) -> bool {
    object.meta().owner_references.iter().flatten().any(|owner| owner.controller == Some(true) && owner.uid == uid)
}

fn of_deployment<K: Resource + Clone>(all: &[Arc<K>], desired: &Desired) -> Vec<Arc<K>> {
    all.iter()
        .filter(|object| object.namespace().as_deref() == Some(&desired.namespace))
        .filter(|object| object.labels().get(manifest::DEPLOYMENT_LABEL) == Some(&desired.name))
        .cloned()
        .collect()
}

async fn children(context: &Context, desired: &Desired, releases: &[TengineRelease]) -> Result<Vec<LiveChild>, Error> {
    let mut children = Vec::new();
    for deployment in of_deployment(&context.stores.workloads.state(), desired) {
        children.push(live(context, desired, LiveKind::Deployment, deployment.as_ref()));
    }
    for config in of_deployment::<ConfigMap>(&context.stores.configs.state(), desired) {
        children.push(live(context, desired, LiveKind::ConfigMap, config.as_ref()));
    }
    // What has a name we need and lacks our label is not in these caches.
    for release in releases {
        let name = manifest::config_name(&desired.name, release.spec.rendering, &release.spec.settings);
        if children.iter().any(|child| child.name == name.as_ref()) {
            continue;
        }
        let key = ObjectRef::new(name.as_ref()).within(&desired.namespace);
        if let Some(found) = context.stores.config_maps.get(&key) {
            children.push(live(context, desired, LiveKind::ConfigMap, found.as_ref()));
        }
    }
    let api: Api<Deployment> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let settings = desired.settings(None);
    for component in Component::ALL.into_iter().filter(|component| manifest::is_enabled(&settings, *component)) {
        let name = ChildName::of_component(&desired.name, component);
        if children.iter().any(|child| child.name == name.as_ref()) {
            continue;
        }
        let found = within(format!("looking for Deployment {name}"), api.get_opt(name.as_ref())).await?;
        if let Some(found) = found {
            children.push(live(context, desired, LiveKind::Deployment, &found));
        }
    }
    Ok(children)
}

fn live<K: Resource + ResourceExt + Serialize>(
    context: &Context,
    desired: &Desired,
    kind: LiveKind,
    object: &K,
) -> LiveChild {
    let name = object.name_any();
    LiveChild {
        kind,
        ours: is_controlled(object, &desired.uid),
        deleting: object.meta().deletion_timestamp.is_some(),
        object: serde_json::to_value(object).unwrap_or(Value::Null),
        acknowledged: context.board.acknowledged(&desired.uid, &name),
        name,
    }
}

/// Other deployments that use the same queue or database.
fn neighbours(context: &Context, object: &TengineDeployment) -> Vec<Problem> {
    let Some(stores) = context.shared.everywhere.get() else { return Vec::new() };
    let mut found = Vec::new();
    for other in stores.iter().flat_map(kube::runtime::reflector::Store::state) {
        if other.uid() == object.uid() {
            continue;
        }
        let name = format!("{}/{}", other.namespace().unwrap_or_default(), other.name_any());
        if queue(object).is_some() && queue(object) == queue(&other) {
            let message =
                format!("{name} uses the same message broker and virtual host: they take each other's events");
            found.push(Problem::new(Reason::QueueShared, message));
        }
        if databases(object).iter().any(|mine| databases(&other).contains(mine)) {
            let message = format!("{name} uses the same database: they misfile each other's drivers");
            found.push(Problem::new(Reason::DatabaseShared, message));
        }
    }
    found.sort_by(|a, b| a.message.cmp(&b.message));
    found
}

/// Host, port and virtual host.
fn queue(object: &TengineDeployment) -> Option<(String, i32, String)> {
    let queue = object.spec.tengine.event_queue.as_ref()?;
    let host = qualified(&queue.host, object);
    Some((host, queue.port.unwrap_or(5672), queue.vhost.clone().unwrap_or_else(|| "/".into())))
}

/// Each host with the database's name.
fn databases(object: &TengineDeployment) -> Vec<(String, String)> {
    let Some(database) = &object.spec.tengine.database else { return Vec::new() };
    database.hosts.iter().map(|host| (qualified(host, object), database.name.clone())).collect()
}

/// A name without a dot is a Service of the object's own namespace.
fn qualified(host: &str, object: &TengineDeployment) -> String {
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    if name.contains('.') {
        format!("{}:{port}", name.to_ascii_lowercase())
    } else {
        format!("{}.{}:{port}", name.to_ascii_lowercase(), object.namespace().unwrap_or_default())
    }
}
