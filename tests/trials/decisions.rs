//! What people decide, each with credentials and a role of their own, and what comes of it.

use crate::people::{answer, decision, with};
use crate::repository::Repository;
use crate::roles::Users;
use crate::stage::{SPACE, Stage, condition};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use crate::users::User;
use kube::ResourceExt as _;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use std::sync::Arc;
use tengine_operator::api::v1alpha1::TengineDeployment;

pub const STORIES: &[Story] = &[Story {
    name: "decisions",
    cases: &[
        "each_role_takes_its_decisions_and_no_other",
        "nobody_signs_with_another_name",
        "what_cannot_be_done_is_refused_with_the_reason",
        "a_roll_back_sticks",
        "two_at_once_have_one_answer_each_also_while_it_is_suspended",
        "of_two_that_contradict_each_other_the_later_holds",
        "resume_lets_the_newest_serve",
        "abort_and_retry",
        "one_that_was_deleted_is_not_there",
    ],
    tell: |stage, teller| Box::pin(decisions(stage, teller)),
}];

/// Two commits, of which the second serves.
struct Scene {
    stage: Arc<Stage>,
    td: Subject,
    repository: Repository,
    first: String,
    second: String,
    users: Users,
}

async fn decisions(stage: Arc<Stage>, teller: Teller) {
    let (td, repository, first) = Subject::healthy(&stage, "decisions").await;
    let second = repository.push("Second", repository.other(2)).await;
    td.serves(&second).await;
    let users = Users::known(&stage).await;
    let scene = Scene { stage, td, repository, first, second, users };
    teller.case("each_role_takes_its_decisions_and_no_other", scene.users.by_role(&scene.td, &scene.first)).await;
    teller.case("nobody_signs_with_another_name", scene.users.forged(&scene.td, &scene.first)).await;
    teller.case("what_cannot_be_done_is_refused_with_the_reason", scene.refused()).await;
    let mut newest = String::new();
    teller.case("a_roll_back_sticks", async { newest = scene.rolled_back().await }).await;
    teller.case("two_at_once_have_one_answer_each_also_while_it_is_suspended", scene.twice()).await;
    teller.case("of_two_that_contradict_each_other_the_later_holds", scene.contradicted()).await;
    let resumed = async {
        scene.says(&scene.users.olga, "Resume", None, "Done: ").await;
        scene.td.serves(&newest).await;
    };
    teller.case("resume_lets_the_newest_serve", resumed).await;
    teller.case("abort_and_retry", scene.aborted()).await;
    teller.case("one_that_was_deleted_is_not_there", scene.deleted()).await;
}

impl Scene {
    /// They say it, and this comes of it.
    async fn says(&self, who: &User, verb: &str, release: Option<&str>, expected: &str) {
        self.comes_of(who, &decision(&self.td.name, verb, &who.name, release), expected).await;
    }

    async fn comes_of(&self, who: &User, action: &Value, expected: &str) {
        let action = who.creates(action).await.unwrap();
        let told = answer(&self.stage, &action).await;
        assert!(told.starts_with(expected), "{} {action}: {told}", who.name);
    }

    async fn refused(&self) {
        let (olga, before) = (&self.users.olga, self.td.running().await);
        // A release that is there, and is another one's. Nothing of it runs.
        let other = Subject { name: "strangers".into(), ..self.td.clone() };
        let mut spec = self.td.spec(&self.repository);
        spec["replicas"] = json!(0);
        spec["tengine"]["eventQueue"]["vhost"] = json!(other.name);
        spec["tengine"]["database"]["name"] = json!(other.name);
        other.create(&spec).await;
        other.is_well().await;
        let theirs = other.release_of(&self.second).await.name_any();
        let only = self.td.release_of(&self.second).await.name_any();
        let nothing = "decisions-0009-9999999";
        for (verb, release, expected) in [
            ("RollBack", Some(nothing), format!("spec.release: TengineDeployment decisions has no release {nothing}")),
            ("RollBack", Some(&theirs), format!("spec.release: TengineDeployment decisions has no release {theirs}")),
            ("Retry", Some(&theirs), format!("spec.release: TengineDeployment decisions has no release {theirs}")),
            ("Retry", Some(&only), format!("release {only} was not rejected")),
            ("Retry", None, "no release is rejected".into()),
            ("Abort", None, "nothing is under way".into()),
            ("Resume", None, "nothing is pinned".into()),
        ] {
            self.says(olga, verb, release, &format!("Refused: {expected}")).await;
        }
        let moved = decision(&self.td.name, "AcceptTag", "olga", None);
        let moved = with(moved, json!({ "tag": "v1.0", "commit": self.first }));
        self.comes_of(olga, &moved, "Refused: no tags are followed").await;
        let absent = decision("nobody", "RollBack", "olga", None);
        self.comes_of(
            olga,
            &absent,
            &format!("Refused: spec.deployment: there is no TengineDeployment nobody in {SPACE}"),
        )
        .await;
        other.api.delete(&other.name, &DeleteParams::default()).await.unwrap();
        self.td.is_well().await;
        assert_eq!(self.td.running().await, before, "what ran was touched");
    }

