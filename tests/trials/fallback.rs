//! A commit that the core refuses, after a past that could mislead: what served last serves on.

use crate::repository::Repository;
use crate::runtime::with_line;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject};
use crate::wait::await_condition;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt as _};
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "backtrack",
        cases: &["what_served_last_comes_back_not_what_was_verified_last"],
        tell: |stage, teller| Box::pin(backtrack(stage, teller)),
    },
    Story {
        name: "evicted",
        cases: &["an_evicted_pod_is_made_anew", "and_excuses_no_commit"],
        tell: |stage, teller| Box::pin(evicted(stage, teller)),
    },
];

/// Settings a, then b, then a again, which is the first release again.
async fn backtrack(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "backtrack").await, Repository::create(&stage, "backtrack").await);
    let good = repository.push("Trials", repository.good()).await;
    let label = |letter: &str| json!({ "pod": { "labels": { "settings": letter } } });
    let mut spec = td.spec(&repository);
    spec["pod"]["labels"] = json!({ "settings": "a" });
    let case = async {
        let first = td.starts(&spec, &good).await.status.unwrap().current.unwrap().release;
        td.patch(label("b")).await;
        let second = td.serves(&good).await.status.unwrap().current.unwrap().release;
        assert_ne!(first, second);
        td.patch(label("a")).await;
        let again = td.serves(&good).await.status.unwrap().current.unwrap().release;
        assert_eq!(again, first, "equal settings are one release");
        td.is_quiet().await;
        let before = td.running().await;
        repository.push("Trouble", with_line(&repository, "send(:hoge)\n")).await;
        td.says(&Sign::new("CoreFailed", &["odd.rb:1", "keeps serving", "Push a fix"])).await;
        td.is_quiet().await;
        let current = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap();
        assert_eq!((current.release, td.running().await), (first, before));
        let cores = td.cores().await;
        assert!(cores.iter().all(|pod| pod.labels().get("settings").is_some_and(|letter| letter == "a")));
    };
    teller.case("what_served_last_comes_back_not_what_was_verified_last", case).await;
}

/// Waits until the kubelet has ended it: `Failed`, or `Succeeded` where the core still ended well.
async fn is_over(stage: &Stage, pod: &str) {
    let phase = |pod: Option<&Pod>| pod.and_then(|pod| pod.status.as_ref()?.phase.clone());
    let over = |pod: Option<&Pod>| phase(pod).is_some_and(|phase| ["Failed", "Succeeded"].contains(&phase.as_str()));
    let over = await_condition(Api::<Pod>::namespaced(stage.client.clone(), SPACE), pod, over);
    tokio::time::timeout(PATIENCE, over).await.expect("the kubelet evicts it").unwrap();
}

/// What a pod of it may write; it writes more.
const ROOM: &str = "16Mi";

async fn evicted(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "evicted").await, Repository::create(&stage, "evicted").await);
    let good = repository.push("Trials", repository.good()).await;
    let mut spec = td.spec(&repository);
    spec["pod"]["resources"] = json!({ "limits": { "ephemeral-storage": ROOM } });
    td.starts(&spec, &good).await;

    let evicted = async {
        let pod = td.cores().await[0].name_any();
        let fill = "head -c 48000000 /dev/zero > /tmp/full";
        stage.kubectl(&["exec", &pod, "-c", "tengined", "--", "sh", "-c", fill]).await;
        is_over(&stage, &pod).await;
        td.is_replaced(&pod, 1).await;
        td.serves(&good).await;
        td.is_quiet().await;
        assert_eq!(
            (td.cores().await.len(), td.running().await.len()),
            (2, 1),
            "the evicted pod, and the one in its place"
        );
    };
    teller.case("an_evicted_pod_is_made_anew", evicted).await;

    let excused = async {
        let before = td.running().await;
        repository.push("Trouble", with_line(&repository, "Process.send(:exit!, 1)\n")).await;
        td.says(&Sign::new("CoreFailed", &["ended with exit code 1", "keeps serving", "Push a fix"])).await;
        td.is_quiet().await;
        let current = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap();
        assert_eq!((current.commit, td.running().await), (good.clone(), before));
    };
    teller.case("and_excuses_no_commit", excused).await;
}
