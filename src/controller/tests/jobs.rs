//! Jobs of checks: started once, read where they failed, with Secrets masked.

use super::server::{gives, refuses};
use super::{Caches, Scene, release};
use crate::api::v1alpha1::{TengineDeploymentStatus, condition::Reason};
use crate::controller::execute::execute;
use crate::controller::jobs;
use crate::manifest;
use crate::plan::observed::JobState;
use crate::plan::{Effect, Plan};
use serde_json::{Value, json};
use std::time::Duration;

const NAME: &str = "billing-check-1";

fn job(uid: &str) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "name": NAME, "namespace": "production", "uid": "j-1", "labels": { manifest::DEPLOYMENT_LABEL: "billing" },
            "ownerReferences": [{ "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineRelease", "name": "r", "uid": uid, "controller": true }],
        },
        "spec": { "template": { "spec": { "containers": [] } } },
    })
}

fn failed(uid: &str) -> Value {
    let mut object = job(uid);
    object["status"]["conditions"] =
        json!([{ "type": "Failed", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" }]);
    object
}

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "billing-check-1-x", "namespace": "production", "uid": "p-1", "labels": { manifest::DEPLOYMENT_LABEL: "billing" },
            "ownerReferences": [{ "apiVersion": "batch/v1", "kind": "Job", "name": NAME, "uid": "j-1", "controller": true }],
        },
        "spec": { "containers": [{ "name": "check", "env": [
            { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "token", "key": "token" } } },
        ] }] },
        "status": { "phase": "Failed", "containerStatuses": [{
            "name": "check", "image": "x", "imageID": "x", "ready": false, "restartCount": 0,
            "state": { "terminated": { "exitCode": 3, "reason": "Error", "message": "refused: s3cret-token" } },
        }] },
    })
}

fn owned() -> Value {
    let mut owned = json!(release(Some("u-1")));
    owned["metadata"]["uid"] = json!("r-1");
    owned
}

async fn started(scene: &Scene) -> Result<(), crate::controller::error::Error> {
    let effect = Effect::StartJob { name: NAME.into(), owner: "r-1".into(), object: Box::new(job("r-1")) };
    let plan = Plan { effects: vec![effect], status: TengineDeploymentStatus::default(), next: Duration::from_mins(1) };
    execute(&scene.context, &scene.desired, &scene.questions().await, &plan.effects).await
}

#[tokio::test]
async fn a_job_that_no_cache_has_shown_yet_is_not_started_twice() {
    let scene =
        Scene::new(vec![refuses("POST jobs", 409, "already exists"), gives(&format!("GET jobs/{NAME}"), &job("r-1"))]);
    started(&scene).await.unwrap();
    scene.script.end();
}

#[tokio::test]
async fn a_job_of_somebody_elses_is_a_name_that_is_taken() {
    let scene =
        Scene::new(vec![refuses("POST jobs", 409, "already exists"), gives(&format!("GET jobs/{NAME}"), &job("r-2"))]);
    assert_eq!(started(&scene).await.unwrap_err().reason(), Reason::NameTaken);
    scene.script.end();
}

#[tokio::test]
async fn a_quota_of_jobs_is_said_in_the_api_servers_words() {
    let scene = Scene::new(vec![refuses("POST jobs", 403, "exceeded quota: jobs, used: count/jobs.batch=5")]);
    let error = started(&scene).await.unwrap_err();
    assert_eq!(error.chain(), format!("creating Job {NAME}: exceeded quota: jobs, used: count/jobs.batch=5"));
    scene.script.end();
}

#[tokio::test]
async fn the_log_of_a_failed_check_is_read_once_and_hides_its_secrets() {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "token", "uid": "s-1" }, "data": { "token": "czNjcmV0LXRva2Vu" },
    });
    let caches = Caches {
        secrets: vec![
            json!({ "metadata": { "name": "token", "namespace": "production", "uid": "s-1", "resourceVersion": "1" } }),
        ],
        releases: vec![owned()],
        jobs: vec![
            failed("r-1"),
            {
                let mut other = failed("r-9");
                other["metadata"]["name"] = json!("other");
                other
            },
            {
                let mut own = failed("u-1");
                own["metadata"]["name"] = json!("connection");
                own
            },
        ],
        pods: vec![pod()],
        ..Caches::default()
    };
    let turns =
        vec![gives("GET secrets/token", &secret), refuses("GET pods/billing-check-1-x/log", 404, "the log is gone")];
    let scene = Scene::with(caches, &json!({}), turns);
    let releases = vec![serde_json::from_value(owned()).unwrap()];
    let pods = vec![serde_json::from_value(pod()).unwrap()];
    for _ in 0..2 {
        let seen = jobs::observe(&scene.context, &scene.desired, &releases, &pods).await.unwrap();
        assert_eq!((seen.of_releases.len(), seen.connections.len()), (1, 1), "one is another's");
        assert_eq!(seen.connections[0].name, "connection");
        let JobState::Failed { message, log, .. } = &seen.of_releases[0].state else { panic!("{seen:?}") };
        assert_eq!((message.as_str(), log.as_str()), ("exit code 3", "refused: ***"));
    }
    scene.script.end();
}
