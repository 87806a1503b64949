//! A container that a webhook puts into the pod, before the core: its trouble is not the commit's, and it hides none.

use crate::repository::{GOOD, Repository};
use crate::runtime::{is_not_blamed, with_line};
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::wait::await_condition;
use crate::webhook::{EXIT_CODE, LABEL, SIDECAR, Sidecar, Webhook};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub const STORIES: &[Story] = &[Story {
    name: "injected",
    cases: &[
        "beside_a_container_that_works_it_serves",
        "one_that_crashes_condemns_no_commit",
        "one_that_crashes_hides_no_commit_that_the_core_refuses",
    ],
    tell: |stage, teller| Box::pin(injected(stage, teller)),
}];

async fn injected(stage: Arc<Stage>, teller: Teller) {
    let webhook = Webhook::open(&stage).await;
    let (td, repository) = (Subject::prepare(&stage, "injected").await, Repository::create(&stage, "injected").await);
    let first = repository.push("Trials", repository.good()).await;
    let serves = async {
        let mut spec = td.spec(&repository);
        spec["pod"]["labels"] = json!({ LABEL: "yes" });
        td.starts(&spec, &first).await;
        let core = only(&td).await;
        assert_eq!(core.spec.as_ref().unwrap().containers[0].name, SIDECAR, "the webhook was asked");
    };
    teller.case("beside_a_container_that_works_it_serves", serves).await;

    let condemned = async {
        let serving = only(&td).await;
        webhook.turn(Sidecar::Crashes);
        let text = GOOD.replace(":trials", ":trials_beside");
        let second = repository.push("Good", repository.files(&[("good.rb", text.as_bytes())])).await;
        let code = format!("exit code {EXIT_CODE}");
        let sign = Sign::new("SidecarFailed", &[SIDECAR, &code, "keeps serving", "Look at that container"]);
        td.says(&sign).await;
        let broken = td.cores().await.into_iter().find(|pod| pod.uid() != serving.uid()).expect("a pod of the second");
        crashed(&td, &broken, 3).await;
        td.says(&sign).await;
        is_not_blamed(&td, &second).await;
        stays(&td, &serving).await;
        // What its maker mended is in the next pod.
        webhook.turn(Sidecar::Stays);
        stage.kubectl(&["delete", "pod", &broken.name_any()]).await;
        td.serves(&second).await;
        is_not_blamed(&td, &second).await;
    };
    teller.case("one_that_crashes_condemns_no_commit", condemned).await;

    let hidden = async {
        webhook.turn(Sidecar::Crashes);
        let serving = only(&td).await;
        let third = repository.push("Trouble", with_line(&repository, "send(:hoge)\n")).await;
        let words = ["odd.rb:1", "NoMethodError", "hoge", "keeps serving", "Push a fix"];
        td.says(&Sign::new("CoreFailed", &words)).await;
        stays(&td, &serving).await;
        webhook.turn(Sidecar::Stays);
        repository.reset(&first).await;
        td.serves(&first).await;
        assert_ne!(third, first);
    };
    teller.case("one_that_crashes_hides_no_commit_that_the_core_refuses", hidden).await;
    stage.kubectl(&["delete", "mutatingwebhookconfiguration", "trials-sidecar"]).await;
}

/// The one core that is ready.
async fn only(td: &Subject) -> Pod {
    let is_ready = |pod: &Pod| container(pod, "tengined").is_some_and(|core| core.ready);
    let all = td.cores().await;
    let mut ready = all.into_iter().filter(|pod| is_ready(pod) && pod.metadata.deletion_timestamp.is_none());
    let (one, more) = (ready.next().expect("a core that is ready"), ready.next());
    assert!(more.is_none(), "{more:?}");
    one
}

fn container<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    pod.status.as_ref()?.container_statuses.iter().flatten().find(|container| container.name == name)
}

/// Waits until its sidecar ended so often, while its core runs.
async fn crashed(td: &Subject, pod: &Pod, times: i32) {
    let is_so = |pod: Option<&Pod>| {
        let ends = pod.and_then(|pod| container(pod, SIDECAR)).map(|container| container.restart_count);
        let loaded = pod.and_then(|pod| container(pod, "tengined")).is_some_and(|core| core.ready);
        loaded && ends.is_some_and(|ends| ends >= times)
    };
    let pods = Api::<Pod>::namespaced(td.stage.client.clone(), SPACE);
    let (name, patience) = (pod.name_any(), Duration::from_mins(4));
    tokio::time::timeout(patience, await_condition(pods, &name, is_so)).await.expect("it crashes").unwrap();
}

/// It was not restarted, and serves.
async fn stays(td: &Subject, pod: &Pod) {
    let now = td.cores().await.into_iter().find(|found| found.uid() == pod.uid()).expect("the pod that served");
    let core = |pod: &Pod| container(pod, "tengined").map(|core| (core.ready, core.restart_count));
    assert_eq!((core(&now), now.metadata.deletion_timestamp), (core(pod), None));
}
