//! Instances that ConfigMaps speak of (`strategy.activeStandby.instancesFrom`).
//!
//! They take the place of those of the spec, before anything is decided: from then on nobody knows where they came from. A ConfigMap that cannot be
//! understood makes the whole spec invalid, and an empty selection does so, too: what runs is left alone. To pass over it would be to say that its
//! engine is not wanted any more.

use super::contents::Engine;
use super::context::Context;
use super::error::Error;
use super::index::owner_key;
use super::references;
use crate::api::v1alpha1::{Instance, TengineDeployment, condition::Reason};
use crate::domain::{Component, DeploymentName};
use crate::plan::observed::{Pod, Upstream};
use crate::plan::people::Words;
use crate::plan::{Desired, Problem};
use jiff::Timestamp;
use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::ResourceExt as _;
use kube::core::{Selector, SelectorExt as _};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The field that says which ConfigMaps.
const FIELD: &str = "spec.strategy.activeStandby.instancesFrom.selector";
/// So many engines may one deployment have, as in the list of the spec.
const MOST: usize = 100;
/// So long may what an engine has of its own be, in bytes: it becomes a part of an object's spec.
const LONGEST: usize = 64 * 1024;
/// So long may an id be.
const LONGEST_ID: usize = 32;

/// The ConfigMaps that instances are taken from, where some are.
pub fn selector(object: &TengineDeployment) -> Option<&LabelSelector> {
    let given = object.spec.strategy.as_ref()?.active_standby.as_ref()?;
    given.instances_from.as_ref().map(|from| &from.selector)
}

/// By this key the deployments of a namespace are found that take instances from its ConfigMaps, and those ConfigMaps that may be taken.
pub fn selects(namespace: &str) -> String {
    format!("ConfigMaps with instances in {namespace}")
}

