//! A repository over SSH with a deploy key, as a Secret made for Flux has it, and the same with a token; and who asks the operator to look now.

use crate::repository::Repository;
use crate::stage::{Stage, condition, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use reqwest::Method;
use serde_json::json;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;
use tengine_operator::api::v1alpha1::TengineDeployment;

pub const STORIES: &[Story] = &[Story {
    name: "ssh",
    cases: &[
        "a_deploy_key_reads_its_repository",
        "a_host_with_another_key_is_not_asked",
        "put_right_it_goes_on",
        "a_token_alone",
        "looked_at_when_somebody_asks",
    ],
    tell: |stage, teller| Box::pin(ssh(stage, teller)),
}];

async fn ssh(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "ssh").await, Repository::create(&stage, "ssh").await);
    let first = repository.push("First", repository.good()).await;
    let (private, public) = key("ed25519");
    let deploy = json!({ "title": "trials", "key": public.trim(), "read_only": true });
    stage.git_host(Method::POST, &repository.api("keys"), &deploy).await.error_for_status().unwrap();
    let base = env("TENGINE_GIT_SSH");
    let place = base.rsplit_once('@').unwrap().1.to_owned();
    let known = known_hosts(&place);
    let flux = |known: &str| json!({ "identity": private, "identity.pub": public, "known_hosts": known });
    stage.secret("ssh-key", flux(&known)).await;
    let mut spec = td.spec(&repository);
    spec["replicas"] = json!(0);
    let address = repository.url().strip_prefix(&env("TENGINE_GIT_URL")).unwrap().to_owned();
    spec["source"]["git"]["url"] = json!(format!("{base}{address}"));
    spec["source"]["git"]["secretRef"] = json!({ "name": "ssh-key" });

    let reads = async {
        td.create(&spec).await;
        is_made(&td, &first).await;
        let made = format!("tengine.dev/deployment={}", td.name);
        let made = stage.kubectl(&["get", "deployments,replicasets,configmaps", "-l", &made, "-o", "name"]).await;
        assert_eq!(made, "", "nothing is made for cores that nobody wants");
    };
    teller.case("a_deploy_key_reads_its_repository", reads).await;

    let other = async {
        // The right kind of key, and another one.
        let (_, stranger) = key("rsa");
        let stranger = stranger.split(' ').nth(1).unwrap().to_owned();
        let replaced = known.lines().filter(|line| line.contains("ssh-rsa")).map(|line| {
            let (before, _) = line.rsplit_once(' ').unwrap();
            format!("{before} {stranger}\n")
        });
        stage.secret("ssh-key", flux(&replaced.collect::<String>())).await;
        let words = ["known_hosts", &place];
        td.says(&Sign::new("HostKeyMismatch", &words)).await;
        td.is_quiet().await;
    };
    teller.case("a_host_with_another_key_is_not_asked", other).await;

    let mut second = String::new();
    let right = async {
        stage.secret("ssh-key", flux(&known)).await;
        second = repository.push("Second", repository.other(2)).await;
        is_made(&td, &second).await;
    };
    teller.case("put_right_it_goes_on", right).await;

    let token = async {
        stage.secret("ssh-token", json!({ "bearerToken": env("TENGINE_GIT_TOKEN") })).await;
        let git = json!({ "url": repository.url(), "secretRef": { "name": "ssh-token" } });
        td.patch(json!({ "source": { "git": git, "interval": "1h" } })).await;
        is_made(&td, &second).await;
    };
    teller.case("a_token_alone", token).await;

    let asked = async {
        // It would see this one in an hour.
        let third = repository.push("Third", repository.other(3)).await;
        stage.kubectl(&["annotate", "td", &td.name, "tengine.dev/reconcile-at=now", "--overwrite"]).await;
        is_made(&td, &third).await;
    };
    teller.case("looked_at_when_somebody_asks", asked).await;
}

/// Waits until this commit would run, were any cores wanted.
async fn is_made(td: &Subject, commit: &str) {
    let is_so = |object: &TengineDeployment| {
        let next = object.status.as_ref().and_then(|status| status.next.as_ref());
        let stopped =
            condition(object, "Ready").is_some_and(|(status, reason, _)| status == "True" && reason == "Stopped");
        stopped && next.is_some_and(|next| next.commit == commit)
    };
    td.until(&format!("{commit} to be made"), is_so).await;
    td.is_well().await;
}

/// A key pair of this kind: the private half and the public one.
fn key(kind: &str) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-f"]).arg(&file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |file: std::path::PathBuf| std::fs::read_to_string(file).unwrap();
    (read(file.clone()), read(file.with_extension("pub")))
}

/// What `ssh-keyscan` says of the Git host, whose key is one of RSA.
fn known_hosts(place: &str) -> String {
    let (host, port) = place.split_once(':').unwrap();
    let said = Command::new("ssh-keyscan").args(["-p", port, host]).output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains("ssh-rsa"), "{text}");
    text
}
