//! A train by releases on the Git host: staging takes a pre-release, production what is a full release there.

use crate::repository::{GOOD, Repository};
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub const STORIES: &[Story] = &[Story {
    name: "releases",
    cases: &["full_release", "pre_release", "unticked", "ticked_again", "api_missing", "tag_moved_and_accepted"],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

const FIRST: &str = "release-2026.11.9-7";
const NEXT: &str = "release-2026.11.21-1204";

/// How often the host's pages are looked at.
const LOOKS: Duration = Duration::from_millis(200);

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

    let accepted = async {
        let third = repository.push("Third", repository.other(3)).await;
        let moved = Sign::new("TagMoved", &[NEXT, &third[..7], "keeps serving", "AcceptTag"]);
        production.told(moved, repository.tag(NEXT, &third)).await;
        production.accepts(NEXT, &third).await;
        production.serves(&third).await;
    };
    teller.case("tag_moved_and_accepted", accepted).await;
}

impl Repository {
    /// Makes a release of a tag on this commit, as a person does on the host's page; its address.
    async fn release(&self, stage: &Stage, tag: &str, commit: &str, pre: bool) -> String {
        self.is_known_to_be_filled(stage).await;
        let at = self.api("releases");
        let release = json!({ "tag_name": tag, "target_commitish": commit, "name": tag, "prerelease": pre });
        let made = stage.git_host(Method::POST, &at, &release).await.error_for_status().unwrap();
        let made: Value = made.json().await.unwrap();
        format!("{at}/{}", made["id"])
    }

    /// Waits until the host's pages know of the first push: they learn of it a little later than Git does.
    async fn is_known_to_be_filled(&self, stage: &Stage) {
        let releases = self.api("releases");
        let at = releases.strip_suffix("/releases").unwrap();
        let mut look = tokio::time::interval(LOOKS);
        let known = async {
            loop {
                look.tick().await;
                let told = stage.git_host(Method::GET, at, &Value::Null).await.error_for_status().unwrap();
                if told.json::<Value>().await.unwrap()["empty"] == false {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, known).await.expect("the Git host knows of the push");
    }

    /// Ticks or un-ticks "pre-release" of a release.
    async fn tick(&self, stage: &Stage, release: &str, pre: bool) {
        let ticked = json!({ "prerelease": pre });
        stage.git_host(Method::PATCH, release, &ticked).await.error_for_status().unwrap();
    }
}
