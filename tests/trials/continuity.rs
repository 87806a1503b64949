//! One version takes over from another while events keep coming: who handled what, and when, say the cores' own records.

use crate::events::{Stream, are_handled_once, ask, forget, version};
use crate::repository::Repository;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject, container, is_ready};
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "handover",
    cases: &["handed_over", "refused_before_its_turn", "pod_made_anew", "rolled_back"],
    tell: |stage, teller| Box::pin(hand_over(stage, teller)),
}];

/// The longest time between the last event of one version and the first of the next, in seconds: about 2 where nothing else works.
/// That no core starts in it is shown by when they started, not by this.
const GAP: f64 = 30.0;

async fn hand_over(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "handover").await, Repository::create(&stage, "handover").await);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["replicas"] = json!(3);
    spec["strategy"]["type"] = json!("HandOver");
    td.starts(&spec, &first).await;

    let versions = std::sync::Mutex::new(Vec::new());
    let taken_over = async {
        // What an earlier run left.
        forget(&td).await;
        let stream = Stream::of(&td);
        let second = repository.push("Second", version(&repository, "second")).await;
        td.serves(&second).await;
        let fired = stream.ends().await;
        *versions.lock().unwrap() = is_handed_over(&td, fired).await.to_vec();
        td.is_quiet().await;
    };
    teller.case("handed_over", taken_over).await;

    let refused = async {
        let running = td.running().await;
        let sign = Sign::new("CoreFailed", &["NoMethodError", "keeps serving"]);
        repository.push("Trouble", repository.files(&[("odd.rb", b"nil.hoge\n")])).await;
        td.says(&sign).await;
        assert_eq!(td.running().await, running, "what serves is not touched");
    };
    teller.case("refused_before_its_turn", refused).await;

    let anew = async {
        let pod = td.cores().await.into_iter().find_map(|pod| pod.metadata.name).unwrap();
        td.stage.kubectl(&["delete", "pod", &pod]).await;
        td.is_replaced(&pod, 3).await;
        td.until("3 cores", |object| object.status.as_ref().and_then(|status| status.ready_replicas) == Some(3)).await;
    };
    teller.case("pod_made_anew", anew).await;

    let rolled_back = async {
        forget(&td).await;
        let stream = Stream::of(&td);
        let release = td.releases().await;
        let oldest = release.iter().min().unwrap().clone();
        td.decided("RollBack", Some(&oldest)).await;
        let is_back = |object: &tengine_operator::api::v1alpha1::TengineDeployment| {
            object
                .status
                .as_ref()
                .and_then(|status| status.current.as_ref())
                .is_some_and(|current| current.commit == first)
        };
        td.until("the first version", is_back).await;
        let fired = stream.ends().await;
        let [from, to] = is_handed_over(&td, fired).await;
        assert_eq!(versions.lock().unwrap().as_slice(), [to, from], "back to where it came from");
    };
    teller.case("rolled_back", rolled_back).await;
}

/// Each event was handled once, by one version and then by the other, with hardly a pause between them.
async fn is_handed_over(td: &Subject, fired: usize) -> [String; 2] {
    are_handled_once(td, fired).await;
    let order = "select string_agg(dsl_version, ' ' order by since) from (select dsl_version, min(started_at) since from handled_events group by 1) v";
    let order = ask(td, order).await;
    let versions: Vec<String> = order.split_whitespace().map(str::to_owned).collect();
    let versions: [String; 2] = versions.try_into().unwrap_or_else(|found| panic!("not two versions: {found:?}"));
    let gap = format!(
        "select extract(epoch from (select min(started_at) from handled_events where dsl_version = '{}') \
         - (select max(finished_at) from handled_events where dsl_version = '{}'))",
        versions[1], versions[0]
    );
    let gap: f64 = ask(td, &gap).await.trim().parse().unwrap();
    let before = format!(
        "select bool_and(since < (select max(finished_at) from handled_events where dsl_version = '{}')) \
         from unnest('{{{}}}'::timestamptz[]) since",
        versions[0],
        began(td).await.join(",")
    );
    assert_eq!(
        ask(td, &before).await.trim(),
        "t",
        "every core of the next version began while the one before still served"
    );
    eprintln!("{fired} events, {gap:.2} s between the last of one version and the first of the next");
    assert!(gap > 0.0, "two versions handled events at once: {gap}");
    assert!(gap < GAP, "{gap} s without a core");
    versions
}

/// When the cores that are ready began.
async fn began(td: &Subject) -> Vec<String> {
    let since = |pod: Pod| Some(container(&pod)?.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0.to_string());
    let began: Vec<String> = td.cores().await.into_iter().filter(is_ready).filter_map(since).collect();
    assert!(!began.is_empty(), "{}: no core is ready", td.name);
    began
}
