//! `strategy.activeStandby.instances`: several engines that go from version to version in four phases, one of which refuses a version.

use crate::events::{Stream, answers, are_handled_once, ask, forget, never_at_once, version, version_with};
use crate::repository::Repository;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject, container, is_ready};
use crate::wait::eventually;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{Api, ListParams};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tengine_operator::api::v1alpha1::{TengineDeployment, TengineReleaseStatus};

pub const STORIES: &[Story] = &[Story {
    name: "instances",
    cases: &[
        "made",
        "upgraded_but_for_one_that_refuses",
        "taken_up_by_the_next_version_once_it_is_started",
        "left_out",
    ],
    tell: |stage, teller| Box::pin(instances(stage, teller)),
}];

const IDS: [&str; 3] = ["001", "002", "003"];

async fn instances(stage: Arc<Stage>, teller: Teller) {
    let td = Subject::prepare(&stage, "instances").await;
    let repository = Repository::create(&stage, "instances").await;
    let mut engines = Vec::new();
    for id in IDS {
        engines.push(Subject::prepare(&stage, &format!("instances-{id}")).await);
    }
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["environment"] = json!({ "name": "Trials" });
    let mut all: Vec<Value> = engines.iter().map(|own| engine(own, &repository)).collect();
    for watcher in ["heartbeatWatchd", "atd"] {
        all[0]["tengine"][watcher] = json!({ "enabled": true });
    }
    spec["strategy"] = json!({
        "type": "ActiveStandby", "progressDeadline": "2m",
        "activeStandby": { "instances": all, "maxFailed": 1 },
    });

    let made = async {
        td.starts(&spec, &first).await;
        stand(&td, 3, &first).await;
        td.is_quiet().await;
    };
    teller.case("made", made).await;

    let upgraded = async {
        forget(&engines[0]).await;
        let stream = Stream::of(&engines[0]);
        answers(&engines[0], "select count(*) > 5 from handled_events", "t").await;
        let second = repository.push("Second", version_but_for(&repository, "second", "003")).await;
        td.says(&Sign::new("InstancesFailed", &[&second[..7], "2 of 3 instances are well with it", "003: CoreFailed"]))
            .await;
        are_handled_once(&engines[0], stream.ends().await).await;
        never_at_once(&engines[0], "server").await;
        watchers_follow(&td, "001").await;
        let versions = ask(&engines[0], "select count(distinct dsl_version) from handled_events").await;
        assert_eq!(versions.trim(), "2", "events came before and after");
        assert_eq!(words(&td, &second).await, ["Trials_OK"]);
        let serve = serving(&td).await;
        let with = |commit: &str| serve.values().filter(|version| **version == commit[..7]).count();
        assert_eq!((with(&second), with(&first)), (2, 1), "{serve:?}");
        let told: Vec<_> = td.api.get(&td.name).await.unwrap().status.unwrap().instances;
        let phases: Vec<_> = told.iter().map(|line| (line.id.as_str(), line.phase, line.failed)).collect();
        assert_eq!(phases, [("001", 4, false), ("002", 4, false), ("003", 0, true)]);
    };
    teller.case("upgraded_but_for_one_that_refuses", upgraded).await;

    let taken_up = async {
        spec["strategy"]["activeStandby"]["pauseBefore"] = json!(["SwitchOver"]);
        td.patch(json!({ "strategy": spec["strategy"] })).await;
        let before = serving(&td).await;
        let third = repository.push("Third", version(&repository, "third")).await;
        let waits = ["phase 1 of 4", "3 of 3 instances", "phase 2 waits for StartPhase SwitchOver"];
        td.says(&Sign::new("WaitingForStart", &waits).of("Ready", "True")).await;
        assert_eq!((serving(&td).await, words(&td, &third).await), (before, vec!["Trials_Phase1_OK".to_owned()]));
        td.is_done("StartPhase", json!({ "phase": "SwitchOver" })).await;
        td.serves(&third).await;
        stand(&td, 3, &third).await;
    };
    teller.case("taken_up_by_the_next_version_once_it_is_started", taken_up).await;

    let left_out = async {
        spec["strategy"]["activeStandby"]["instances"].as_array_mut().unwrap().pop();
        td.patch(json!({ "strategy": spec["strategy"] })).await;
        let two = || async { of_instances(&td).await.len() == 2 };
        eventually("two instances", two).await;
        td.is_well().await;
    };
    teller.case("left_out", left_out).await;
}

