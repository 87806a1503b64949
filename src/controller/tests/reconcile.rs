//! What becomes of a reconcile that does not come to its end.

use super::server::refuses;
use super::{Caches, Scene, release};
use crate::controller::reconcile::{on_error, steps};
use crate::domain::{ChildName, Component};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_looked_at_again_however_often_and_is_no_failure() {
    let caches = Caches { releases: vec![json!(release(Some("u-1")))], ..Caches::default() };
    let cores = format!("GET deployments/{}", ChildName::of_component("billing", Component::Core));
    let record = "PATCH tenginereleases/billing-0001-aaaaaaa/status";
    let turns =
        (0..9).flat_map(|_| [refuses(&cores, 404, "not found"), refuses(record, 409, "the object has been modified")]);
    let alone = json!({ "tengine": {
        "eventQueue": { "host": "mq" }, "database": { "hosts": ["db:1"], "name": "t" },
        "atd": { "enabled": false }, "heartbeatWatchd": { "enabled": false },
    } });
    let Scene { context, object, script, .. } = Scene::with(caches, &alone, turns.collect());
    let (context, object) = (Arc::new(context), Arc::new(object));
    for _ in 0..9 {
        let error = steps(&object, &context).await.unwrap_err();
        assert!(error.is_stale(), "{}", error.chain());
        on_error(Arc::clone(&object), &error, Arc::clone(&context));
    }
    assert_eq!(context.board.failures("u-1"), 0);
    script.end();
}
