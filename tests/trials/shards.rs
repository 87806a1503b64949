//! Two operators share the deployments: each is the affair of one of them, whatever becomes of the other. The chart is installed anew
//! for it, so nothing else is played meanwhile.

use crate::people::decision;
use crate::repository::{GOOD, Repository};
use crate::stage::{SPACE, Stage, run};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Subject};
use crate::wait::await_condition;
use kube::Api;
use std::collections::BTreeSet;
use std::sync::Arc;
use tengine_operator::api::v1alpha1::TengineAction;
use tengine_operator::domain::Shard;

pub const STORIES: &[Story] = &[Story {
    name: "shared",
    cases: &[
        "each_deployment_is_the_affair_of_one_shard",
        "what_is_asked_is_answered_once_by_the_shard_whose_affair_it_is",
        "while_one_shard_is_away_its_deployments_wait_and_the_others_go_on",
        "another_number_of_shards_begins_when_none_of_the_present_ones_is_left",
    ],
    tell: |stage, teller| Box::pin(shared(stage, teller)),
}];

const NUMBER: u8 = 2;

/// What both shards follow, and a deployment of each.
struct Scene {
    stage: Arc<Stage>,
    repository: Repository,
    /// In the order of the shards.
    tds: Vec<Subject>,
    /// The pods that ever were of each shard.
    pods: Vec<BTreeSet<String>>,
}

async fn shared(stage: Arc<Stage>, teller: Teller) {
    stage.shards(NUMBER).await;
    let mark = stage.audit.mark();
    let mut scene = Scene::set(&stage).await;
    let each = async {
        let commit = scene.repository.push("Trials", scene.repository.good()).await;
        for td in &scene.tds {
            td.starts(&td.spec(&scene.repository), &commit).await;
        }
        for (td, pods) in scene.tds.iter().zip(&scene.pods) {
            td.is_quiet().await;
            scene.is_written_by(mark, &td.name, pods).await;
        }
    };
    teller.case("each_deployment_is_the_affair_of_one_shard", each).await;
    let answered = async { scene.asks().await };
    teller.case("what_is_asked_is_answered_once_by_the_shard_whose_affair_it_is", answered).await;
    let away = async { scene.loses_one().await };
    teller.case("while_one_shard_is_away_its_deployments_wait_and_the_others_go_on", away).await;
    let fewer = async { scene.becomes_one().await };
    teller.case("another_number_of_shards_begins_when_none_of_the_present_ones_is_left", fewer).await;
}

impl Scene {
    async fn set(stage: &Arc<Stage>) -> Self {
        let mut tds = Vec::new();
        for shard in shards() {
            tds.push(Subject::prepare(stage, &a_name("shared", shard)).await);
        }
        let mut pods = Vec::new();
        for shard in shards() {
            pods.push(pods_of(stage, shard).await);
        }
        Self { stage: Arc::clone(stage), repository: Repository::create(stage, "shared").await, tds, pods }
    }

    /// Somebody wrote something that is named so, and it was one of these pods only.
    async fn is_written_by(&self, mark: u64, name: &str, pods: &BTreeSet<String>) {
        let writers: BTreeSet<String> = self.stage.audit.wrote(mark, name).await.into_iter().collect();
        assert!(writers.is_subset(pods), "{name} is the affair of {pods:?}, and {writers:?} wrote");
    }

