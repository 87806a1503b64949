//! Events keep coming while two cores are changed in each way there is: each is handled once. A thousand of them for each way are
//! counted by `hack/bench events`.

use crate::events::{Stream, are_handled_once, forget, version};
use crate::repository::Repository;
use crate::stage::{SPACE, Stage, attempt, condition, run};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Subject};
use crate::wait::await_condition;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, ListParams};
use kube::{Resource as _, ResourceExt};
use serde_json::json;
use std::sync::Arc;
use tengine_operator::api::v1alpha1::TengineDeployment;

pub const STORIES: &[Story] = &[Story {
    name: "streams",
    cases: &[
        "scaled_up_and_down",
        "a_pod_is_deleted",
        "the_operator_is_killed_in_a_roll_out",
        "the_node_is_drained",
        "recreated",
        "rolled_back",
    ],
    tell: |stage, teller| Box::pin(streams(stage, teller)),
}];

async fn streams(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "streams").await, Repository::create(&stage, "streams").await);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["replicas"] = json!(2);
    td.starts(&spec, &first).await;

    teller.case("scaled_up_and_down", streaming(&td, scaled(&td))).await;
    teller.case("a_pod_is_deleted", streaming(&td, deleted(&td))).await;
    let killed = async {
        let second = repository.push("Second", version(&repository, "second")).await;
        td.until("the roll-out", |object| says(object, "RollingOut")).await;
        let pods = ["delete", "pods", "-l", "app.kubernetes.io/name=tengine-operator", "--force", "--grace-period=0"];
        stage.kubectl(&pods).await;
        td.serves(&second).await;
    };
    teller.case("the_operator_is_killed_in_a_roll_out", streaming(&td, killed)).await;
    teller.case("the_node_is_drained", streaming(&td, drained(&td))).await;
    let recreated = async {
        td.patch(json!({ "strategy": { "type": "Recreate" } })).await;
        let third = repository.push("Third", version(&repository, "third")).await;
        td.serves(&third).await;
    };
    teller.case("recreated", streaming(&td, recreated)).await;
    let back = async {
        td.decided("RollBack", Some(&td.release_of(&first).await.name_any())).await;
        td.until("the first version", |object| is_current(object, &first)).await;
    };
    teller.case("rolled_back", streaming(&td, back)).await;
}

/// Does it while events come.
async fn streaming(td: &Subject, change: impl Future<Output = ()>) {
    forget(td).await;
    let stream = Stream::of(td);
    change.await;
    are_handled_once(td, stream.ends().await).await;
}

async fn scaled(td: &Subject) {
    for replicas in [4, 1, 2] {
        td.patch(json!({ "replicas": replicas })).await;
        td.until("so many cores", |object| {
            object.status.as_ref().and_then(|status| status.ready_replicas) == Some(replicas)
        })
        .await;
        td.is_well().await;
    }
}

async fn deleted(td: &Subject) {
    let pod = td.cores().await.first().unwrap().name_any();
    td.stage.kubectl(&["delete", "pod", &pod]).await;
    td.is_replaced(&pod, 2).await;
}

/// The only node: it takes pods again once the first is gone, so that the next may go.
async fn drained(td: &Subject) {
    let nodes = Api::<Node>::all(td.stage.client.clone());
    let node = nodes.list(&ListParams::default()).await.unwrap().items.remove(0).name_any();
    let before: Vec<String> = td.cores().await.iter().map(ResourceExt::name_any).collect();
    let ours = format!("--pod-selector=tengine.dev/deployment={}", td.name);
    let drain = ["drain", &node, &ours, "--delete-emptydir-data", "--timeout=300s"];
    let freed = async {
        let cordoned = |node: Option<&Node>| {
            node.is_some_and(|node| node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true))
        };
        await_condition(nodes.clone(), &node, cordoned).await.unwrap();
        let pods = Api::<Pod>::namespaced(td.stage.client.clone(), SPACE);
        let ends = |pod: Option<&Pod>| pod.is_none_or(|pod| pod.meta().deletion_timestamp.is_some());
        let gone = before.iter().map(|pod| Box::pin(await_condition(pods.clone(), pod, ends)));
        let gone = tokio::time::timeout(PATIENCE, futures::future::select_all(gone)).await;
        // Whatever happened: it is everybody's node.
        run("kubectl", &["uncordon", &node], "").await;
        assert!(gone.is_ok(), "no core is evicted");
    };
    let ((done, told), ()) = tokio::join!(attempt("kubectl", &drain, ""), freed);
    assert!(done, "{told}");
    for pod in before {
        td.is_replaced(&pod, 2).await;
    }
}

fn says(object: &TengineDeployment, reason: &str) -> bool {
    condition(object, "Ready").is_some_and(|(_, said, _)| said == reason)
}

fn is_current(object: &TengineDeployment, commit: &str) -> bool {
    let current = object.status.as_ref().and_then(|status| status.current.as_ref());
    current.is_some_and(|current| current.commit == commit)
}
