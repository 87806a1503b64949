//! What a hand-over does to the cluster. Caches may lag behind, so who is still there is asked of the API server itself.

use super::context::Context;
use super::error::{Error, gone_is_fine, within};
use crate::domain::{ChildName, Component};
use crate::manifest::{self, COMPONENT_LABEL, Child, DEPLOYMENT_LABEL};
use crate::plan::Desired;
use crate::plan::observed::{Seen, is_controlled};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::core::PartialObjectMeta;
use kube::{Api, ResourceExt as _};
use serde_json::json;

/// The ConfigMap that says whose turn has come; what it says is a label, too.
type Word = PartialObjectMeta<ConfigMap>;

/// Tells a Deployment to have no cores: the one that was seen, for another one may be what serves by now.
pub async fn stop(context: &Context, desired: &Desired, name: &str, seen: &Seen) -> Result<(), Error> {
    let deployments: Api<Deployment> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let patch = Patch::Merge(json!({
        "metadata": { "uid": seen.uid, "resourceVersion": seen.version }, "spec": { "replicas": 0 },
    }));
    let stopped = within(format!("stopping Deployment {name}"), deployments.patch(name, &params(), &patch)).await;
    gone_is_fine(stopped.map(|_| ()).map_err(Error::of_seen))?;
    tracing::info!(name, "told to end: others wait to take over");
    Ok(())
}

/// The word that there is, whose turn has come.
///
/// # Errors
/// Also where it is somebody else's, such as one that was left by a deployment of the same name: its turn says nothing of this one's.
pub async fn said(context: &Context, desired: &Desired) -> Result<Option<Word>, Error> {
    let maps: Api<ConfigMap> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let name = ChildName::of_turn(&desired.name);
    let found = within(format!("looking at ConfigMap {name}"), maps.get_metadata_opt(name.as_ref())).await?;
    match found {
        Some(word) if !is_controlled(&word, &desired.uid) => Err(Error::taken(format!("ConfigMap {name}"))),
        found => Ok(found),
    }
}

/// Makes the word, where there is none, without what it says: that is written in the place of this very one. What is applied to nothing would take
/// the place of what another replica says meanwhile.
///
/// # Errors
/// Stale where there is one by now.
pub async fn blank(context: &Context, desired: &Desired, word: &Child) -> Result<Seen, Error> {
    let what = format!("creating ConfigMap {}", word.name);
    let maps: Api<ConfigMap> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let mut map: ConfigMap =
        serde_json::from_value(word.object.clone()).map_err(|error| Error::unreadable(&*what, error))?;
    map.data = None;
    map.labels_mut().remove(manifest::TURN_LABEL);
    let params = PostParams { field_manager: Some(manifest::MANAGER.into()), ..PostParams::default() };
    let made = within(what, maps.create(&params, &map)).await.map_err(Error::of_seen)?;
    Ok(Seen::of(&made))
}

/// Whether this is the turn that has come.
pub fn is_said(said: Option<&Word>, turn: i64) -> bool {
    said.is_some_and(|map| manifest::turn_of(map.labels()) == Some(turn))
}

/// Whether the turn has come, or no core of another turn is left, and no later turn was said to have come. Whoever says it after that says it
/// in the place of this very word: a later one that is said meanwhile stays. Where the word was removed, those know that were told: the turn of
/// those has come, and only if several were (both places serve) it is the first of them.
pub async fn may_begin(context: &Context, desired: &Desired, turn: i64, said: Option<&Word>) -> Result<bool, Error> {
    // Nobody was left when it came. Who waits for a later turn is there since.
    if is_said(said, turn) {
        return Ok(true);
    }
    let later = said.is_some_and(|map| manifest::turn_of(map.labels()).is_some_and(|said| said > turn));
    let there = pods(context, desired).await?;
    let told = there.iter().filter_map(|pod| manifest::turn_of(pod.labels()).filter(|turn| knows(pod, *turn))).min();
    let is_said = said.is_some_and(|map| manifest::turn_of(map.labels()).is_some());
    if !is_said && told == Some(turn) {
        return Ok(true);
    }
    let others = there.iter().filter(|pod| !is_of(pod, turn)).count();
    if others > 0 || later {
        tracing::info!(turn, others, later, "cores wait: others are not known to be gone");
    }
    Ok(others == 0 && !later)
}

/// Tells each core of this turn that it has come; those that know it are left alone.
pub async fn tell(context: &Context, desired: &Desired, turn: i64) -> Result<(), Error> {
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    for pod in pods(context, desired).await? {
        if pod.metadata.deletion_timestamp.is_none() && is_of(&pod, turn) && !knows(&pod, turn) {
            tell_one(context, &api, &pod.name_any(), turn).await?;
        }
    }
    Ok(())
}

/// Tells these cores of a turn that it has come, in this order, as long as fewer than `most` of the turn were told: those that end count, and
/// so do those that somebody else told meanwhile.
pub async fn tell_some(
    context: &Context,
    desired: &Desired,
    turn: i64,
    names: &[String],
    most: usize,
) -> Result<(), Error> {
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let there = pods(context, desired).await?;
    let told = there.iter().filter(|pod| is_of(pod, turn) && knows(pod, turn)).count();
    let is_untold = |name: &&String| there.iter().any(|pod| pod.name_any() == **name && !knows(pod, turn));
    for name in names.iter().filter(is_untold).take(most.saturating_sub(told)) {
        tell_one(context, &api, name, turn).await?;
    }
    Ok(())
}

/// Nothing of a pod tells that others were told since they were counted: only who leads knows.
async fn tell_one(context: &Context, api: &Api<Pod>, name: &str, turn: i64) -> Result<(), Error> {
    context.shared.leads("telling a pod that its turn has come")?;
    let annotations = json!({ (manifest::TOLD_ANNOTATION): turn.to_string() });
    let patch = Patch::Merge(json!({ "metadata": { "annotations": annotations } }));
    let told = within(format!("telling pod {name}"), api.patch_metadata(name, &params(), &patch)).await;
    gone_is_fine(told.map(|_| ()))?;
    tracing::info!(pod = name, turn, "told that its turn has come");
    Ok(())
}

fn is_of(pod: &PartialObjectMeta<Pod>, turn: i64) -> bool {
    manifest::turn_of(pod.labels()) == Some(turn)
}

fn knows(pod: &PartialObjectMeta<Pod>, turn: i64) -> bool {
    pod.annotations().get(manifest::TOLD_ANNOTATION).is_some_and(|told| *told == turn.to_string())
}

/// The core pods there are now, but for those that ended for good.
async fn pods(context: &Context, desired: &Desired) -> Result<Vec<PartialObjectMeta<Pod>>, Error> {
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &desired.namespace);
    let labels = format!("{DEPLOYMENT_LABEL}={},{COMPONENT_LABEL}={}", desired.name, Component::Core.label());
    let params = ListParams::default().labels(&labels).fields("status.phase!=Failed,status.phase!=Succeeded");
    Ok(within("listing the cores' pods", api.list_metadata(&params)).await?.items)
}

fn params() -> PatchParams {
    PatchParams { field_manager: Some(manifest::MANAGER.into()), ..PatchParams::default() }
}
