//! What the operator makes is taken, removed or changed by somebody else; and names as long as they may be.

use crate::doors::Writes;
use crate::repository::Repository;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PropagationPolicy};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tengine_operator::domain::{ChildName, Component};

pub const STORIES: &[Story] = &[
    Story {
        name: "names",
        cases: &["deployment_name_taken", "config_map_name_taken"],
        tell: |stage, teller| Box::pin(names(stage, teller)),
    },
    Story {
        name: "children",
        cases: &["config_map_deleted", "deployment_edited", "release_deleted", "deployment_deleted"],
        tell: |stage, teller| Box::pin(children(stage, teller)),
    },
    Story {
        name: "ends",
        cases: &["deleted_while_it_builds", "names_of_63_characters"],
        tell: |stage, teller| Box::pin(ends(stage, teller)),
    },
];

fn core_of(td: &Subject) -> String {
    ChildName::of_component(&td.name, Component::Core).to_string()
}

/// Somebody else's object of a name that the operator needs: never touched, and said.
async fn names(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "names").await, Repository::create(&stage, "names").await);
    let commit = repository.push("Trials", repository.good()).await;
    let (core, spec) = (core_of(&td), td.spec(&repository));
    let deployments = Api::<Deployment>::namespaced(stage.client.clone(), SPACE);
    let taken = async {
        stage.apply(foreign_deployment(&core)).await;
        let before = deployments.get(&core).await.unwrap();
        let sign = Sign::new("NameTaken", &[&format!("Deployment {core} belongs to somebody else"), "never touched"]);
        td.told(sign, td.create(&spec)).await;
        let after = deployments.get(&core).await.unwrap();
        assert_eq!(
            (after.uid(), after.metadata.generation, after.metadata.owner_references),
            (before.uid(), before.metadata.generation, None)
        );
        deployments.delete(&core, &DeleteParams::default()).await.unwrap();
        td.serves(&commit).await;
    };
    teller.case("deployment_name_taken", taken).await;

    let maps = Api::<ConfigMap>::namespaced(stage.client.clone(), SPACE);
    let taken = async {
        let config = ours(&maps, &td).await;
        td.api.delete("names", &DeleteParams::foreground()).await.unwrap();
        gone(&td).await;
        let metadata = json!({ "name": config });
        stage
            .apply(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "mine": "yes" } }))
            .await;
        let sign = Sign::new("NameTaken", &[&format!("ConfigMap {config} belongs to somebody else"), "never touched"]);
        td.told(sign, td.create(&spec)).await;
        let after = maps.get(&config).await.unwrap();
        assert_eq!((after.data.unwrap().len(), after.metadata.owner_references), (1, None));
        maps.delete(&config, &DeleteParams::default()).await.unwrap();
        td.serves(&commit).await;
    };
    teller.case("config_map_name_taken", taken).await;
}

fn foreign_deployment(name: &str) -> Value {
    let labels = json!({ "app": "theirs" });
    let container = json!({ "name": "theirs", "image": "registry.invalid/theirs" });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name },
        "spec": {
            "replicas": 0,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    })
}

/// The name of the ConfigMap that the operator made.
async fn ours(maps: &Api<ConfigMap>, td: &Subject) -> String {
    let selector = format!("tengine.dev/deployment={}", td.name);
    let found = maps.list(&ListParams::default().labels(&selector)).await.unwrap().items;
    found.first().unwrap_or_else(|| panic!("{} has no ConfigMap", td.name)).name_any()
}

/// Waits until the deployment and all that was made for it is gone.
async fn gone(td: &Subject) {
    let kinds = "tenginedeployments,tenginereleases,deployments,replicasets,pods,configmaps";
    let of = ["-l", &format!("tengine.dev/deployment={}", td.name)];
    td.stage.kubectl(&["wait", "--for=delete", &format!("td/{}", td.name), "--timeout=120s"]).await;
    let left = || async { td.stage.kubectl(&[&["get", kinds, "-o", "name"][..], &of].concat()).await };
    until(|| async { left().await.is_empty() }).await;
}

