//! A start, or a fail-over, while the caches fill: nothing is decided by what is not in them yet.

use super::{Caches, Scene};
use crate::controller::context::Stores;
use crate::controller::index::{Index, Indexed};
use crate::controller::reconcile::reconcile;
use crate::lease::Leadership;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, Lookup};
use kube::runtime::watcher::Event;
use rstest::rstest;
use serde_json::json;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// Fills one cache.
type Fill = Box<dyn FnOnce()>;

fn fills<K>(mut writer: Writer<K>) -> Fill
where
    K: Lookup + Clone + Debug + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    Box::new(move || {
        writer.apply_watcher_event(&Event::Init);
        writer.apply_watcher_event(&Event::InitDone);
        // Its watch goes on.
        std::mem::forget(writer);
    })
}

/// Puts an empty cache, whose watch has listed nothing yet, in the place of the one of this name.
macro_rules! emptied {
    ($stores:expr, $field:ident) => {{
        let (store, writer) = reflector::store();
        $stores.$field = Indexed::new(store, Arc::new(Index::default()));
        fills(writer)
    }};
    ($stores:expr, plain $field:ident) => {{
        let (store, writer) = reflector::store();
        $stores.$field = store;
        fills(writer)
    }};
}

#[rstest]
#[case::deployments(|stores: &mut Stores| emptied!(stores, deployments))]
#[case::releases(|stores: &mut Stores| emptied!(stores, releases))]
#[case::actions(|stores: &mut Stores| emptied!(stores, actions))]
#[case::workloads(|stores: &mut Stores| emptied!(stores, workloads))]
#[case::configs(|stores: &mut Stores| emptied!(stores, configs))]
#[case::pods(|stores: &mut Stores| emptied!(stores, pods))]
#[case::jobs(|stores: &mut Stores| emptied!(stores, jobs))]
#[case::budgets(|stores: &mut Stores| emptied!(stores, budgets))]
#[case::replica_sets(|stores: &mut Stores| emptied!(stores, replica_sets))]
#[case::secrets(|stores: &mut Stores| emptied!(stores, plain secrets))]
#[case::config_maps(|stores: &mut Stores| emptied!(stores, config_maps))]
#[case::accounts(|stores: &mut Stores| emptied!(stores, plain accounts))]
#[tokio::test(start_paused = true)]
async fn nothing_is_asked_or_said_before_every_cache_is_full(#[case] empty: fn(&mut Stores) -> Fill) {
    // A Secret that is not there would be told.
    let spec = json!({ "source": { "git": {
        "url": "https://git.example.com/ops/jobs.git", "secretRef": { "name": "billing-git" },
    } } });
    let mut scene = Scene::with(Caches::default(), &spec, Vec::new());
    let fill = empty(&mut scene.context.stores);
    Arc::get_mut(&mut scene.context.shared).unwrap().leadership = Leadership::of_a_test();
    let (object, context) = (Arc::new(scene.object), Arc::new(scene.context));
    let mut reconciling = std::pin::pin!(reconcile(object, context));
    // Time passes only while nobody has anything to do, so who does not wait has asked by then.
    let waited = tokio::time::timeout(Duration::from_secs(5), reconciling.as_mut()).await;
    waited.expect_err("it waits");
    scene.script.end();
    fill();
    // It goes on: the script knows no answer to what it asks then.
    reconciling.await.unwrap_err();
}

#[tokio::test]
async fn all_who_wait_for_a_cache_go_on_when_it_is_full() {
    let mut scene = Scene::new(Vec::new());
    let fill = emptied!(scene.context.stores, pods);
    let context = Arc::new(scene.context);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let context = Arc::clone(&context);
            tokio::spawn(async move { context.stores.filled().await })
        })
        .collect();
    // Each of them waits already.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    fill();
    for waiting in waiting {
        tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it is woken").unwrap();
    }
}