    /// Something of each deployment, and of one of each shard that is not there.
    async fn asks(&self) {
        let mark = self.stage.audit.mark();
        let absent = shards().map(|shard| (shard, a_name("absent", shard)));
        let there = shards().zip(self.tds.iter().map(|td| td.name.clone()));
        let mut asked = Vec::new();
        for (shard, deployment) in there.chain(absent) {
            let object = decision(&deployment, "Resume", "admin", None).to_string();
            let made = run("kubectl", &["create", "-o", "name", "-f", "-"], &object).await;
            let action = made.trim().rsplit('/').next().unwrap().to_owned();
            let actions: Api<TengineAction> = Api::namespaced(self.stage.client.clone(), SPACE);
            let is_answered = |action: Option<&TengineAction>| {
                action.is_some_and(|action| action.status.as_ref().is_some_and(|status| status.outcome.is_some()))
            };
            let answer = tokio::time::timeout(PATIENCE, await_condition(actions, &action, is_answered)).await;
            answer.expect("an answer").unwrap();
            asked.push((shard, action));
        }
        for (shard, action) in asked {
            self.is_written_by(mark, &action, &self.pods[usize::from(shard.number() - 1)]).await;
            assert_eq!(self.stage.audit.writers(mark, &action).len(), 1, "{action}");
        }
    }

    async fn loses_one(&mut self) {
        let mark = self.stage.audit.mark();
        scale(&self.stage, 0).await;
        let next = self.changes("away").await;
        self.tds[1].serves(&next).await;
        self.tds[1].is_quiet().await;
        let writers = self.stage.audit.writers(mark, &self.tds[0].name);
        assert!(writers.iter().all(|writer| self.pods[0].contains(writer)), "{writers:?}");
        let waits = self.tds[0].api.get(&self.tds[0].name).await.unwrap();
        let current = waits.status.and_then(|status| status.current).unwrap();
        assert_ne!(current.commit, next, "nobody is there for it");
        scale(&self.stage, 1).await;
        self.pods[0].extend(pods_of(&self.stage, shards().next().unwrap()).await);
        self.tds[0].serves(&next).await;
        self.is_written_by(mark, &self.tds[0].name, &self.pods[0]).await;
        self.is_written_by(mark, &self.tds[1].name, &self.pods[1]).await;
    }

    async fn becomes_one(&self) {
        let mark = self.stage.audit.mark();
        // There is something to do for those who go, and for the one that comes.
        self.changes("before").await;
        self.stage.watches(&[]).await;
        let next = self.changes("after").await;
        for td in &self.tds {
            td.serves(&next).await;
        }
        let is_old = |writer: &String| self.pods.iter().any(|pods| pods.contains(writer));
        let writers = self.stage.audit.wrote(mark, "shared").await;
        let first = writers.iter().position(|writer| !is_old(writer)).expect("the new one writes");
        assert!(!writers[first..].iter().any(is_old), "both wrote: {writers:?}");
    }

    /// A commit that is good, and different.
    async fn changes(&self, word: &str) -> String {
        let text = GOOD.replace(":trials", &format!(":trials_{word}"));
        self.repository.push(word, self.repository.files(&[("good.rb", text.as_bytes())])).await
    }
}

fn shards() -> impl Iterator<Item = Shard> {
    (1..=NUMBER).map(|number| format!("{number}/{NUMBER}").parse().unwrap())
}

/// A name that belongs to this shard.
fn a_name(stem: &str, shard: Shard) -> String {
    let names = ('a'..='z').map(|letter| format!("{stem}-{letter}"));
    let is_own = |name: &String| shard.owns(SPACE, name);
    names.into_iter().find(is_own).unwrap()
}

async fn pods_of(stage: &Stage, shard: Shard) -> BTreeSet<String> {
    let label = format!("tengine.dev/shard={}", shard.number());
    let names = stage.kubectl(&["get", "pods", "-l", &label, "-o", "jsonpath={.items[*].metadata.name}"]).await;
    names.split_whitespace().map(str::to_owned).collect()
}

/// Until the first shard runs no more, or again.
async fn scale(stage: &Stage, replicas: u32) {
    let first = "deployment/trials-tengine-operator-shard-1";
    stage.kubectl(&["scale", first, &format!("--replicas={replicas}")]).await;
    if replicas == 0 {
        stage.kubectl(&["wait", "--for=delete", "pods", "-l", "tengine.dev/shard=1", "--timeout=180s"]).await;
    } else {
        stage.kubectl(&["rollout", "status", first, "--timeout=180s"]).await;
    }
}
