//! Several scopes beside each other: what is shared, and what the trouble of one does not touch.

use super::{Process, Scene, was_live};
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::board::{AtBase, AtSource, Subject};
use crate::controller::context::{Context, Shared};
use crate::controller::index::Indexed;
use crate::controller::observe::Questions;
use crate::controller::packed::Packed;
use crate::controller::reconcile::reconcile;
use crate::controller::watching::Watching;
use crate::controller::{in_hand, oldest, share, take_part};
use crate::domain::Digest;
use crate::lease::Leadership;
use crate::metrics::{Look, Metrics};
use crate::plan::observed::SourceSeen;
use crate::server::{Health, Phase};
use crate::settings::Settings;
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::Status;
use kube::runtime::reflector::{self, store::Writer};
use kube::runtime::watcher::{self, Event};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const A_WHILE: Duration = Duration::from_secs(30);

/// The scope of one namespace.
fn scope(namespace: &str) -> Context {
    let mut context = Scene::new(Vec::new()).context;
    context.watching = Watching::new(Some(namespace), Arc::clone(&context.shared.metrics));
    context
}

/// Its cache of deployments was never filled; as long as what is given back is kept.
fn never_filled(context: &mut Context) -> Writer<Packed<TengineDeployment>> {
    let (store, writer) = reflector::store();
    context.stores.deployments = Indexed::new(store, Arc::default());
    writer
}

/// A watch of it is refused with this code.
async fn fails(context: &Context, kind: &str, code: u16) {
    let status = Status { code, message: "not for you".into(), ..Status::default() };
    let refused = watcher::Error::WatchStartFailed(kube::Error::Api(Box::new(status)));
    let events: Vec<Result<Event<ConfigMap>, _>> = vec![Err(refused)];
    context.watching.observe(kind, stream::iter(events)).collect::<Vec<_>>().await;
}

/// Whether the caches of all that is in reach come to be full.
async fn comes_in_hand(contexts: &[Arc<Context>]) -> bool {
    tokio::time::timeout(A_WHILE, in_hand(contexts)).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_gone_holds_up_nobody() {
    let mut gone = scope("b");
    let _unfilled = never_filled(&mut gone);
    let (gone, there) = (Arc::new(gone), Arc::new(scope("a")));
    assert!(!comes_in_hand(&[Arc::clone(&there), Arc::clone(&gone)]).await, "its list may still come");
    fails(&gone, "TengineDeployment", 403).await;
    assert!(comes_in_hand(&[there, Arc::clone(&gone)]).await);
    assert!(!comes_in_hand(&[gone]).await, "without any, something is wrong");
}

/// What the probe of a leader says after a while.
async fn readiness(contexts: &[Arc<Context>]) -> (Arc<Shared>, Result<(), String>) {
    let shared = Arc::clone(&contexts[0].shared);
    tokio::time::timeout(4 * A_WHILE, take_part(&shared, contexts)).await.expect_err("it never ends");
    assert_eq!(shared.health.phase(), Phase::Leading);
    let ready = shared.health.ready();
    (shared, ready)
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_fails_for_long_makes_the_leader_unready() {
    let context = Arc::new(scope("a"));
    fails(&context, "Pod", 500).await;
    let (_, ready) = readiness(&[context]).await;
    assert_eq!(ready, Err("the watch of Pod in namespace a fails: not for you".into()));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_went_is_nobodys_trouble() {
    let (gone, there) = (Arc::new(scope("b")), Arc::new(scope("a")));
    for kind in ["TengineDeployment", "Pod"] {
        fails(&gone, kind, 403).await;
    }
    assert_eq!(readiness(&[there, gone]).await.1, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_leader_tells_how_old_what_it_goes_by_is() {
    let scene = Scene::new(Vec::new());
    let subject = Subject::of(&scene.desired);
    let git = Questions::of(&scene.context, &scene.object, &scene.desired).await.unwrap().git.unwrap();
    let (context, mut woken) = (Arc::new(scene.context), scene.woken);
    context.board.look(&subject, &git.source);
    context.board.look(&subject, &git.base);
    let seen = SourceSeen::new("refs/heads/main", "a".repeat(40).parse().unwrap());
    context.board.ask::<AtSource, _>(&subject, None, |references, _| async move {
        Ok(references.into_iter().map(|reference| (reference, Ok(seen.clone()))).collect())
    });
    context
        .board
        .ask::<AtBase, _>(&subject, None, |_, _| async { Ok(BTreeMap::from([((), Ok(Digest::of(b"base")))])) });
    for _ in 0..2 {
        woken.next().await.unwrap();
    }
    let contexts = [Arc::new(scope("another")), context];
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    for (what, age) in oldest(&contexts, later) {
        assert!(age >= Duration::from_hours(1), "{what:?}: {age:?}");
    }
    let (shared, _) = readiness(&contexts).await;
    let text = shared.metrics.encode().unwrap();
    for what in [Look::Source, Look::Base] {
        assert!(text.contains(&format!("oldest_answer_age_seconds{{what=\"{what:?}\"}}")), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_are_reconciled_at_one_time_in_all_scopes_together() {
    let scene = Scene::new(Vec::new());
    let process =
        Process { health: Health::default(), metrics: Arc::new(Metrics::new()), leadership: Leadership::of_a_test() };
    let settings = Settings { concurrency: 3, ..Settings::default() };
    let shared = Arc::new(share(scene.script.client(), settings, process).unwrap());
    let others = shared.reconciles.acquire_many(3).await.unwrap();
    let context = Arc::new(Context { shared: Arc::clone(&shared), ..scene.context });
    let mut reconciling = std::pin::pin!(reconcile(Arc::new(was_live(scene.object)), context));
    tokio::time::timeout(A_WHILE, reconciling.as_mut()).await.expect_err("three others are at it");
    scene.script.end();
    drop(others);
    // It goes on: the script knows no answer to what it asks then.
    reconciling.await.unwrap_err();
    assert_eq!(shared.reconciles.available_permits(), 3, "and its place is free again");
}