/// The deployment with the instances that ConfigMaps speak of; as it is, where it names its instances itself, or has none.
///
/// # Errors
/// The API server does not tell what is in a ConfigMap. Problems: nothing can be taken from them, or not all.
pub async fn resolved<'a>(
    context: &Context,
    object: &'a TengineDeployment,
) -> Result<Result<Cow<'a, TengineDeployment>, Vec<Problem>>, Error> {
    let Some(wanted) = selector(object) else { return Ok(Ok(Cow::Borrowed(object))) };
    let namespace = object.namespace().unwrap_or_default();
    let names = match named(context, &namespace, wanted) {
        Ok(names) => names,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let (mut instances, mut problems) = (BTreeMap::<String, (String, Instance)>::new(), Vec::new());
    for name in names {
        match engine(context, &namespace, &name).await? {
            None => {}
            Some(Err(why)) => problems.push(Problem::new(Reason::ConfigMapInvalid, format!("ConfigMap {name}: {why}"))),
            Some(Ok(instance)) => {
                let id = instance.id.clone();
                if let Some((other, _)) = instances.insert(id.clone(), (name.clone(), instance)) {
                    let why = format!("ConfigMap {name}: ConfigMap {other} has the id {id}, too");
                    problems.push(Problem::new(Reason::ConfigMapInvalid, why));
                }
            }
        }
    }
    if instances.is_empty() && problems.is_empty() {
        problems.push(nobody());
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let mut object = object.clone();
    if let Some(given) = object.spec.strategy.as_mut().and_then(|strategy| strategy.active_standby.as_mut()) {
        given.instances = instances.into_values().map(|(_, instance)| instance).collect();
    }
    Ok(Ok(Cow::Owned(object)))
}

/// Of its own instances a deployment sees more than of others: what people have them run, and, where no cores are wanted, whether there are some.
///
/// # Errors
/// Never: this program packed the pods.
pub fn seen(
    context: &Context,
    desired: &Desired,
    mut upstreams: BTreeMap<DeploymentName, Upstream>,
) -> Result<BTreeMap<DeploymentName, Upstream>, Error> {
    for instance in desired.instances().map(|instance| &instance.deployment) {
        let Some(Upstream::Seen(seen)) = upstreams.get_mut(instance) else { continue };
        let own = owner_key(&instance.namespace, &instance.name);
        let actions = context.stores.actions.of(&own);
        seen.pinned = Words::of(actions.iter().map(AsRef::as_ref), &seen.uid).pin;
        seen.has_core_pods = desired.replicas == 0 && context.stores.pods.opened(&own)?.iter().any(is_core);
    }
    Ok(upstreams)
}

/// Whether a pod is one of a core, and has not ended for good.
fn is_core(pod: &v1::Pod) -> bool {
    let pod = Pod::read(pod, &[], Timestamp::now());
    pod.component == Some(Component::Core) && !pod.is_over
}

/// The names of the ConfigMaps, in their order.
fn named(context: &Context, namespace: &str, wanted: &LabelSelector) -> Result<Vec<String>, Problem> {
    let selector = Selector::try_from(wanted.clone())
        .map_err(|error| Problem::new(Reason::InvalidSpec, format!("{FIELD}: {error}")))?;
    if selector.selects_all() {
        let why =
            format!("{FIELD}: give matchLabels or matchExpressions: an empty selector would take every ConfigMap");
        return Err(Problem::new(Reason::InvalidSpec, why));
    }
    let maps = &context.stores.config_maps;
    let here = maps.of(&selects(namespace));
    let mut names: Vec<String> =
        here.iter().filter(|map| selector.matches(map.labels())).map(|map| map.name_any()).collect();
    names.sort();
    match names.len() {
        0 => Err(nobody()),
        many if many > MOST => {
            let why = format!("{FIELD}: {many} ConfigMaps have these labels: at most {MOST} instances");
            Err(Problem::new(Reason::InvalidSpec, why))
        }
        _ => Ok(names),
    }
}

fn nobody() -> Problem {
    let why = format!("{FIELD}: no ConfigMap of this namespace has these labels: make one for each engine");
    Problem::new(Reason::ConfigMapMissing, why)
}

/// What a ConfigMap says, read once for each version of it; `None` where it is gone.
async fn engine(context: &Context, namespace: &str, name: &str) -> Result<Option<Engine>, Error> {
    let version = context.stores.config_map_version(namespace, name);
    let known = &context.shared.contents.engines;
    if let Some(engine) = known.get(namespace, name, &version) {
        return Ok(Some(engine.as_ref().clone()));
    }
    let Some(values) = references::config_map(context, namespace, name).await? else { return Ok(None) };
    let engine = read(name, &values);
    known.put(namespace, name, &version, Arc::new(engine.clone()));
    Ok(Some(engine))
}

fn read(name: &str, values: &BTreeMap<String, Vec<u8>>) -> Engine {
    let text = |key: &str| {
        let value = values.get(key).map(|value| std::str::from_utf8(value));
        value.transpose().map_err(|_| format!("data.{key}: not UTF-8 text"))
    };
    let id = text("id")?.map_or(name, str::trim);
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = id.starts_with(is_word) && id.ends_with(is_word) && id.chars().all(|c| is_word(c) || c == '-');
    if !fits || id.len() > LONGEST_ID {
        let what =
            if values.contains_key("id") { "data.id" } else { "its name, which is the id where data.id is not given" };
        return Err(format!("{what}: use up to {LONGEST_ID} lower-case letters, digits and -"));
    }
    let tengine = text("tengine")?.unwrap_or_default();
    if tengine.len() > LONGEST {
        return Err(format!("data.tengine: longer than {} KiB", LONGEST / 1024));
    }
    if tengine.trim().is_empty() {
        return Err(
            "data.tengine: give what is its own, such as eventQueue.vhost and database.name, as YAML".to_owned()
        );
    }
    let tengine: Map<String, Value> = serde_saphyr::from_str(tengine).map_err(|error| {
        let error = error.to_string();
        format!("data.tengine: {}", error.lines().next().unwrap_or_default())
    })?;
    Ok(Instance { id: id.to_owned(), tengine: Some(tengine) })
}
