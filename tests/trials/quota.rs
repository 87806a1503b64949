//! The namespace lets no pod be made: of a check, or of a core.

use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "quota",
    cases: &[
        "one_that_has_no_room_for_the_pod_of_a_test",
        "one_that_has_no_room_for_the_pod_of_the_roll_out",
        "raised_it_goes_on_by_itself",
        "pod_security_lets_no_such_pod_in",
    ],
    tell: |stage, teller| Box::pin(quota(stage, teller)),
}];

/// The priority class of the pods of this story, which the quota is about, and the quota: nobody else's pods count.
const NAME: &str = "trials-quota";

async fn quota(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "quota").await, Repository::create(&stage, "quota").await);
    let first = repository.push("First", repository.good()).await;
    stage.apply(class(&stage).await).await;
    allows(&stage, json!({ "pods": "2" })).await;
    let mut spec = td.spec(&repository);
    let needs = |memory: &str| json!({ "requests": { "memory": memory } });
    let units = json!({ "name": "units", "job": { "command": ["true"], "timeout": "1m", "resources": needs("16Mi") } });
    (spec["pod"]["priorityClassName"], spec["pod"]["resources"]) = (json!(NAME), needs("64Mi"));
    spec["checks"] = json!({ "tests": [units] });
    td.starts(&spec, &first).await;

    let mut second = String::new();
    let tested = async {
        allows(&stage, json!({ "pods": "1" })).await;
        let before = td.running().await;
        second = repository.push("Second", repository.other(2)).await;
        td.says(&Sign::new("PodsRefused", &["units", "no pod is made", "kubectl describe job", "keeps serving"])).await;
        td.is_quiet().await;
        is_not_blamed(&td, &second).await;
        assert_eq!(td.running().await, before, "what ran was touched");
    };
    teller.case("one_that_has_no_room_for_the_pod_of_a_test", tested).await;

    let rolled_out = async {
        let before = td.running().await;
        // For that of the test beside the core that serves, and not for another core.
        allows(&stage, json!({ "pods": "3", "requests.memory": "100Mi" })).await;
        let words = ["exceeded quota", NAME, "requests.memory", "keeps serving", "quotas and policies"];
        td.says(&Sign::new("PodsRefused", &words)).await;
        td.is_quiet().await;
        is_not_blamed(&td, &second).await;
        assert_eq!(td.running().await, before, "what ran was touched");
    };
    teller.case("one_that_has_no_room_for_the_pod_of_the_roll_out", rolled_out).await;

    let raised = async {
        allows(&stage, json!({ "pods": "3", "requests.memory": "1Gi" })).await;
        td.serves(&second).await;
        is_not_blamed(&td, &second).await;
    };
    teller.case("raised_it_goes_on_by_itself", raised).await;

    // The namespace is one of Pod Security `restricted`.
    let context = |context: Value| td.patch(json!({ "checks": null, "pod": { "containerSecurityContext": context } }));
    let words = ["violates PodSecurity", "restricted", "seccompProfile", "keeps serving"];
    let insecure = td.endures(
        Sign::new("PodsRefused", &words),
        context(json!({ "seccompProfile": { "type": "Unconfined" } })),
        context(Value::Null),
    );
    teller.case("pod_security_lets_no_such_pod_in", insecure).await;
    stage.kubectl(&["delete", "resourcequota", NAME]).await;
}

/// It goes with the namespace.
async fn class(stage: &Stage) -> Value {
    let uid = stage.kubectl(&["get", "namespace", SPACE, "-o", "jsonpath={.metadata.uid}"]).await;
    let owner = json!({ "apiVersion": "v1", "kind": "Namespace", "name": SPACE, "uid": uid });
    let metadata = json!({ "name": NAME, "ownerReferences": [owner] });
    let (version, kind) = ("scheduling.k8s.io/v1", "PriorityClass");
    json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "value": 0, "preemptionPolicy": "Never" })
}

/// So much and no more, in the place of what was.
async fn allows(stage: &Stage, hard: Value) {
    let of = json!([{ "scopeName": "PriorityClass", "operator": "In", "values": [NAME] }]);
    let spec = json!({ "hard": hard, "scopeSelector": { "matchExpressions": of } });
    let metadata = json!({ "name": NAME });
    stage.apply(json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec })).await;
}
