//! From staging to production: two deployments of one repository, of which the second waits for the first, and for people.

use crate::repository::Repository;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::users::User;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tengine_operator::api::v1alpha1::{TengineDeployment, TengineRelease};

pub const STORIES: &[Story] = &[
    Story {
        name: "promoted",
        cases: &[
            "staging_has_to_be_there",
            "what_staging_proved_serves_without_git",
            "what_staging_refuses_never_comes",
            "settings_change_without_staging",
        ],
        tell: |stage, teller| Box::pin(promoted(stage, teller)),
    },
    Story {
        name: "promotion",
        cases: &[
            "nothing_serves_before_staging_has_proved_it",
            "the_same_digest_waits_for_approval_and_serves_at_once",
            "who_may_not_is_refused",
            "a_closed_window_is_overridden",
        ],
        tell: |stage, teller| Box::pin(promotion(stage, teller)),
    },
];

/// Production without Git: no Secret of it, no base image, no right to push.
async fn promoted(stage: Arc<Stage>, teller: Teller) {
    let staging = Subject::prepare(&stage, "prover").await;
    let production = Subject::prepare(&stage, "taker").await;
    let repository = Repository::create(&stage, "promoted").await;
    let first = repository.push("First", repository.good()).await;
    let mut spec = staging.spec(&repository);
    spec["environment"] = json!({ "name": "Staging" });

    let missing = async {
        let mut spec = production.spec(&repository);
        spec["source"] = json!({ "promotion": { "name": "prover", "statuses": ["Staging_OK"] } });
        spec.as_object_mut().unwrap().remove("image");
        production.create(&spec).await;
        production.says(&Sign::new("UpstreamMissing", &["there is no TengineDeployment prover"])).await;
    };
    teller.case("staging_has_to_be_there", missing).await;

    let second = async {
        staging.starts(&spec, &first).await;
        production.serves(&first).await;
        assert_eq!(current_image(&production).await, current_image(&staging).await);
        let second = repository.push("Second", repository.other(2)).await;
        staging.serves(&second).await;
        production.serves(&second).await;
        assert_eq!(current_image(&production).await, current_image(&staging).await);
        production.is_quiet().await;
    };
    teller.case("what_staging_proved_serves_without_git", second).await;

    let refused = async {
        let before = current_image(&production).await;
        repository.push("Third", repository.files(&[("wrong.rb", b"raise 'no'\n")])).await;
        staging.says(&Sign::new("DefinitionInvalid", &["certainly comes to this raise"])).await;
        production.is_quiet().await;
        assert_eq!(current_image(&production).await, before);
        production.says(&Sign::new("UpToDate", &["is live"]).of("Ready", "True")).await;
    };
    teller.case("what_staging_refuses_never_comes", refused).await;

    let settings = async {
        staging.api.delete("prover", &DeleteParams::default()).await.unwrap();
        production
            .says(&Sign::new("UpstreamMissing", &["there is no TengineDeployment prover", "keeps serving"]))
            .await;
        production.patch(json!({ "tengine": { "logLevel": "debug" } })).await;
        production
            .until("the new settings", |object| {
                let current = object.status.as_ref().and_then(|status| status.current.clone());
                current.is_some_and(|current| current.release.starts_with("taker-0003-"))
            })
            .await;
    };
    teller.case("settings_change_without_staging", settings).await;
}

/// The users of the story, each with credentials of their own.
struct Users {
    /// May approve, with a certificate.
    bob: User,
    /// May approve, with a token.
    pipeline: User,
    /// May take other decisions, with a certificate.
    mallory: User,
    /// May override, with a token.
    releaser: User,
}

