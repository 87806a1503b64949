//! `strategy.activeStandby.instancesFrom`: an engine for each ConfigMap with the labels.

use crate::events::version;
use crate::instances::{of_instances, stand};
use crate::repository::Repository;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::wait::eventually;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "customers",
    cases: &["made_of_config_maps", "added", "left_alone_while_one_is_not_understood", "left_out"],
    tell: |stage, teller| Box::pin(customers(stage, teller)),
}];

async fn customers(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "customers").await, Repository::create(&stage, "customers").await);
    let mut engines = Vec::new();
    for id in ["001", "002"] {
        engines.push(Subject::prepare(&stage, &format!("customers-{id}")).await);
    }
    let maps: Api<ConfigMap> = Api::namespaced(stage.client.clone(), SPACE);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["strategy"] = json!({ "type": "ActiveStandby", "activeStandby": {
        "instancesFrom": { "selector": { "matchLabels": { "engines": "customers" } } },
    } });

    let made = async {
        td.create(&spec).await;
        let nobody = "no ConfigMap of this namespace has these labels";
        td.says(&Sign::new("ConfigMapMissing", &[nobody]).of("Ready", "False")).await;
        maps.create(&PostParams::default(), &map("customers-001", &own(&engines[0], &repository))).await.unwrap();
        td.serves(&first).await;
        stand(&td, 1, &first).await;
    };
    teller.case("made_of_config_maps", made).await;

    let added = async {
        let second = map("customers-002", &own(&engines[1], &repository));
        maps.create(&PostParams::default(), &second).await.unwrap();
        stand(&td, 2, &first).await;
        td.is_well().await;
        td.is_quiet().await;
    };
    teller.case("added", added).await;

    let wrong = async {
        let before = pods(&td).await;
        let patch = json!({ "data": { "tengine": "eventQueue: [" } });
        maps.patch("customers-002", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
        td.says(
            &Sign::new("ConfigMapInvalid", &["ConfigMap customers-002: data.tengine", "left alone"])
                .of("Ready", "False"),
        )
        .await;
        assert_eq!(pods(&td).await, before);
        let patch = json!({ "data": { "tengine": own(&engines[1], &repository) } });
        maps.patch("customers-002", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
        td.is_well().await;
        assert_eq!(pods(&td).await, before);
    };
    teller.case("left_alone_while_one_is_not_understood", wrong).await;

    let left_out = async {
        maps.delete("customers-002", &DeleteParams::default()).await.unwrap();
        eventually("one instance", || async { of_instances(&td).await.len() == 1 }).await;
        td.is_well().await;
        maps.delete("customers-001", &DeleteParams::default()).await.unwrap();
        td.says(&Sign::new("ConfigMapMissing", &["left alone"]).of("Ready", "False")).await;
        assert_eq!(of_instances(&td).await.len(), 1, "the last one does not go with its ConfigMap");
    };
    teller.case("left_out", left_out).await;
}

/// What an engine has of its own, as YAML.
fn own(engine: &Subject, repository: &Repository) -> String {
    let tengine: &Value = &engine.spec(repository)["tengine"];
    json!({ "eventQueue": tengine["eventQueue"], "database": tengine["database"] }).to_string()
}

fn map(name: &str, tengine: &str) -> ConfigMap {
    let id = name.rsplit_once('-').unwrap().1;
    serde_json::from_value(json!({
        "metadata": { "name": name, "labels": { "engines": "customers" } },
        "data": { "id": id, "tengine": tengine },
    }))
    .unwrap()
}

/// The instances, by what they are and how often their spec changed.
async fn pods(td: &Subject) -> BTreeSet<(String, Option<i64>)> {
    of_instances(td).await.iter().map(|instance| (instance.name_any(), instance.metadata.generation)).collect()
}
