//! Renders the Kubernetes objects of a release: one core Deployment, one Deployment for each watcher that is enabled,
//! the `ConfigMap` with their configuration, and the `PodDisruptionBudget` of more cores than one. Pure, and it cannot fail.
//!
//! Guarantees:
//! - The same [`Workload`] gives the same objects, byte by byte. What a pod looks like depends on the release's inputs
//!   and on the content of the Secrets in use, and on nothing else: a release that is made anew restarts nothing.
//! - The pods satisfy Pod Security `restricted`, unless `pod.securityContext` asks for less.
//! - No credential is in any object: they reach the processes from Secrets, by reference.
//! - [`in_sync`] is true for an object that was applied and that nobody changed since, whatever the API server filled in
//!   or wrote in another way.
//!
//! It does not check what the user wrote (labels, quantities, affinities): the API server does when the object is applied.
//!
//! # Versions of rendering
//! A release carries the number of the rules that it was made with ([`RENDERING`] at that time), and is rendered by
//! those rules for as long as it lives, so that a newer operator restarts no pod. Whoever changes what a pod template or
//! a configuration file comes out as adds rules of a new number and keeps the old ones and their golden files as they are.
//! 2 knows the processes as they were seen to run (`script`), its pod templates say nothing of the commit, and its pods go to
//! nodes that the image is made for. By 3, a core that an exception ends says how far it was, and
//! a probe's own question to the broker is not taken for the core's connection. By 4, a core that was told to begin, and does not though its broker
//! is there, is started again.
//! A number that is not known (written by a newer operator) is rendered by the newest rules there are.

mod budget;
mod config;
mod connection;
mod deployment;
mod instance;
mod job;
mod labels;
mod pod;
mod preflight;
mod quantity;
mod script;
mod security;
mod sync;
#[cfg(test)]
mod tests;
mod turn;
mod used;

pub use connection::{ConnectionPod, connection_job};
pub use instance::{instance, leaving_instance, serves_on};
pub use job::{
    CHECK_COMPONENT, CHECK_CONTAINER, CheckPod, check_after, check_begun, check_job, check_scheduled, check_scratch,
    check_timeout,
};
pub use labels::{
    ARCHITECTURE_LABEL, COMMIT_LABEL, COMPONENT_LABEL, DEPLOYMENT_LABEL, DOMAIN, INSTANCE_LABEL, MANAGED_BY_LABEL,
    MANAGER, OS_LABEL, Owner, RELEASE_ANNOTATION, RENDERED_ANNOTATION, SECRETS_ANNOTATION, VERSION_LABEL, selector,
};
pub use pod::{container_name, time_to_end};
pub use preflight::{PreflightPod, load_job, scratch};
pub use script::PACKAGE_MISSING_EXIT_CODE;
pub use sync::{cleared_first, in_sync, pods_in_sync};
pub use turn::{HELD, SERVES, TOLD_ANNOTATION, TURN_LABEL, turn_of, whose_turn};
pub use used::{Read, Use, pull_secrets, used_config_maps, used_secrets};

use crate::api::v1alpha1::{Settings, StrategyType};
use crate::domain::{ChildName, CommitId, Component, KeyHasher, Place, Platform};
use serde_json::{Value, json};

/// The rules of rendering that a new release gets.
pub const RENDERING: i32 = 4;

/// What to render: everything that decides the children's bytes.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// The `TengineDeployment`, which owns the objects.
    pub owner: Owner<'a>,
    /// The release's name: an annotation of the Deployments themselves and never part of a pod template.
    pub release: &'a str,
    /// What is run.
    pub commit: &'a CommitId,
    /// What is run, as `REPOSITORY@DIGEST`.
    pub image: &'a str,
    /// What the image runs on, where that was written down: pods go to such nodes only, by the second rules of rendering.
    pub platform: Option<&'a Platform>,
    /// The release's snapshot.
    pub settings: &'a Settings,
    /// The release's rules of rendering.
    pub rendering: i32,
    /// How many cores; with 0 the watchers stop too.
    pub replicas: i32,
    /// How one release takes the place of another.
    pub strategy: StrategyType,
    /// How many cores more than wanted may run while one release takes the place of another.
    pub surge: Surge,
    /// Whether the cores have a budget of disruptions.
    pub budget: bool,
    /// The turn whose cores that budget is for, where others wait all the time.
    pub guarded: Option<i64>,
    /// Where its cores stand, and whether they wait there.
    pub seat: Seat,
    /// Changes when the content of a Secret or `ConfigMap` in use does; see [`used_secrets`] and [`used_config_maps`].
    pub secrets_hash: &'a str,
}

