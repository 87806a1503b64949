//! What is kept beside the caches goes with the objects that it is about.

use super::board::Board;
use super::contents;
use super::context::Shared;
use super::keys::{controller, labelled};
use super::packed::Packed;
use crate::api::v1alpha1::TengineDeployment;
use k8s_openapi::api::core::v1::Pod;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::Event;
use kube::{Resource, ResourceExt as _};
use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

/// The board ends what it does for deployments that are gone.
pub fn forget_deployments(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    (scope, known): (Option<&str>, &Store<Packed<TengineDeployment>>),
) -> impl FnMut(&Event<Packed<TengineDeployment>>) + Send + use<> {
    let (shared, board, known) = (Arc::clone(shared), Arc::clone(board), known.clone());
    let scope = scope.map(str::to_owned);
    move |event| match event {
        Event::Delete(gone) => {
            board.forget(&gone.uid().unwrap_or_default());
            shared.contents.forget_deployment(&gone.namespace().unwrap_or_default(), &gone.name_any());
        }
        Event::InitDone => {
            let all = known.state();
            board.keep_only(&all.iter().filter_map(|object| object.uid()).collect());
            let place = |object: &Arc<Packed<TengineDeployment>>| {
                contents::place(&object.namespace().unwrap_or_default(), &object.name_any())
            };
            let places: HashSet<String> = all.iter().map(place).collect();
            shared.contents.keep_deployments(scope.as_deref(), |place| places.contains(place));
        }
        Event::Apply(_) | Event::Init | Event::InitApply(_) => {}
    }
}

pub fn forget_children<K: Resource>(board: &Arc<Board>) -> impl FnMut(&Event<K>) + Send + use<K> {
    let board = Arc::clone(board);
    move |event| {
        if let Event::Delete(gone) = event
            && let Some(owner) = controller(gone).first()
        {
            board.forget_child(owner, &gone.name_any());
        }
    }
}

pub fn forget_pods(
    board: &Arc<Board>,
    deployments: &Store<Packed<TengineDeployment>>,
) -> impl FnMut(&Event<Packed<Pod>>) + Send + use<> {
    let (board, deployments) = (Arc::clone(board), deployments.clone());
    move |event| {
        if let Event::Delete(gone) = event
            && let Some(owner) = labelled(gone).and_then(|owner| deployments.get(&owner))
        {
            board.forget_pod(&owner.uid().unwrap_or_default(), &gone.uid().unwrap_or_default());
        }
    }
}

/// What was read of Secrets and ConfigMaps goes with them.
pub fn forget_contents<K>(
    shared: &Arc<Shared>,
    scope: Option<&str>,
    there: &Store<PartialObjectMeta<K>>,
) -> impl FnMut(&Event<PartialObjectMeta<K>>) + Send + use<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
{
    let (shared, scope, there) = (Arc::clone(shared), scope.map(str::to_owned), there.clone());
    move |event| match event {
        Event::Delete(gone) => {
            shared.contents.forget(&K::kind(&()), &gone.namespace().unwrap_or_default(), &gone.name_any());
        }
        Event::InitDone => shared.contents.keep_only(&K::kind(&()), scope.as_deref(), |namespace, name| {
            there.get(&ObjectRef::new(name).within(namespace)).is_some()
        }),
        Event::Apply(_) | Event::Init | Event::InitApply(_) => {}
    }
}