async fn promotion(stage: Arc<Stage>, teller: Teller) {
    let staging = Subject::prepare(&stage, "staging").await;
    let production = Subject::prepare(&stage, "production").await;
    let repository = Repository::create(&stage, "promotion").await;
    let first = repository.push("First", repository.good()).await;
    let users = Users {
        bob: User::with_certificate("bob", &["release"]).await.may(&stage, "approve").await,
        pipeline: User::with_token(&stage, "pipeline").await.may(&stage, "approve").await,
        mallory: User::with_certificate("mallory", &["release"]).await.may(&stage, "operate").await,
        releaser: User::with_token(&stage, "releaser").await.may(&stage, "override").await,
    };
    let image = staging.spec(&repository)["image"].clone();
    let gates = json!([
        { "name": "staging", "statuses": { "from": { "name": "staging" }, "all": ["Staging_OK"] } },
        { "name": "ops", "approval": { "required": 1, "from": { "users": ["bob", users.pipeline.name] } } },
    ]);

    let proved = async {
        let mut spec = production.spec(&repository);
        (spec["image"], spec["gates"]) = (image.clone(), gates.clone());
        production.create(&spec).await;
        production
            .says(&Sign::new("UpstreamMissing", &["there is no TengineDeployment staging in namespace trials"]))
            .await;
        let mut spec = staging.spec(&repository);
        spec["environment"] = json!({ "name": "Staging" });
        staging.starts(&spec, &first).await;
        assert_eq!(newest(&staging).await.1, ["Staging_OK"]);
        production.says(&Sign::new("WaitingForApproval", &["0 of 1 approvals"])).await;
        assert!(production.cores().await.is_empty(), "nothing serves");
        users.bob.decides("production", "Approve", &newest(&production).await.0).await.unwrap();
        production.serves(&first).await;
    };
    teller.case("nothing_serves_before_staging_has_proved_it", proved).await;

    let second = repository.push("Second", repository.other(2)).await;
    let approved = async {
        staging.serves(&second).await;
        let waits = Sign::new("WaitingForApproval", &["0 of 1 approvals", "keeps serving"]).of("Ready", "True");
        production.says(&waits).await;
        production.is_quiet().await;
        let (release, _) = newest(&production).await;
        users.pipeline.decides("production", "Approve", &release).await.unwrap();
        // Since the API server has it: how long that took is not the operator's affair.
        let begun = Instant::now();
        production.until("the roll-out", |object| ready_is(object, "RollingOut")).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(3), "the gate opened after {took:?}");
        production.serves(&second).await;
        assert_eq!(current_image(&production).await, current_image(&staging).await);
        let progress = production.api.get(&production.name).await.unwrap().status.unwrap().progress.unwrap();
        let gate = progress.steps.iter().find(|line| line.starts_with("Gate ops: Open after ")).cloned();
        assert!(gate.is_some_and(|line| line.contains(&users.pipeline.name)), "{progress:?}");
        assert!(progress.took.unwrap().people.is_some(), "it was quiet for seconds before the gate");
    };
    teller.case("the_same_digest_waits_for_approval_and_serves_at_once", approved).await;

    let third = repository.push("Third", repository.other(3)).await;
    let refused = async {
        staging.serves(&third).await;
        production.says(&Sign::new("WaitingForApproval", &["0 of 1"]).of("Ready", "True")).await;
        let (release, _) = newest(&production).await;
        are_refused(&users, &release).await;
        production.says(&Sign::new("WaitingForApproval", &["0 of 1"]).of("Ready", "True")).await;
        users.bob.decides("production", "Reject", &release).await.unwrap();
        production.says(&Sign::new("WaitingForApproval", &["bob rejected it: a trial"]).of("Ready", "True")).await;
    };
    teller.case("who_may_not_is_refused", refused).await;

    let overridden = async {
        let freeze = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "reason": "a freeze" });
        production.patch(json!({ "gates": [{ "name": "hours", "window": { "closed": [freeze] } }] })).await;
        production.says(&Sign::new("WaitingForWindow", &["closed (a freeze)"]).of("Ready", "True")).await;
        let (release, _) = newest(&production).await;
        users
            .releaser
            .creates(&at(users.releaser.decision("production", "Override", &release), "hours"))
            .await
            .unwrap();
        production.serves(&third).await;
        let gates = json!(release_of(&stage, &release).await.status.unwrap().gates);
        assert_eq!(
            (&gates[0]["state"], &gates[0]["message"]),
            (&json!("Overridden"), &json!(format!("{} overrode it: a trial", users.releaser.name)))
        );
    };
    teller.case("a_closed_window_is_overridden", overridden).await;
}

/// By RBAC, verb by verb, and for a name or a group that is not theirs.
async fn are_refused(users: &Users, release: &str) {
    let mine = |user: &User, verb: &str| user.decision("production", verb, release);
    let forged = mine(&users.bob, "Approve");
    let mut boasted = mine(&users.bob, "Approve");
    boasted["spec"]["by"]["groups"] = json!(["release", "directors"]);
    let account = &users.pipeline.name;
    let may_not = |verb: &str| format!("that takes the right to create tenginedeployments/{verb}");
    for (who, object, expected) in [
        (&users.mallory, mine(&users.mallory, "Approve"), may_not("approve")),
        (&users.mallory, at(mine(&users.mallory, "Override"), "ops"), may_not("override")),
        (&users.bob, at(mine(&users.bob, "Override"), "ops"), may_not("override")),
        (&users.bob, mine(&users.bob, "RollBack"), may_not("rollback")),
        (&users.releaser, mine(&users.releaser, "Approve"), may_not("approve")),
        (&users.pipeline, at(mine(&users.pipeline, "Override"), "ops"), may_not("override")),
        (&users.mallory, forged.clone(), "spec.by.user: you are \"mallory\", not \"bob\"".into()),
        (&users.pipeline, forged, format!("spec.by.user: you are \"{account}\", not \"bob\"")),
        (&users.bob, boasted, "spec.by.groups: name only groups that you are in: release".into()),
    ] {
        let told = who.creates(&object).await.unwrap_err();
        assert!(told.contains(&expected), "{} {object}: {told}", who.name);
    }
}

/// A decision about one gate.
fn at(mut decision: Value, gate: &str) -> Value {
    decision["spec"]["gate"] = json!(gate);
    decision
}

/// The newest release of a deployment, and the words of its version.
async fn newest(td: &Subject) -> (String, Vec<String>) {
    let newest = td.newest_release(|_| true).await;
    let words = newest.status.unwrap_or_default().statuses.into_iter().map(|status| status.name).collect();
    (newest.metadata.name.unwrap(), words)
}

async fn release_of(stage: &Stage, name: &str) -> TengineRelease {
    Api::<TengineRelease>::namespaced(stage.client.clone(), SPACE).get(name).await.unwrap()
}

async fn current_image(td: &Subject) -> String {
    td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap().image
}

fn ready_is(object: &TengineDeployment, reason: &str) -> bool {
    crate::stage::condition(object, "Ready").is_some_and(|(_, said, _)| said == reason)
}