/// How many cores more than wanted may run while one release takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Surge {
    /// One: it starts alone.
    One,
    /// A quarter of them, rounded up: up to four cores go one by one, and many do not take a start-up time each.
    #[default]
    Quarter,
}

/// Where cores stand. The pods of the default one say nothing of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seat {
    /// The place.
    pub place: Place,
    /// The turn in which its cores consume events, where they have to wait for it.
    pub turn: Option<i64>,
    /// Whether it has not come yet. Then its cores never get ready, and Kubernetes need not wait for that.
    pub waits: bool,
}

/// What a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildKind {
    /// An `apps/v1` Deployment.
    Deployment(Component),
    /// A `v1` `ConfigMap`: immutable, named after its content.
    ConfigMap,
    /// A `policy/v1` PodDisruptionBudget, of the cores.
    PodDisruptionBudget,
    /// A `TengineDeployment`, one of several engines.
    Instance,
}

impl ChildKind {
    /// As Kubernetes calls it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deployment(_) => "Deployment",
            Self::ConfigMap => "ConfigMap",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
            Self::Instance => "TengineDeployment",
        }
    }
}

/// An object to apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// What it is.
    pub kind: ChildKind,
    /// Its name.
    pub name: ChildName,
    /// All of it, as server-side apply wants it.
    pub object: Value,
}

/// The objects of a workload, in the order in which they have to be applied.
pub fn children(workload: &Workload) -> Vec<Child> {
    let files = config::files(workload.rendering, workload.settings);
    let config = config::name(workload.owner.deployment, &files);
    let mut children = vec![child(ChildKind::ConfigMap, config.clone(), config_map(workload, &config, &files))];
    for component in Component::ALL.into_iter().filter(|component| is_enabled(workload.settings, *component)) {
        let name = match component {
            Component::Core => ChildName::of_cores(workload.owner.deployment, workload.seat.place),
            Component::HeartbeatWatchd | Component::Atd => {
                ChildName::of_component(workload.owner.deployment, component)
            }
        };
        let object = deployment::render(workload, component, &name, &config);
        children.push(child(ChildKind::Deployment(component), name, object));
    }
    if workload.budget {
        let name = ChildName::of_budget(workload.owner.deployment);
        let object = budget::render(workload, &name);
        children.push(child(ChildKind::PodDisruptionBudget, name, object));
    }
    children
}

/// The name of the `ConfigMap` of these settings, by these rules.
pub fn config_name(deployment: &str, rendering: i32, settings: &Settings) -> ChildName {
    config::name(deployment, &config::files(rendering, settings))
}

/// Whether the settings ask for the process.
pub fn is_enabled(settings: &Settings, component: Component) -> bool {
    let daemon = match component {
        Component::Core => return true,
        Component::HeartbeatWatchd => &settings.tengine.heartbeat_watchd,
        Component::Atd => &settings.tengine.atd,
    };
    daemon.as_ref().and_then(|daemon| daemon.enabled).unwrap_or(true)
}

fn config_map(workload: &Workload, name: &ChildName, files: &[(&'static str, String)]) -> Value {
    let data: serde_json::Map<_, _> = files.iter().map(|(file, text)| ((*file).to_owned(), json!(text))).collect();
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": labels::metadata(workload.owner, name, &labels::common(workload.owner.deployment)),
        "immutable": true,
        "data": data,
    })
}

/// Adds the fingerprint of all that was rendered. With it, a field that is rendered no longer makes the object differ from
/// the one in the cluster, where it still stands.
fn child(kind: ChildKind, name: ChildName, mut object: Value) -> Child {
    let fingerprint = KeyHasher::default().part("object", object.to_string()).digits();
    object["metadata"]["annotations"][RENDERED_ANNOTATION] = json!(fingerprint);
    Child { kind, name, object }
}
