//! Tests before a pod of a release starts, verification after, and what comes of either.

use crate::repository::{GOOD, Repository};
use crate::runtime::is_not_blamed;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use git2::Oid;
use k8s_openapi::api::batch::v1::Job;
use kube::api::{Api, ListParams};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tengine_operator::api::v1alpha1::TengineDeployment;

pub const STORIES: &[Story] = &[Story {
    name: "tested",
    cases: &[
        "a_release_that_passes_serves",
        "a_failed_test_touches_nothing",
        "a_command_that_is_not_there_is_no_fault_of_the_commit",
        "nor_is_that_of_a_verification",
        "a_test_that_no_node_takes_waits",
        "a_failed_verification_brings_the_one_before_back",
        "a_restart_does_not_try_it_again",
        "a_fix_goes_live_by_itself",
        "what_serves_is_verified_again",
    ],
    tell: |stage, teller| Box::pin(tested(stage, teller)),
}];

/// What the repository's own checks are to say, and end with.
struct Checks<'a> {
    units: &'a str,
    smoke: &'a str,
}

const PASS: Checks<'_> = Checks { units: "exit 0", smoke: "exit 0" };

async fn tested(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "tested").await, Repository::create(&stage, "tested").await);
    let first = repository.push("First", tree(&repository, 1, &PASS)).await;
    let passes = async {
        let mut spec = td.spec(&repository);
        spec["checks"] = json!({
            "tests": [{ "name": "units", "job": { "command": ["sh", "units.sh"], "timeout": "1m" } }],
            "verification": {
                "minReady": "1s",
                "checks": [{ "name": "smoke", "job": { "command": ["sh", "smoke.sh"], "timeout": "1m" } }],
            },
        });
        td.starts(&spec, &first).await;
        let release = td.release_of(&first).await;
        let steps: Vec<_> = json!(release.status.unwrap().steps)
            .as_array()
            .unwrap()
            .iter()
            .map(|step| format!("{} {}", step["name"].as_str().unwrap(), step["state"].as_str().unwrap()))
            .collect();
        assert_eq!(steps, ["Build Done", "Preflight Skipped", "Tests Done", "RollOut Done", "Verification Done"]);
        td.is_quiet().await;
    };
    teller.case("a_release_that_passes_serves", passes).await;

    let untested = async {
        let before = td.running().await;
        let unfit = Checks { units: "echo the stock does not add up; exit 3", smoke: "exit 0" };
        repository.push("Unfit", tree(&repository, 2, &unfit)).await;
        let sign = Sign::new("TestFailed", &["units", "exit code 3", "the stock does not add up"]);
        td.says(&sign).await;
        td.is_quiet().await;
        assert_eq!(td.running().await, before, "what ran was touched");
    };
    teller.case("a_failed_test_touches_nothing", untested).await;

    let third = repository.push("Third", tree(&repository, 3, &PASS)).await;
    let absent = async {
        // What the commit before it was refused for does not matter any more.
        td.serves(&third).await;
        let before = td.running().await;
        let none = json!([{ "name": "units", "job": { "command": ["no-such-program"], "timeout": "1m" } }]);
        td.patch(json!({ "checks": { "tests": none } })).await;
        let fourth = repository.push("Fourth", tree(&repository, 4, &PASS)).await;
        td.says(&Sign::new("CheckNotRun", &["units", "no-such-program", "keeps serving"])).await;
        assert_eq!(td.running().await, before, "what ran was touched");
        fourth
    };
    let mut fourth = String::new();
    teller.case("a_command_that_is_not_there_is_no_fault_of_the_commit", async { fourth = absent.await }).await;

    let unverified = async {
        let verification = |command: Value| json!({ "checks": [{ "name": "smoke", "job": { "command": command } }] });
        let units = json!([{ "name": "units", "job": { "command": ["sh", "units.sh"] } }]);
        let none = verification(json!(["no-such-check"]));
        td.patch(json!({ "checks": { "tests": units, "verification": none } })).await;
        td.says(&Sign::new("CheckNotRun", &["smoke", "no-such-check"])).await;
        is_not_blamed(&td, &fourth).await;
        let before = td.running().await;
        td.patch(json!({ "checks": { "verification": verification(json!(["sh", "smoke.sh"])) } })).await;
        td.serves(&fourth).await;
        let now = td.running().await;
        assert!(now.iter().all(|core| before.get(core.0) == Some(core.1)), "cores were restarted by the correction");
    };
    teller.case("nor_is_that_of_a_verification", unverified).await;

    let placed = async {
        let before = td.running().await;
        let huge = json!({ "requests": { "memory": "900Gi" } });
        let units = json!([{ "name": "units", "job": { "command": ["sh", "units.sh"], "resources": huge } }]);
        td.patch(json!({ "checks": { "tests": units } })).await;
        let fifth = repository.push("Fifth", tree(&repository, 5, &PASS)).await;
        td.says(&Sign::new("Unschedulable", &["units"])).await;
        assert_eq!(td.running().await, before, "what ran was touched");
        td.patch(json!({ "checks": { "tests": [{ "name": "units", "job": { "command": ["sh", "units.sh"] } }] } }))
            .await;
        td.serves(&fifth).await;
        fifth
    };
    let mut fifth = String::new();
    teller.case("a_test_that_no_node_takes_waits", async { fifth = placed.await }).await;

    let unfit = Checks { units: "exit 0", smoke: "echo nobody answers; exit 1" };
    let sixth = repository.push("Sixth", tree(&repository, 6, &unfit)).await;
    let held = Sign::new("VerificationFailed", &["smoke", "exit code 1", "nobody answers"]);
    let verified = async {
        // Its words come before its cores are replaced.
        td.says(&Sign::new("VerificationFailed", &["smoke", "exit code 1", "nobody answers", "serves again"])).await;
        td.until("the release before", |object| current(object) == Some(&fifth)).await;
        let alone = async {
            while (td.cores().await.len(), td.running().await.len()) != (1, 1) {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(3), alone).await.expect("one core, and it is ready");
        td.is_quiet().await;
        td.says(&Sign::new("FellBack", &["nobody answers"]).of("HeldBack", "True")).await;
        let refused = td.release_of(&sixth).await;
        assert_eq!(json!(refused.status.unwrap().state), json!("VerificationFailed"));
    };
    teller.case("a_failed_verification_brings_the_one_before_back", verified).await;

    let restarted = async {
        let (before, jobs) = (td.running().await, jobs(&td).await);
        stage.kubectl(&["rollout", "restart", "deployment/trials-tengine-operator"]).await;
        stage.kubectl(&["rollout", "status", "deployment/trials-tengine-operator", "--timeout=120s"]).await;
        td.says(&held).await;
        td.is_quiet().await;
        assert_eq!((td.running().await, self::jobs(&td).await), (before, jobs));
    };
    teller.case("a_restart_does_not_try_it_again", restarted).await;

    let seventh = repository.push("Seventh", tree(&repository, 7, &PASS)).await;
    let mended = async {
        td.serves(&seventh).await;
    };
    teller.case("a_fix_goes_live_by_itself", mended).await;

    teller.case("what_serves_is_verified_again", verified_again(&td)).await;
}

