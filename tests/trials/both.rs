//! `strategy.activeStandby.standby: Serves`: both places of a pair consume events, and never two versions do. Who handled what, and when, say the
//! cores' own records.

use crate::events::{Stream, answers, are_handled_once, ask, forget, never_at_once, version};
use crate::repository::Repository;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject, is_ready};
use kube::ResourceExt as _;
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "both",
    cases: &["serve", "are_drained_one_after_the_other", "go_on_where_one_is_deleted", "wait_and_join"],
    tell: |stage, teller| Box::pin(both(stage, teller)),
}];

async fn both(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "both").await, Repository::create(&stage, "both").await);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["strategy"] = json!({ "type": "ActiveStandby", "activeStandby": { "standby": "Serves" } });

    let serve = async {
        td.starts(&spec, &first).await;
        both_serve(&td, &first).await;
        forget(&td).await;
        let stream = Stream::of(&td);
        answers(&td, "select count(distinct server) from handled_events", "2").await;
        are_handled_once(&td, stream.ends().await).await;
        td.is_quiet().await;
        let nodes = td.api.get(&td.name).await.unwrap().status.unwrap().nodes.unwrap();
        let active = format!("active main@{}", &first[..7]);
        assert_eq!((nodes.primary, nodes.secondary), (active.clone(), active));
    };
    teller.case("serve", serve).await;

    let drained = async {
        forget(&td).await;
        let stream = Stream::of(&td);
        answers(&td, "select count(*) > 5 from handled_events", "t").await;
        let second = repository.push("Second", version(&repository, "second")).await;
        td.serves(&second).await;
        both_serve(&td, &second).await;
        are_handled_once(&td, stream.ends().await).await;
        let versions = ask(&td, "select count(distinct dsl_version) from handled_events").await;
        assert_eq!(versions.trim(), "2", "events came before and after");
        never_at_once(&td, "dsl_version").await;
        td.is_quiet().await;
    };
    teller.case("are_drained_one_after_the_other", drained).await;

    let deleted = async {
        forget(&td).await;
        let stream = Stream::of(&td);
        answers(&td, "select count(distinct server) from handled_events", "2").await;
        let cores = td.cores().await;
        td.stage.kubectl(&["delete", "pod", &cores[0].name_any(), "--wait=false"]).await;
        let other = cores[1].name_any();
        let more = format!(
            "select count(*) > 10 from handled_events where server = '{other}' and started_at > now() - interval '3 seconds'"
        );
        answers(&td, &more, "t").await;
        are_handled_once(&td, stream.ends().await).await;
        let second = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap().commit;
        both_serve(&td, &second).await;
        assert!(td.cores().await.iter().any(|core| core.name_any() == other), "who served on was left alone");
    };
    teller.case("go_on_where_one_is_deleted", deleted).await;

    let joined = async {
        let second = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap().commit;
        td.patch(json!({ "strategy": { "activeStandby": { "standby": "Waits" } } })).await;
        td.says(&Sign::new("Succeeded", &["wait to take over"]).of("StandbyReady", "True")).await;
        let cores = td.cores().await;
        assert_eq!((cores.len(), cores.iter().filter(|core| is_ready(core)).count()), (2, 1), "{}", td.state().await);
        td.patch(json!({ "strategy": { "activeStandby": { "standby": "Serves" } } })).await;
        both_serve(&td, &second).await;
        let names = |cores: Vec<k8s_openapi::api::core::v1::Pod>| -> Vec<String> {
            cores.iter().map(kube::ResourceExt::name_any).collect()
        };
        assert_eq!(names(td.cores().await), names(cores), "nobody was started anew for that");
    };
    teller.case("wait_and_join", joined).await;
}

/// Two cores, both ready, with this commit.
async fn both_serve(td: &Subject, commit: &str) {
    td.says(
        &Sign::new("Succeeded", &[&commit[..7], "1 of 1 cores serve beside the others"]).of("StandbyReady", "True"),
    )
    .await;
    let cores = td.cores().await;
    assert_eq!((cores.len(), cores.iter().filter(|core| is_ready(core)).count()), (2, 2), "{}", td.state().await);
}
