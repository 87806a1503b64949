//! A node whose kubelet no longer does anything: nothing that it runs ends, and nothing starts.

use crate::repository::{GOOD, Repository};
use crate::runtime::is_not_blamed;
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "lost",
    cases: &["the_pod_that_a_lost_node_keeps_is_named", "and_all_goes_on_once_it_is_back"],
    tell: |stage, teller| Box::pin(lost(stage, teller)),
}];

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