    async fn rolled_back(&self) -> String {
        let Self { td, repository, first, .. } = self;
        self.says(&self.users.olga, "RollBack", None, "Done: ").await;
        let pinned = |object: &TengineDeployment| is_pinned(object, "olga") && current(object) == Some(first);
        td.until("the first release, pinned", pinned).await;
        let third = repository.push("Third", repository.other(3)).await;
        let known =
            |object: &TengineDeployment| json!(object)["status"]["next"]["commit"] == json!(third) && pinned(object);
        td.until("the third under NEXT", known).await;
        td.is_quiet().await;
        td.until("the pin", pinned).await;
        third
    }

    async fn twice(&self) {
        let (td, Users { olga, night_watch, .. }) = (&self.td, &self.users);
        td.patch(json!({ "suspend": true })).await;
        td.says(&Sign::new("Suspended", &[]).of("Ready", "True")).await;
        let (mark, second) = (self.stage.audit.mark(), td.release_of(&self.second).await.name_any());
        let asks = |who: &User| decision(&td.name, "RollBack", &who.name, Some(&second));
        let (hers, its) = (asks(olga), asks(night_watch));
        let (hers, its) = tokio::join!(olga.creates(&hers), night_watch.creates(&its));
        let mut told = Vec::new();
        let actions = [hers.unwrap(), its.unwrap()];
        for action in &actions {
            told.push(answer(&self.stage, action).await);
        }
        told.sort();
        assert!(told[0].starts_with(&format!("Done: {second} ")), "{told:?}");
        assert_eq!(told[1], format!("Refused: release {second} is pinned already"));
        td.until("the second release", |object| current(object) == Some(&self.second)).await;
        td.patch(json!({ "suspend": false })).await;
        td.says(&Sign::new("Pinned", &["pinned", &self.second[..7]]).of("Ready", "True")).await;
        for action in &actions {
            assert_eq!(self.stage.audit.was_heard(mark, action).await.len(), 1, "{action} was answered once");
        }
    }

    /// In one breath; what runs is not touched by what holds for a moment only.
    async fn contradicted(&self) {
        let (td, olga, before) = (&self.td, &self.users.olga, self.td.running().await);
        let second = td.release_of(&self.second).await.name_any();
        let named = |name: &str, verb: &str, release: Option<&str>| {
            let mut action = decision(&td.name, verb, "olga", release);
            action["metadata"] = json!({ "name": name, "namespace": SPACE });
            action
        };
        let items = [named("decisions-one", "Resume", None), named("decisions-two", "RollBack", Some(&second))];
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        let (done, told) = olga.kubectl(&["create", "-f", "-"], &list.to_string()).await;
        assert!(done, "{told}");
        assert_eq!(
            [answer(&self.stage, "decisions-one").await, answer(&self.stage, "decisions-two").await],
            [
                format!("Done: {second} is let go: the newest good release serves again"),
                format!("Done: {second} (main@{}) runs until Resume", &self.second[..7]),
            ]
        );
        td.until("the pin", |object| is_pinned(object, "olga") && current(object) == Some(&self.second)).await;
        let now = td.running().await;
        assert!(before.iter().all(|core| now.get(core.0) == Some(core.1)), "what ran was touched");
    }

    /// A roll-out that no node takes is ended, tried again, and put right.
    async fn aborted(&self) {
        let (td, olga, before) = (&self.td, &self.users.olga, self.td.running().await);
        let waits = Sign::new("Unschedulable", &["node", "keeps serving"]);
        td.patch(json!({ "pod": { "nodeSelector": { "trials": "nowhere" } } })).await;
        td.says(&waits).await;
        self.says(olga, "Abort", None, "Done: ").await;
        td.until("its end", |object| {
            condition(object, "Ready").is_some_and(|(_, _, text)| text.contains("olga aborted it: a trial"))
        })
        .await;
        td.is_quiet().await;
        self.says(olga, "Retry", None, "Done: the rejection of ").await;
        td.says(&waits).await;
        td.patch(json!({ "pod": { "nodeSelector": null } })).await;
        td.is_well().await;
        assert_eq!(td.running().await, before, "what ran was touched");
    }

    /// Asked before anybody may have noticed.
    async fn deleted(&self) {
        self.td.api.delete(&self.td.name, &DeleteParams::default()).await.unwrap();
        let expected = format!("Refused: spec.deployment: there is no TengineDeployment decisions in {SPACE}");
        self.says(&self.users.olga, "RollBack", None, &expected).await;
    }
}

fn current(object: &TengineDeployment) -> Option<&String> {
    Some(&object.status.as_ref()?.current.as_ref()?.commit)
}

fn is_pinned(object: &TengineDeployment, by: &str) -> bool {
    condition(object, "Ready").is_some_and(|(_, reason, text)| reason == "Pinned" && text.contains(by))
}
