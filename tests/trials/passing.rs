//! A verified commit is told in Git by a bot that is nobody else: a branch goes forward, a tag is put on it, and others go by that tag.

use crate::repository::Repository;
use crate::stage::{Stage, condition, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tengine_operator::api::v1alpha1::TengineDeployment;

pub const STORIES: &[Story] = &[Story {
    name: "passed_on",
    cases: &[
        "a_verified_commit_gets_branch_and_tag",
        "a_deployment_that_follows_the_tags_takes_it",
        "a_protected_branch_is_said_and_what_serves_serves",
        "let_push_it_goes_forward_by_itself",
    ],
    tell: |stage, teller| Box::pin(passed_on(stage, teller)),
}];

/// The bot's name on the Git host, and its password.
const BOT: (&str, &str) = ("trials-bot", "trials-bot-s3cret");

async fn passed_on(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "teller").await, Repository::create(&stage, "passed-on").await);
    bot(&stage, &repository).await;
    stage.secret("teller-bot", json!({ "username": BOT.0, "password": BOT.1 })).await;
    let first = repository.push("First", repository.good()).await;
    let mut spec = td.spec(&repository);
    let wanted =
        json!({ "branch": "release", "tag": "test-{{date}}-{{number}}", "secretRef": { "name": "teller-bot" } });
    spec["promotion"] = json!({ "onVerified": wanted });
    let told = async {
        td.starts(&spec, &first).await;
        td.until("branch and tag", |object| passed(object, "True Succeeded", &first[..7])).await;
        assert_eq!(repository.at(&stage, "branches/release").await, first);
        let release = td.release_of(&first).await.status.unwrap();
        let tag = release.passed_on.unwrap().tag.unwrap();
        assert!(tag.starts_with("test-20") && tag.ends_with("-1"), "{tag}");
        assert_eq!(repository.at(&stage, &format!("tags/{tag}")).await, first);
        td.is_quiet().await;
    };
    teller.case("a_verified_commit_gets_branch_and_tag", told).await;

    let train = Subject::prepare(&stage, "train").await;
    let taken = async {
        let mut spec = train.spec(&repository);
        spec["source"]["git"]["ref"] = json!({ "tags": { "pattern": "test-*", "order": "Calendar" } });
        train.starts(&spec, &first).await;
    };
    teller.case("a_deployment_that_follows_the_tags_takes_it", taken).await;

    let mut second = String::new();
    let protected = async {
        repository.protects(&stage, "release").await;
        let commit = repository.push("Second", repository.other(2)).await;
        let words = ["branch release", "protected branch", "is live"];
        td.says(&Sign::new("PromotionRefused", &words)).await;
        let current = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap();
        assert_eq!(current.commit, commit, "it serves all the same");
        assert_eq!(repository.at(&stage, "branches/release").await, first);
        commit
    };
    teller.case("a_protected_branch_is_said_and_what_serves_serves", async { second = protected.await }).await;

    let let_push = async {
        repository.frees(&stage, "release").await;
        td.is_well().await;
        assert_eq!(repository.at(&stage, "branches/release").await, second);
        train.serves(&second).await;
    };
    teller.case("let_push_it_goes_forward_by_itself", let_push).await;
}

/// What the condition `PassedOn` says of this commit.
fn passed(object: &TengineDeployment, says: &str, commit: &str) -> bool {
    condition(object, "PassedOn")
        .is_some_and(|(truth, reason, text)| format!("{truth} {reason}") == says && text.starts_with(commit))
}

/// A user of its own, who may write to this repository.
async fn bot(stage: &Stage, repository: &Repository) {
    let (name, password) = BOT;
    let user = json!({
        "username": name, "email": format!("{name}@example.com"), "password": password, "must_change_password": false,
    });
    let users = format!("{}/api/v1/admin/users", env("TENGINE_GIT_URL"));
    stage.undo(format!("{users}/{name}"), "TENGINE_GIT_ADMIN", "TENGINE_GIT_PASSWORD");
    let made = stage.git_host(Method::POST, &users, &user).await;
    // One that an earlier run left is the same.
    assert!(made.status().is_success() || made.status() == 422, "{}", made.status());
    let right = json!({ "permission": "write" });
    let at = repository.api(&format!("collaborators/{name}"));
    stage.git_host(Method::PUT, &at, &right).await.error_for_status().unwrap();
}

impl Repository {
    /// The commit of a branch or a tag, such as `branches/main`.
    async fn at(&self, stage: &Stage, what: &str) -> String {
        let found = stage.git_host(Method::GET, &self.api(what), &Value::Null).await;
        let found: Value = serde_json::from_slice(&found.error_for_status().unwrap().bytes().await.unwrap()).unwrap();
        let commit = &found["commit"];
        commit["id"].as_str().or(commit["sha"].as_str()).unwrap().to_owned()
    }

    /// Nobody may push to this branch.
    async fn protects(&self, stage: &Stage, branch: &str) {
        let rule = json!({ "rule_name": branch, "enable_push": false });
        let at = self.api("branch_protections");
        stage.git_host(Method::POST, &at, &rule).await.error_for_status().unwrap();
    }

    /// Takes that back.
    async fn frees(&self, stage: &Stage, branch: &str) {
        let at = self.api(&format!("branch_protections/{branch}"));
        stage.git_host(Method::DELETE, &at, &Value::Null).await.error_for_status().unwrap();
    }
}
