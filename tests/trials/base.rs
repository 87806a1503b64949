//! The base image is not there, or is not what it should be.

use crate::repository::GOOD;
use crate::stage::{Stage, env, run};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "base",
    cases: &[
        "base_missing",
        "registry_unreachable",
        "platform_missing",
        "index_in_an_index",
        "package_missing",
        "ruby_too_old",
    ],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

async fn tell(stage: Arc<Stage>, teller: Teller) {
    let (td, repository, _) = Subject::healthy(&stage, "base").await;
    let base = |reference: &str| td.patch(json!({ "image": { "base": { "reference": reference } } }));
    let core = env("TENGINE_CORE_IMAGE");
    let back = || base(&core);

    let missing = format!("{}/trials/nothing:1.0", env("TENGINE_REGISTRY"));
    let sign = Sign::new(
        "BaseImageNotFound",
        &["base image", "trials/nothing", "keeps serving", "Correct image.base.reference"],
    );
    teller.case("base_missing", td.endures(sign, base(&missing), back())).await;

    let nowhere = format!("{}:1/trials/core:1.0", env("TENGINE_HOST"));
    let sign =
        Sign::new("Unreachable", &["base image", &nowhere[..nowhere.len() - 4], "keeps serving", "host and network"]);
    teller.case("registry_unreachable", td.endures(sign, base(&nowhere), back())).await;

    let elsewhere = format!("{}/trials/core-elsewhere:1.0", env("TENGINE_REGISTRY"));
    run("crane", &["mutate", &core, "--set-platform", "linux/s390x", "-t", &elsewhere], "").await;
    let sign =
        Sign::new("PlatformMissing", &["is for linux/s390x, not for linux/", "keeps serving", "Push a base image"]);
    teller.case("platform_missing", td.endures(sign, base(&elsewhere), back())).await;

    teller.case("index_in_an_index", wrapped(&td, &core)).await;
    back().await;

    let broken = env("TENGINE_BROKEN_CORE_IMAGE");
    let sign = Sign::new("PackageMissing", &["has no tengined", "keeps serving", "Give a base image with Tengine"]);
    teller.case("package_missing", td.endures(sign, base(&broken), back())).await;

    // The base of the tests has a newer Ruby than this one says, and takes it.
    let endless = format!("def plain(text) = text\n{GOOD}");
    let commit = repository.push("Endless", repository.files(&[("good.rb", endless.as_bytes())])).await;
    td.serves(&commit).await;
    let aged = format!("{}/trials/core-aged:1.0", env("TENGINE_REGISTRY"));
    run("crane", &["mutate", &core, "--env", "RUBY_VERSION=2.7.8", "-t", &aged], "").await;
    let words = ["good.rb:1:", "Ruby 2.7 cannot read this: a method defined by =", "keeps serving"];
    let sign = Sign::new("DefinitionInvalid", &words);
    teller.case("ruby_too_old", td.endures(sign, base(&aged), back())).await;
}

/// The same image behind an index in an index, whose entries do not say their platform, beside what others attest of it: another
/// release of the same image, which restarts nothing.
async fn wrapped(td: &Subject, core: &str) {
    let (before, releases) = (td.running().await, td.releases().await);
    let (repository, _) = core.rsplit_once(':').unwrap();
    let manifest = run("crane", &["manifest", core], "").await;
    let digest = run("crane", &["digest", core], "").await.trim().to_owned();
    let kind: Value = serde_json::from_str(&manifest).unwrap();
    let image = json!({ "mediaType": kind["mediaType"], "digest": digest, "size": manifest.len() });
    let (inner, inner_digest) = index(td, repository, "inner", std::slice::from_ref(&image)).await;
    let mut attested = image;
    attested["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    attested["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
    let inner = json!({ "mediaType": INDEX, "digest": inner_digest, "size": inner });
    index(td, repository, "outer", &[attested, inner]).await;
    td.patch(json!({ "image": { "base": { "reference": format!("{repository}:trials-outer") } } })).await;
    td.until("another release of it", |object| {
        let current = object.status.as_ref().and_then(|status| status.current.as_ref());
        current.is_some_and(|current| !releases.contains(&current.release))
    })
    .await;
    td.is_well().await;
    assert_eq!(td.running().await, before, "the image is the same");
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Pushes an index of these; says how long it is, and its digest.
async fn index(td: &Subject, repository: &str, name: &str, manifests: &[Value]) -> (usize, String) {
    let body = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string();
    let (host, path) = repository.split_once('/').unwrap();
    let url = format!("http://{host}/v2/{path}/manifests/trials-{name}");
    let length = body.len();
    let pushed = td.stage.http.put(url).header("content-type", INDEX).body(body).send().await.unwrap();
    let pushed = pushed.error_for_status().unwrap();
    (length, pushed.headers()["docker-content-digest"].to_str().unwrap().to_owned())
}
