//! Nodes take no pod for longer than Kubernetes waits, and say so; then one does.

use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::wait::await_condition;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tengine_operator::domain::{ChildName, Component};

pub const STORIES: &[Story] = &[Story {
    name: "room",
    cases: &["a_deadline_that_kubernetes_saw_pass_condemns_nothing", "nor_what_is_pushed_while_it_says_so"],
    tell: |stage, teller| Box::pin(room(stage, teller)),
}];

/// Two deployments wait for a node of their own, until Kubernetes has long given them up.
async fn room(stage: Arc<Stage>, teller: Teller) {
    for name in ["room", "space"] {
        node(&stage, name, false).await;
    }
    let (mut room, mut space) = tokio::join!(given_up(&stage, "room"), given_up(&stage, "space"));

    let first = async {
        let Stuck { td, commit, .. } = &mut room;
        node(&stage, "room", true).await;
        td.serves(commit).await;
        let releases = td.releases().await;
        assert_eq!(releases.len(), 2, "the settings made a release of their own: {releases:?}");
        is_not_blamed(td, commit).await;
    };
    teller.case("a_deadline_that_kubernetes_saw_pass_condemns_nothing", first).await;

    let next = async {
        let Stuck { td, commit, repository } = &mut space;
        let text = crate::repository::GOOD.replace(":trials", ":trials_next");
        let pushed = repository.push("Next", repository.files(&[("good.rb", text.as_bytes())])).await;
        td.until("the next commit in the way of the same", |object| {
            let next = object.status.as_ref().and_then(|status| status.next.as_ref());
            next.is_some_and(|next| next.commit == pushed)
        })
        .await;
        td.says(&Sign::new("Unschedulable", &[&pushed[..7], "keeps serving"])).await;
        node(&stage, "space", true).await;
        td.serves(&pushed).await;
        for commit in [&pushed, commit] {
            is_not_blamed(td, commit).await;
        }
    };
    teller.case("nor_what_is_pushed_while_it_says_so", next).await;
    for name in ["room", "space"] {
        node(&stage, name, false).await;
    }
}

struct Stuck {
    td: Subject,
    repository: Repository,
    commit: String,
}

/// A deployment that serves, and whose next settings no node takes; Kubernetes' own deadline for them has passed.
async fn given_up(stage: &Arc<Stage>, name: &str) -> Stuck {
    let (td, repository) = (Subject::prepare(stage, name).await, Repository::create(stage, name).await);
    let commit = repository.push("Trials", repository.good()).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["progressDeadline"] = json!("45s");
    td.starts(&spec, &commit).await;
    td.patch(json!({ "pod": { "nodeSelector": { label(name): "yes" } } })).await;
    td.says(&Sign::new("Unschedulable", &["node", "keeps serving"])).await;
    let core = ChildName::of_component(name, Component::Core).to_string();
    let deployments = Api::<Deployment>::namespaced(stage.client.clone(), SPACE);
    let passed = await_condition(deployments, &core, |found: Option<&Deployment>| found.is_some_and(has_stopped));
    tokio::time::timeout(Duration::from_mins(5), passed).await.expect("Kubernetes gives it up").unwrap();
    td.says(&Sign::new("Unschedulable", &["node", "keeps serving"])).await;
    Stuck { td, repository, commit }
}

fn has_stopped(deployment: &Deployment) -> bool {
    let conditions = deployment.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Progressing" && condition.status == "False")
}

fn label(name: &str) -> String {
    format!("trials-{name}")
}

/// Whether the nodes are those that pods of this name go to.
async fn node(stage: &Stage, name: &str, is_there: bool) {
    let change = if is_there { format!("{}=yes", label(name)) } else { format!("{}-", label(name)) };
    stage.kubectl(&["label", "nodes", "--all", "--overwrite", &change]).await;
}