/// What is removed or changed by hand comes back, and what need not be restarted is not.
async fn children(stage: Arc<Stage>, teller: Teller) {
    let (td, _repository, commit) = Subject::healthy(&stage, "children").await;
    let (maps, core) = (Api::<ConfigMap>::namespaced(stage.client.clone(), SPACE), core_of(&td));
    let deployments = Api::<Deployment>::namespaced(stage.client.clone(), SPACE);
    let running = td.running().await;

    let deleted = async {
        let name = ours(&maps, &td).await;
        let uid = maps.get(&name).await.unwrap().uid();
        maps.delete(&name, &DeleteParams::default()).await.unwrap();
        until(|| async { maps.get_opt(&name).await.unwrap().is_some_and(|map| map.uid() != uid) }).await;
        td.is_well().await;
        assert_eq!(td.running().await, running);
        td.is_quiet().await;
    };
    teller.case("config_map_deleted", deleted).await;

    let edited = async {
        let patch = Patch::Merge(json!({ "spec": { "minReadySeconds": 7, "progressDeadlineSeconds": 900 } }));
        deployments.patch(&core, &PatchParams::default(), &patch).await.unwrap();
        until(|| async { deployments.get(&core).await.unwrap().spec.unwrap().progress_deadline_seconds == Some(120) })
            .await;
        td.is_well().await;
        assert_eq!(td.running().await, running);
        td.is_quiet().await;
    };
    teller.case("deployment_edited", edited).await;

    let released = async {
        let before = td.releases().await;
        td.stage.kubectl(&["delete", "tenginerelease", &before[0]]).await;
        until(|| async { td.releases().await.iter().any(|name| *name != before[0]) }).await;
        td.serves(&commit).await;
        assert_eq!((td.releases().await.len(), td.running().await), (1, running.clone()));
        td.is_quiet().await;
    };
    teller.case("release_deleted", released).await;

    let removed = async {
        let params =
            DeleteParams { propagation_policy: Some(PropagationPolicy::Background), ..DeleteParams::default() };
        let uid = deployments.get(&core).await.unwrap().uid();
        deployments.delete(&core, &params).await.unwrap();
        until(|| async { deployments.get_opt(&core).await.unwrap().is_some_and(|found| found.uid() != uid) }).await;
        td.serves(&commit).await;
        td.is_quiet().await;
    };
    teller.case("deployment_deleted", removed).await;
}

/// Asks again until it is so.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asking).await.expect("it comes back within a minute");
}

async fn ends(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "ends").await;
    let commit = repository.push("Trials", repository.good()).await;
    let td = Subject::prepare(&stage, "ends").await;
    teller.case("deleted_while_it_builds", deleted_while_it_builds(&stage, &td, &repository)).await;

    let long = "n".repeat(63);
    let long_names = async {
        let td = Subject { name: long.clone(), ..td.clone() };
        td.create(&Subject { name: "ends".into(), ..td.clone() }.spec(&repository)).await;
        td.serves(&commit).await;
        td.is_quiet().await;
        td.api.delete(&long, &DeleteParams::default()).await.unwrap();
        gone(&td).await;
    };
    teller.case("names_of_63_characters", long_names).await;
}

/// The build ends with it: the registry is left alone, nothing is made and nothing is left.
async fn deleted_while_it_builds(stage: &Stage, td: &Subject, repository: &Repository) {
    let door = &stage.doors[1];
    door.turn(Writes::Hold);
    let mut spec = td.spec(repository);
    spec["image"]["repository"] = json!(format!("{}/trials/ends", door.address));
    td.create(&spec).await;
    let patience = Duration::from_mins(1);
    td.until("a release", |object| object.status.as_ref().is_some_and(|status| status.next.is_some())).await;
    tokio::time::timeout(patience, door.holds(|held| *held > 1)).await.expect("the build's upload is held");
    td.api.delete(&td.name, &DeleteParams::default()).await.unwrap();
    tokio::time::timeout(patience, door.holds(|held| *held == 0)).await.expect("the build ends");
    gone(td).await;
    door.turn(Writes::Pass);
    td.stage.kubectl(&["get", "tenginedeployments"]).await;
    assert!(door.manifests().is_empty(), "{:?}", door.manifests());
}
