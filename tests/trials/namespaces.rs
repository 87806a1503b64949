//! One of the namespaces that the operator is told to watch is deleted: that is the affair of nobody else.

use crate::repository::GOOD;
use crate::stage::{Stage, run};
use crate::story::{Story, Teller};
use crate::subject::Subject;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "withdrawn",
    cases: &["an_operator_that_starts_without_one_of_its_namespaces_is_ready_and_works"],
    tell: |stage, teller| Box::pin(withdrawn(stage, teller)),
}];

const GONE: &str = "trials-gone";

async fn withdrawn(stage: Arc<Stage>, teller: Teller) {
    let case = async {
        run("kubectl", &["delete", "namespace", GONE, "--ignore-not-found", "--timeout=180s"], "").await;
        run("kubectl", &["create", "namespace", GONE], "").await;
        stage.watches(&[GONE]).await;
        let (td, repository, _) = Subject::healthy(&stage, "withdrawn").await;
        run("kubectl", &["delete", "namespace", GONE, "--timeout=180s"], "").await;
        stage.kubectl(&["rollout", "restart", "deployment/trials-tengine-operator"]).await;
        stage.kubectl(&["rollout", "status", "deployment/trials-tengine-operator", "--timeout=120s"]).await;
        let text = GOOD.replace(":trials", ":trials_still");
        let next = repository.push("Still here", repository.files(&[("good.rb", text.as_bytes())])).await;
        td.serves(&next).await;
        td.is_quiet().await;
        stage.watches(&[]).await;
    };
    teller.case("an_operator_that_starts_without_one_of_its_namespaces_is_ready_and_works", case).await;
}
