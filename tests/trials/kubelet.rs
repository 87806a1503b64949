//! A node whose kubelet no longer does anything: nothing that it runs ends, and nothing starts.

use crate::events::{Stream, answers, ask, forget, version};
use crate::repository::{GOOD, Repository};
use crate::runtime::is_not_blamed;
use crate::stage::{Stage, env};
use crate::standby::one_after_the_other;
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject, is_ready};
use kube::ResourceExt as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub const STORIES: &[Story] = &[
    Story {
        name: "lost",
        cases: &["the_pod_that_a_lost_node_keeps_is_named", "and_all_goes_on_once_it_is_back"],
        tell: |stage, teller| Box::pin(lost(stage, teller)),
    },
    Story {
        name: "silent",
        cases: &["nobody_begins_beside_a_core_that_nobody_hears_of", "the_turn_is_given_again"],
        tell: |stage, teller| Box::pin(silent(stage, teller)),
    },
];

async fn lost(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "lost").await, Repository::create(&stage, "lost").await);
    let first = repository.push("Trials", repository.good()).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["type"] = json!("Recreate");
    spec["pod"]["terminationGracePeriodSeconds"] = json!(5);
    td.starts(&spec, &first).await;
    let pod = td.cores().await.remove(0);
    let (name, node) = (pod.metadata.name.unwrap(), pod.spec.unwrap().node_name.unwrap());

    let stopped = Stopped::kubelet();
    let mut second = String::new();
    let lingers = async {
        let text = GOOD.replace(":trials", ":trials_after");
        second = repository.push("Second", repository.files(&[("good.rb", text.as_bytes())])).await;
        let told = format!("pod {name} was told to end and does not: {node} does not say that it is gone");
        td.says(&Sign::new("PodLingers", &[&second[..7], &told, "Look at the node", "--force --grace-period=0"])).await;
        is_not_blamed(&td, &second).await;
    };
    teller.case("the_pod_that_a_lost_node_keeps_is_named", lingers).await;
    let back = async {
        drop(stopped);
        td.serves(&second).await;
        for commit in [&first, &second] {
            is_not_blamed(&td, commit).await;
        }
        td.is_quiet().await;
    };
    teller.case("and_all_goes_on_once_it_is_back", back).await;
}

/// With `ActiveStandby`, a core on a node that does not answer may be active still: none begins by itself beside it. It goes on handling events
/// all the while, also once it was told to end.
async fn silent(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "silent").await, Repository::create(&stage, "silent").await);
    let commit = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["type"] = json!("ActiveStandby");
    td.starts(&spec, &commit).await;
    td.says(&Sign::new("Succeeded", &["wait to take over"]).of("StandbyReady", "True")).await;
    let serves = td.cores().await.into_iter().find(is_ready).unwrap();
    let (name, node) = (serves.name_any(), serves.spec.unwrap().node_name.unwrap());
    let turn = serves.metadata.labels.unwrap()["tengine.dev/turn"].clone();
    forget(&td).await;
    let stream = Stream::of(&td);
    answers(&td, "select count(*) > 10 from handled_events", "t").await;

    let stopped = Stopped::kubelet();
    let held = async {
        let told = format!("pod {name}: {node} does not answer, so nobody knows whether it serves");
        td.says(&Sign::new("NodeSilent", &[&told, "Look at the node"])).await;
        said(&td, &format!(r#"{{"held":"{turn}"}}"#)).await;
        td.stage.kubectl(&["delete", "pod", &name, "--wait=false"]).await;
        forget(&td).await;
        answers(&td, "select count(*) > 10 from handled_events", "t").await;
        assert_eq!(ask(&td, "select distinct server from handled_events").await.trim(), name);
        said(&td, &format!(r#"{{"held":"{turn}"}}"#)).await;
    };
    teller.case("nobody_begins_beside_a_core_that_nobody_hears_of", held).await;
    let back = async {
        drop(stopped);
        let others = format!("select count(*) > 10 from handled_events where server <> '{name}'");
        answers(&td, &others, "t").await;
        stream.ends().await;
        one_after_the_other(&td).await;
        td.is_well().await;
        td.says(&Sign::new("Succeeded", &["wait to take over"]).of("StandbyReady", "True")).await;
        let serves = td.cores().await.into_iter().find(is_ready).unwrap();
        let turn = serves.metadata.labels.unwrap()["tengine.dev/turn"].clone();
        said(&td, &format!(r#"{{"serves":"{turn}"}}"#)).await;
        td.is_quiet().await;
    };
    teller.case("the_turn_is_given_again", back).await;
}

/// Waits until this is what cores find that are started later.
async fn said(td: &Subject, wanted: &str) {
    let map = format!("tengine.dev/turn,tengine.dev/deployment={}", td.name);
    let mut look = tokio::time::interval(Duration::from_secs(1));
    let mut found = String::new();
    let is_so = async {
        while found != wanted {
            look.tick().await;
            found = td.stage.kubectl(&["get", "configmap", "-l", &map, "-o", "jsonpath={.items[*].data}"]).await;
        }
    };
    let is_so = tokio::time::timeout(PATIENCE, is_so).await;
    assert!(is_so.is_ok(), "{found} and not {wanted}; {}", td.state().await);
}

/// The node's kubelet, which goes on when this is dropped.
struct Stopped(Pid);

impl Stopped {
    fn kubelet() -> Self {
        let file = std::fs::read_to_string(env("TENGINE_KUBELET_PID_FILE")).unwrap();
        let pid = Pid::from_raw(file.split_whitespace().next().unwrap().parse().unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).unwrap();
    }
}
