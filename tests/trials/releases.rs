//! A train by releases on the Git host: staging takes a pre-release, production what is a full release there.

use crate::repository::{GOOD, Repository};
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "releases",
    cases: &["full_release", "pre_release", "unticked", "ticked_again", "api_missing"],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

const FIRST: &str = "release-2026.11.9-7";
const NEXT: &str = "release-2026.11.21-1204";

fn following(mut spec: Value, releases: &Value) -> Value {
    spec["source"]["git"]["ref"] = json!({ "releases": releases });
    spec
}

async fn tell(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "releases").await;
    let [staging, production] = ["releases", "releases-prod"].map(|name| Subject::prepare(&stage, name));
    let (staging, production) = (staging.await, production.await);
    let wanted =
        |stage: &str| json!({ "pattern": "release-*", "order": "Calendar", "provider": "Gitea", "stage": stage });
    let first = repository.push("Trials", repository.good()).await;
    repository.release(&stage, FIRST, &first, false).await;
    let start = async {
        staging.starts(&following(staging.spec(&repository), &wanted("PreRelease")), &first).await;
        production.starts(&following(production.spec(&repository), &wanted("Full")), &first).await;
    };
    teller.case("full_release", start).await;

    let second = repository.push("More", repository.files(&[("other.rb", GOOD.as_bytes())])).await;
    let mut release = String::new();
    let pre = async {
        release = repository.release(&stage, NEXT, &second, true).await;
        staging.serves(&second).await;
        let waits = Sign::new("WaitingForRelease", &[NEXT, "is a pre-release", "un-tick pre-release"]);
        production.told(waits.of("Ready", "True"), async {}).await;
    };
    teller.case("pre_release", pre).await;

    let unticked = async {
        repository.tick(&stage, &release, false).await;
        production.serves(&second).await;
        staging.is_well().await;
    };
    teller.case("unticked", unticked).await;

    let withdrawn = Sign::new("ReleaseWithdrawn", &[NEXT, "is a pre-release", "keeps serving", "Publish it again"]);
    let tick = |pre| repository.tick(&stage, &release, pre);
    teller.case("ticked_again", production.endures(withdrawn, tick(true), tick(false))).await;

    let api = |url: Value| {
        let releases = json!({ "releases": { "apiUrl": url } });
        production.patch(json!({ "source": { "git": { "ref": releases } } }))
    };
    let elsewhere = format!("{}/nothing/api/v1", crate::stage::env("TENGINE_GIT_URL"));
    let sign =
        Sign::new("ReleasesNotFound", &["/nothing/api/v1/repos/", "keeps serving", "Correct provider and apiUrl"]);
    teller.case("api_missing", production.endures(sign, api(json!(elsewhere)), api(Value::Null))).await;
}
