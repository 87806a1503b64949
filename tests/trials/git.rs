//! The Git host says no, or nothing; its Secret is not as it should be.

use crate::repository::{GOOD, Repository};
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use kube::api::DeleteParams;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

pub const STORIES: &[Story] = &[Story {
    name: "git",
    cases: &[
        "empty_repository",
        "repository_missing",
        "branch_missing",
        "wrong_password",
        "secret_missing",
        "key_missing",
        "host_unreachable",
        "host_silent",
        "silent_hosts_hold_nobody_up",
    ],
    tell: |stage, teller| Box::pin(tell(stage, teller)),
}];

async fn tell(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "git").await;
    let td = Subject::prepare(&stage, "git").await;
    let spec = td.spec(&repository);
    teller.case("empty_repository", empty_repository(&td, &repository, &spec)).await;

    let url = |url: String| td.patch(json!({ "source": { "git": { "url": url } } }));
    let back = || url(repository.url());
    let nothing = repository.url().replace("trials-git", "trials-nothing");
    let sign = Sign::new(
        "RepositoryNotFound",
        &["trials-nothing.git is not there", "keeps serving", "Correct source.git.url"],
    );
    teller.case("repository_missing", td.endures(sign, url(nothing), back())).await;

    let branch = |name: &str| td.patch(json!({ "source": { "git": { "ref": { "branch": name } } } }));
    let sign = Sign::new("RefNotFound", &["has no branch mian", "did you mean \"main\"", "Correct source.git.ref"]);
    teller.case("branch_missing", td.endures(sign, branch("mian"), branch("main"))).await;

    let login = |password: String| json!({ "username": env("TENGINE_GIT_ADMIN"), "password": password });
    let password = |password: String| stage.secret("git-git", login(password));
    let right = || password(env("TENGINE_GIT_PASSWORD"));
    let sign = Sign::new("AuthenticationFailed", &["refused Secret git-git", "keeps serving", "Update the Secret"]);
    teller.case("wrong_password", td.endures(sign, password("wrong horse".into()), right())).await;

    let remove = async { drop(stage.kubectl(&["delete", "secret", "git-git"]).await) };
    let sign = Sign::new("SecretMissing", &["Secret git-git", "spec.source.git.secretRef", "Create the Secret"]);
    teller.case("secret_missing", td.endures(sign, remove, right())).await;

    let cut = async {
        drop(
            stage
                .kubectl(&[
                    "patch",
                    "secret",
                    "git-git",
                    "--type=json",
                    "-p",
                    r#"[{"op":"remove","path":"/data/password"}]"#,
                ])
                .await,
        );
    };
    let sign = Sign::new(
        "SecretInvalid",
        &["Secret git-git", "spec.source.git.secretRef", "no key password", "Correct the key"],
    );
    teller.case("key_missing", td.endures(sign, cut, right())).await;

    let closed = free_address().await;
    let sign = Sign::new("Unreachable", &[&closed, "cannot be reached", "keeps serving", "look at host and network"]);
    teller.case("host_unreachable", td.endures(sign, url(format!("http://{closed}/a.git")), back())).await;

    let silent = TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let quick = td.patch(json!({ "source": { "timeout": "2s", "git": { "url": format!("http://{address}/a.git") } } }));
    let sign = Sign::new("TimedOut", &[&address, "gave no answer within 2 s", "keeps serving", "raise source.timeout"]);
    let slow = td.patch(json!({ "source": { "timeout": "1m", "git": { "url": repository.url() } } }));
    teller.case("host_silent", td.endures(sign, quick, slow)).await;
    teller.case("silent_hosts_hold_nobody_up", nobody_is_held_up(&td, &repository, &address)).await;
}

/// Looks at hosts that say nothing last as long as they may; a commit elsewhere goes live meanwhile.
async fn nobody_is_held_up(td: &Subject, repository: &Repository, silent: &str) {
    let others = [1, 2, 3].map(|number| Subject { name: format!("mute-{number}"), ..td.clone() });
    for other in &others {
        let mut spec = td.spec(repository);
        spec["source"]["git"]["url"] = json!(format!("http://{silent}/{}.git", other.name));
        (spec["source"]["timeout"], spec["replicas"]) = (json!("5m"), json!(0));
        spec["tengine"]["eventQueue"]["vhost"] = json!(other.name);
        spec["tengine"]["database"]["name"] = json!(other.name);
        other.create(&spec).await;
        other.says(&Sign::new("Progressing", &["looking at Git host"]).of("Ready", "Unknown")).await;
    }
    let commit = repository.push("Meanwhile", repository.files(&[("other.rb", GOOD.as_bytes())])).await;
    td.serves(&commit).await;
    for other in &others {
        other.api.delete(&other.name, &DeleteParams::default()).await.unwrap();
    }
}

async fn empty_repository(td: &Subject, repository: &Repository, spec: &Value) {
    let sign = Sign::new("EmptyRepository", &["trials-git.git is empty", "Push a first commit"]);
    td.told(sign, td.create(spec)).await;
    let commit = repository.push("Trials", repository.good()).await;
    td.serves(&commit).await;
}

/// Where nobody listens.
async fn free_address() -> String {
    TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap().local_addr().unwrap().to_string()
}
