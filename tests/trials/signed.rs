//! What proves who makes an action, and what becomes of words at gates while it is not there. It is the cluster's, so nothing else
//! is played meanwhile.

use crate::people::{answer, decision};
use crate::stage::{SPACE, Stage, run};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject};
use crate::users::User;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tengine_operator::api::v1alpha1::TengineAction;

pub const STORIES: &[Story] = &[Story {
    name: "signed",
    cases: &[
        "without_the_policy_a_forged_approval_is_refused",
        "and_every_other_verb_is_answered_in_any_name",
        "nor_does_it_count_once_the_policy_is_back",
        "who_may_not_read_the_policy_lets_approvals_wait",
        "while_the_leader_is_killed_each_action_is_answered_once",
    ],
    tell: |stage, teller| Box::pin(signed(stage, teller)),
}];

/// The binding of the policy.
const POLICY: &str = "trials-tengine-operator-actions";
const OPERATOR: &str = "deployment/trials-tengine-operator";
const OPERATORS: &str = "app.kubernetes.io/name=tengine-operator";
/// So often something is tried that the API server takes a moment to heed.
const AGAIN: Duration = Duration::from_secs(1);

async fn signed(stage: Arc<Stage>, teller: Teller) {
    let (td, repository, _) = Subject::healthy(&stage, "signed").await;
    let bob = User::with_certificate("bob", &["release"]).await.may(&stage, "approve").await;
    let mallory = User::with_certificate("mallory", &[]).await.may(&stage, "operate").await;
    td.patch(json!({ "gates": [{ "name": "ops", "approval": { "required": 1, "from": { "users": ["bob"] } } }] }))
        .await;
    let second = repository.push("Second", repository.other(2)).await;
    td.says(&Sign::new("WaitingForApproval", &["0 of 1 approvals"]).of("Ready", "True")).await;
    let release = td.release_of(&second).await.metadata.name.unwrap();
    let forged = bob.decision(&td.name, "Approve", &release);

    // Another installation's policy is about everybody's actions, too: it must not refuse in place of this one.
    let bindings = Kept::of(&["validatingadmissionpolicybindings", "-l", OPERATORS]).await;
    let right = Kept::of(&["clusterrolebindings", "-l", &format!("app.kubernetes.io/instance={SPACE}")]).await;
    let missing = async {
        let told = mallory.creates(&forged).await.unwrap_err();
        assert!(told.contains("spec.by.user: you are \"mallory\", not \"bob\""), "{told}");
        bindings.delete().await;
        let why = format!(
            "0 of 1 approvals, and nobody's word counts: there is no ValidatingAdmissionPolicyBinding {POLICY}"
        );
        td.says(&Sign::new("NobodyVouches", &[&why, "keeps serving", "actionPolicy"])).await;
        let action = at_last("the forged approval", || mallory.creates(&forged)).await;
        let told = answer(&stage, &action).await;
        assert!(told.contains("Refused: Approve does not count, since nobody proves who asks"), "{told}");
        td.is_quiet().await;
    };
    teller.case("without_the_policy_a_forged_approval_is_refused", missing).await;

    let others = async {
        for (action, expected) in [
            (mallory.decision(&td.name, "Reject", &release), "Reject does not count, since nobody proves who asks"),
            (at_ops(mallory.decision(&td.name, "Override", &release)), "Override does not count, since nobody proves"),
            (bob.decision(&td.name, "Retry", &release), "was not rejected"),
            (decision(&td.name, "Resume", "the queen", None), "nothing is pinned"),
        ] {
            // Neither of them may do it, or is called so.
            let who = if action["spec"]["by"]["user"] == "bob" { &mallory } else { &bob };
            let told = answer(&stage, &who.creates(&action).await.unwrap()).await;
            assert!(told.starts_with("Refused: ") && told.contains(expected), "{action}: {told}");
        }
        td.says(&Sign::new("NobodyVouches", &["0 of 1 approvals", "keeps serving"])).await;
    };
    teller.case("and_every_other_verb_is_answered_in_any_name", others).await;

    let back = async {
        scale(&stage, 0).await;
        let action = mallory.creates(&forged).await.unwrap();
        bindings.create();
        scale(&stage, 1).await;
        let told = answer(&stage, &action).await;
        assert!(told.contains("Refused: Approve does not count, since nobody proved who asked"), "{told}");
        td.says(&Sign::new("WaitingForApproval", &["0 of 1 approvals"]).of("Ready", "True")).await;
    };
    teller.case("nor_does_it_count_once_the_policy_is_back", back).await;

    let unreadable = async {
        right.delete().await;
        scale(&stage, 0).await;
        scale(&stage, 1).await;
        td.says(&Sign::new("NobodyVouches", &["cannot be read", "is forbidden"])).await;
        let action = at_last("bob's approval", || bob.decides(&td.name, "Approve", &release)).await;
        td.is_quiet().await;
        let actions: Api<TengineAction> = Api::namespaced(stage.client.clone(), SPACE);
        assert!(actions.get(&action).await.unwrap().status.is_none(), "neither done nor refused");
        right.create();
        let told = answer(&stage, &action).await;
        assert!(told.starts_with("Done: "), "{told}");
        td.serves(&second).await;
    };
    teller.case("who_may_not_read_the_policy_lets_approvals_wait", unreadable).await;
    teller.case("while_the_leader_is_killed_each_action_is_answered_once", taken_over(&td, &mallory)).await;
}

