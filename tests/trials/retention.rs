//! What a registry's retention took before a node pulled it is made again, as the same image.

use crate::repository::{GOOD, Repository};
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::Subject;
use reqwest::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub const STORIES: &[Story] = &[Story {
    name: "pruned",
    cases: &["an_image_that_is_gone_is_made_again_by_its_digest"],
    tell: |stage, teller| Box::pin(pruned(stage, teller)),
}];

async fn pruned(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "pruned").await, Repository::create(&stage, "pruned").await);
    // An image that no node has of an earlier run.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let text = format!("# {now}\n{GOOD}");
    let commit = repository.push("Trials", repository.files(&[("good.rb", text.as_bytes())])).await;
    let case = async {
        let mut spec = td.spec(&repository);
        spec["replicas"] = json!(0);
        td.create(&spec).await;
        td.is_well().await;
        let image = of_release(&td, "{.status.image}").await;
        let (_, digest) = image.split_once('@').expect("an image by digest");
        let at = format!("http://{}/v2/trials/pruned/manifests/{digest}", env("TENGINE_REGISTRY"));
        assert_eq!(stage.http.delete(&at).send().await.unwrap().status(), StatusCode::ACCEPTED);
        assert_eq!(stage.http.head(&at).send().await.unwrap().status(), StatusCode::NOT_FOUND);

        td.patch(json!({ "replicas": 1 })).await;
        let told = "was removed from the registry and";
        td.until(told, |object| {
            let ready = crate::stage::condition(object, "Ready");
            ready.is_some_and(|(_, reason, text)| reason == "ImageGone" && text.contains(told))
        })
        .await;
        let status = td.serves(&commit).await.status.unwrap();
        assert_eq!(status.current.unwrap().image, image, "by the digest that the pods wait for");
        assert_eq!(td.running().await.len(), 1);
        assert!(!of_release(&td, "{.status.imageMadeAt}").await.is_empty(), "the release says when");
        td.is_quiet().await;
    };
    teller.case("an_image_that_is_gone_is_made_again_by_its_digest", case).await;
}

/// A field of its only release.
async fn of_release(td: &Subject, field: &str) -> String {
    let selector = format!("tengine.dev/deployment={}", td.name);
    let path = format!("jsonpath={{range .items[*]}}{field}{{end}}");
    td.stage.kubectl(&["get", "tenginereleases", "-l", &selector, "-o", &path]).await
}
