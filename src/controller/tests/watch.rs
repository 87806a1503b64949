//! What the caches keep of the objects that are watched.

use super::Process;
use crate::controller::board::Board;
use crate::controller::share;
use crate::controller::watch::watch_scope;
use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::server::Health;
use crate::settings::Settings;
use futures::StreamExt as _;
use futures::channel::mpsc;
use kube::Client;
use kube::runtime::controller::Action;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use wiremock::matchers::{any, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const VALUE: &str = "s3cret-value";

/// An API server whose lists have one object each, applied by kubectl, and whose watches say nothing.
async fn api_server() -> MockServer {
    let server = MockServer::start().await;
    let silence = ResponseTemplate::new(200).set_delay(Duration::from_hours(1));
    Mock::given(query_param("watch", "true")).respond_with(silence).with_priority(1).mount(&server).await;
    let applied = format!("{{\"stringData\":{{\"password\":\"{VALUE}\"}}}}");
    let metadata = json!({
        "name": "billing", "namespace": "production", "uid": "u-1", "resourceVersion": "1",
        "annotations": { "kubectl.kubernetes.io/last-applied-configuration": applied },
        "managedFields": [{ "manager": VALUE, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {} }],
    });
    let list =
        |items| json!({ "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items });
    let objects = "/(secrets|configmaps|serviceaccounts|pods|deployments|replicasets)$";
    let one = ResponseTemplate::new(200).set_body_json(list(json!([{ "metadata": metadata }])));
    Mock::given(path_regex(objects)).respond_with(one).with_priority(2).mount(&server).await;
    let none = ResponseTemplate::new(200).set_body_json(list(json!([])));
    Mock::given(any()).respond_with(none).with_priority(9).mount(&server).await;
    server
}

#[tokio::test]
async fn what_kubectl_wrote_down_of_an_object_is_not_kept() {
    let server = api_server().await;
    let client = Client::try_from(kube::Config::new(server.uri().parse().unwrap())).unwrap();
    let process =
        Process { health: Health::default(), metrics: Arc::new(Metrics::new()), leadership: Leadership::default() };
    let shared = Arc::new(share(client, Settings::default(), process).unwrap());
    let board = Board::new(Arc::default(), mpsc::unbounded().0);
    let watched = watch_scope(&shared, Some("production"), &board);
    let still = |_, _| std::future::ready(Ok::<_, Infallible>(Action::await_change()));
    let stores = watched.stores;
    let running = watched.controller.run(still, |_, _: &Infallible, _| Action::await_change(), Arc::new(()));
    let running = tokio::spawn(running.for_each(|_| std::future::ready(())));
    tokio::time::timeout(Duration::from_mins(1), stores.filled()).await.expect("the caches are filled");
    let kept = [
        format!("{:?}", stores.secrets.state()),
        format!("{:?}", stores.config_maps.state()),
        format!("{:?}", stores.accounts.state()),
        format!("{:?}", stores.configs.store().state()),
        format!("{:?}", stores.pods.store().state()),
        format!("{:?}", stores.workloads.store().state()),
        format!("{:?}", stores.replica_sets.store().state()),
    ];
    running.abort();
    for kept in kept {
        assert!(kept.contains("billing") && !kept.contains(VALUE), "{kept}");
    }
}