/// One is asked in the moment in which the leader is killed, and one while nobody leads.
async fn taken_over(td: &Subject, mallory: &User) {
    let (stage, mark) = (&td.stage, td.stage.audit.mark());
    let (killed, before) = (operators(stage).await, td.running().await);
    let current = td.api.get(&td.name).await.unwrap().status.unwrap().current.unwrap().release;
    let asked = mallory.decision(&td.name, "RollBack", &current);
    let kill = ["delete", "pods", "-l", OPERATORS, "--grace-period=0", "--force", "--wait=false"];
    let (pin, _) = tokio::join!(mallory.creates(&asked), stage.kubectl(&kill));
    let resume = mallory.creates(&decision(&td.name, "Resume", &mallory.name, None)).await;
    let (pin, resume) = (pin.unwrap(), resume.unwrap());
    let told = [answer(stage, &pin).await, answer(stage, &resume).await];
    assert!(told[0].starts_with(&format!("Done: {current} ")), "{told:?}");
    assert!(told[1].starts_with(&format!("Done: {current} is let go")), "{told:?}");
    td.is_quiet().await;
    let (by_pin, by_resume) = (stage.audit.was_heard(mark, &pin).await, stage.audit.was_heard(mark, &resume).await);
    assert_eq!((by_pin.len(), by_resume.len()), (1, 1), "{by_pin:?} {by_resume:?}");
    assert!(!killed.contains(&by_resume[0]), "{by_resume:?} is another one than {killed:?}");
    assert_eq!([answer(stage, &pin).await, answer(stage, &resume).await], told, "an answer never changes");
    td.is_well().await;
    assert_eq!(td.running().await, before, "what runs was touched");
}

/// The pods of the operator that are there.
async fn operators(stage: &Stage) -> BTreeSet<String> {
    let pods: Api<Pod> = Api::namespaced(stage.client.clone(), SPACE);
    let pods = pods.list(&ListParams::default().labels(OPERATORS)).await.unwrap();
    pods.items.iter().map(ResourceExt::name_any).collect()
}

/// Of the gate that is there.
fn at_ops(mut action: Value) -> Value {
    action["spec"]["gate"] = json!("ops");
    action
}

/// Objects that are taken away for a while. They are there again at the end, whatever happens.
struct Kept(Value);

impl Kept {
    /// What `kubectl get` finds.
    async fn of(which: &[&str]) -> Self {
        let found = run("kubectl", &[&["get", "-o", "json"], which].concat(), "").await;
        let mut list: Value = serde_json::from_str(&found).unwrap();
        for object in list["items"].as_array_mut().unwrap() {
            for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
                object["metadata"].as_object_mut().unwrap().remove(field);
            }
        }
        Self(list)
    }

    async fn delete(&self) {
        run("kubectl", &["delete", "-f", "-"], &self.0.to_string()).await;
    }

    /// What is there already stays.
    fn create(&self) {
        let kubectl =
            Command::new("kubectl").args(["create", "-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut kubectl = kubectl.unwrap();
        kubectl.stdin.take().unwrap().write_all(self.0.to_string().as_bytes()).unwrap();
        kubectl.wait().unwrap();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.create();
    }
}

/// Tries until it succeeds: an API server heeds what was removed a moment later.
async fn at_last<F: Future<Output = Result<String, String>>>(what: &str, attempt: impl Fn() -> F) -> String {
    let trying = async {
        let mut again = tokio::time::interval(AGAIN);
        loop {
            again.tick().await;
            if let Ok(made) = attempt().await {
                return made;
            }
        }
    };
    tokio::time::timeout(PATIENCE, trying).await.unwrap_or_else(|_| panic!("{what} is refused for ever"))
}

/// Until the operator runs no more, or again.
async fn scale(stage: &Stage, replicas: u32) {
    stage.kubectl(&["scale", OPERATOR, &format!("--replicas={replicas}")]).await;
    if replicas == 0 {
        let pods = ["wait", "--for=delete", "pods", "-l", OPERATORS, "--timeout=180s"];
        stage.kubectl(&pods).await;
    } else {
        stage.kubectl(&["rollout", "status", OPERATOR, "--timeout=180s"]).await;
    }
}