/// The instance that has this subject's queue and database, by the end of its name.
pub fn engine(own: &Subject, repository: &Repository) -> Value {
    let tengine = own.spec(repository)["tengine"].clone();
    json!({
        "id": own.name.rsplit_once('-').unwrap().1,
        "tengine": { "eventQueue": tengine["eventQueue"], "database": tengine["database"] },
    })
}

/// The same definitions, which the cores of one instance refuse to load.
fn version_but_for(repository: &Repository, word: &str, id: &str) -> git2::Oid {
    let refuses = format!("raise 'not for {id}' if ENV['MM_SERVER_NAME'].to_s.start_with?('instances-{id}-')\n");
    version_with(repository, word, ("refuses.rb", &refuses))
}

/// The TengineDeployments of its instances.
pub async fn of_instances(td: &Subject) -> Vec<TengineDeployment> {
    let params = ListParams::default().labels(&format!("tengine.dev/deployment={}", td.name));
    td.api.list(&params).await.unwrap().items
}

/// Of each instance, the core pods.
async fn cores(td: &Subject) -> BTreeMap<String, Vec<Pod>> {
    let pods: Api<Pod> = Api::namespaced(td.stage.client.clone(), td.space());
    let mut cores = BTreeMap::new();
    for instance in of_instances(td).await {
        let labels = format!("tengine.dev/deployment={},app.kubernetes.io/component=core", instance.name_any());
        let found = pods.list(&ListParams::default().labels(&labels)).await.unwrap().items;
        cores.insert(instance.labels()["tengine.dev/instance"].clone(), found);
    }
    cores
}

/// The watchers of this instance are there once for both of its nodes, with the version that serves.
async fn watchers_follow(td: &Subject, id: &str) {
    let all = of_instances(td).await;
    let name = all.iter().find(|instance| instance.labels()["tengine.dev/instance"] == id).unwrap().name_any();
    let pods: Api<Pod> = Api::namespaced(td.stage.client.clone(), td.space());
    let image = |pod: &Pod| container(pod).unwrap().image_id.clone();
    let follow = || async {
        let serves: Vec<_> = cores(td).await[id].iter().filter(|core| is_ready(core)).map(image).collect();
        let mut all = Vec::new();
        for watcher in ["heartbeat-watchd", "atd"] {
            let labels = format!("tengine.dev/deployment={name},app.kubernetes.io/component={watcher}");
            all.push(pods.list(&ListParams::default().labels(&labels)).await.unwrap().items);
        }
        let is_one = |pods: &Vec<Pod>| pods.len() == 1 && is_ready(&pods[0]) && serves == [image(&pods[0])];
        all.iter().all(is_one)
    };
    eventually("one watcher of each kind with the version that serves", follow).await;
}

/// So many instances are ready with this commit, each with a core that serves and one that waits.
pub async fn stand(td: &Subject, number: usize, commit: &str) {
    let all = || async {
        let cores = cores(td).await;
        let pair = |pods: &Vec<Pod>| pods.len() == 2 && pods.iter().filter(|pod| is_ready(pod)).count() == 1;
        let serve = serving(td).await;
        cores.len() == number && cores.values().all(pair) && serve.values().all(|serves| *serves == commit[..7])
    };
    eventually(&format!("{number} instances with {commit}"), all).await;
}

/// By the id of the instance, the commit that it says it serves.
pub async fn serving(td: &Subject) -> BTreeMap<String, String> {
    let serves = |instance: &TengineDeployment| {
        let current = instance.status.as_ref()?.current.as_ref()?;
        Some((instance.labels()["tengine.dev/instance"].clone(), current.commit[..7].to_owned()))
    };
    of_instances(td).await.iter().filter_map(serves).collect()
}

/// The words that the version of this commit has.
pub async fn words(td: &Subject, commit: &str) -> Vec<String> {
    let status = record(td, commit).await.unwrap();
    status.statuses.into_iter().map(|word| word.name).collect()
}

/// The last phase that is over of the version of this commit.
pub async fn phases(td: &Subject, commit: &str) -> i32 {
    record(td, commit).await.and_then(|status| status.phases).map_or(0, |phases| phases.done)
}

/// Which time it is that all instances go through the phases, where it is with the version of this commit.
pub async fn passage(td: &Subject, commit: &str) -> Option<i64> {
    Some(record(td, commit).await?.phases?.passage)
}

async fn record(td: &Subject, commit: &str) -> Option<TengineReleaseStatus> {
    let all = td.all_releases().await;
    all.into_iter().find(|release| release.spec.deployment == td.name && release.spec.commit == commit)?.status
}