async fn verified_again(td: &Subject) {
    let before = td.running().await;
    td.patch(each_minute("echo the stock is empty; exit 4")).await;
    td.says(&Sign::new("NoLongerVerified", &["smoke", "exit code 4", "the stock is empty", "keeps serving"])).await;
    td.patch(each_minute("exit 0")).await;
    td.is_well().await;
    assert_eq!(td.running().await, before, "what ran was touched");
}

fn each_minute(smoke: &str) -> Value {
    let smoke = json!({ "name": "smoke", "job": { "command": ["sh", "-c", smoke] } });
    json!({ "checks": { "verification": { "checks": [smoke] }, "schedule": { "cron": "* * * * *" } } })
}

/// A definition of its own for each number, and the checks of the repository.
fn tree(repository: &Repository, number: usize, checks: &Checks<'_>) -> Oid {
    let text = GOOD.replace(":trials", &format!(":trials_{number}"));
    repository.files(&[
        ("good.rb", text.as_bytes()),
        ("units.sh", checks.units.as_bytes()),
        ("smoke.sh", checks.smoke.as_bytes()),
    ])
}

/// The UIDs of the Jobs of its checks.
async fn jobs(td: &Subject) -> Vec<Option<String>> {
    let api = Api::<Job>::namespaced(td.stage.client.clone(), SPACE);
    let all = api.list(&ListParams::default().labels(&format!("tengine.dev/deployment={}", td.name))).await.unwrap();
    all.items.into_iter().map(|job| job.metadata.uid).collect()
}

fn current(object: &TengineDeployment) -> Option<&String> {
    Some(&object.status.as_ref()?.current.as_ref()?.commit)
}
