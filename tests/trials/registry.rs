//! The registry does not take the image, or does not give it to the node.

use crate::doors::Writes;
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use kube::api::{Patch, PatchParams};
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "registry",
    cases: &["name_is_none", "push_refused", "pull_refused"],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

async fn tell(stage: Arc<Stage>, teller: Teller) {
    let (td, _repository, _) = Subject::healthy(&stage, "registry").await;
    let repository = |name: String| td.patch(json!({ "image": { "repository": name } }));
    let back = || repository(format!("{}/trials/registry", env("TENGINE_REGISTRY")));

    teller.case("name_is_none", name_is_none(&td)).await;

    let door = &stage.doors[0];
    door.turn(Writes::Refuse);
    // What is there already, of an earlier run too, needs no push.
    let elsewhere = format!("{}/trials/elsewhere-{}", door.address, std::process::id());
    let sign = Sign::new(
        "PushDenied",
        &[&elsewhere, "pushing is not allowed", "closed for stocktaking", "keeps serving", "right to push"],
    );
    teller.case("push_refused", td.told(sign, repository(elsewhere.clone()))).await;

    // The push is tried again by itself; but nodes know nothing of this registry.
    let sign =
        Sign::new("PullFailed", &["pod registry-core-", &elsewhere, "keeps serving", "the node's way to the registry"]);
    teller.case("pull_refused", td.endures(sign, async { door.turn(Writes::Pass) }, back())).await;
}

/// It does not get past the API server.
async fn name_is_none(td: &Subject) {
    let before = td.running().await;
    let patch = Patch::Merge(json!({ "spec": { "image": { "repository": "registry.example.com/Ops/Billing" } } }));
    let error = td.api.patch(&td.name, &PatchParams::default(), &patch).await.unwrap_err().to_string();
    assert!(
        error.contains("spec.image.repository") && error.contains("give HOST/PATH with a lower-case path"),
        "{error}"
    );
    td.is_well().await;
    assert_eq!(td.running().await, before);
}
