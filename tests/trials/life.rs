//! A whole life of a TengineDeployment under an operator of its own, in a namespace of its own, and all that a person sees at its end.

use crate::mortal::{Kills, Mortal, log_of};
use crate::people::decision;
use crate::remains;
use crate::repository::{GOOD, Repository};
use crate::stage::{Stage, condition, env, run};
use crate::subject::Subject;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tengine_operator::api::v1alpha1::TengineDeployment;

/// What its TengineDeployment is called.
const NAME: &str = "killed";

/// A life has come to rest so long after it did all that was asked of it, on a slow machine too.
const LATEST: Duration = Duration::from_mins(2);

/// The commits of a life, and where they are. All lives have the same: who made them when is part of what they are called.
#[derive(Clone)]
pub struct Past {
    repository: Repository,
    commits: Vec<String>,
}

impl Past {
    /// One that goes live, one that follows it, one that fails its verification, and its fix.
    pub async fn written(repository: &Repository) -> Self {
        let mut commits = vec![];
        for (number, ends) in [(1, 0), (2, 0), (3, 1), (4, 0)] {
            let text = GOOD.replace(":trials", &format!(":trials_{number}"));
            let smoke = format!("exit {ends}");
            let tree = repository.files(&[("good.rb", text.as_bytes()), ("smoke.sh", smoke.as_bytes())]);
            commits.push(repository.push(&format!("Number {number}"), tree).await);
        }
        Self { repository: repository.clone(), commits }
    }

    /// Somebody pushes the commit of this number.
    async fn reaches(&self, number: usize) -> &str {
        let commit = &self.commits[number - 1];
        self.repository.reset(commit).await;
        commit
    }
}

/// A life that goes on.
pub struct Life {
    td: Subject,
    space: String,
    operator: Mortal,
}

/// What came of a life.
pub struct Ended {
    /// All that a person sees afterwards.
    pub end: Value,
    /// How many writes it took.
    pub writes: usize,
    /// How often the operator was killed.
    pub killed: usize,
}

impl Life {
    /// A namespace in which there is nothing yet but Secrets, and an operator that looks at it.
    pub async fn begin(stage: &Arc<Stage>, space: &str, kills: Kills) -> Self {
        // Nobody is to say that what an earlier life left was made by this one.
        run("kubectl", &["delete", "namespace", space, "--ignore-not-found", "--timeout=180s"], "").await;
        run("kubectl", &["create", "namespace", space], "").await;
        tokio::join!(stage.broker(space), stage.database(space));
        let (admin, password) = (env("TENGINE_GIT_ADMIN"), env("TENGINE_GIT_PASSWORD"));
        for (what, user, password) in [("mq", space, space), ("db", space, space), ("git", &admin, &password)] {
            let metadata = json!({ "name": format!("{NAME}-{what}"), "namespace": space });
            let login = json!({ "username": user, "password": password });
            create(&json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": login })).await;
        }
        let api = kube::Api::namespaced(stage.client.clone(), space);
        let td = Subject { stage: Arc::clone(stage), name: NAME.to_owned(), api };
        Self { td, space: space.to_owned(), operator: Mortal::starts(space, kills).await }
    }

    /// All of it, to the end: to the expected one, where there is one and it comes.
    pub async fn pass(self, past: &Past, expected: Option<&Value>) -> Ended {
        eprintln!("the operator of {} says what it does in {}", self.space, log_of(&self.space));
        let first = past.reaches(1).await;
        self.td.create(&self.spec(past)).await;
        self.proves(first).await;
        let second = past.reaches(2).await;
        self.proves(second).await;

        past.reaches(3).await;
        self.is("the third fell back to the second", |td| {
            serves(td, second) && reason(td, "Ready") == "VerificationFailed"
        })
        .await;
        self.operator.is_quiet().await;

        self.decides("RollBack").await;
        self.is("the first, pinned", |td| serves(td, first) && reason(td, "Ready") == "Pinned").await;
        let fix = past.reaches(4).await;
        self.is("the fix waits behind it", |td| {
            serves(td, first) && json!(td)["status"]["next"]["commit"] == json!(fix)
        })
        .await;
        self.operator.is_quiet().await;
        self.decides("Resume").await;
        self.proves(fix).await;

        let end = self.rests(past, expected).await;
        self.every_answer_was_given_once();
        let ended = Ended { end, writes: self.operator.writes().len(), killed: self.operator.killed() };
        drop(self.operator);
        run("kubectl", &["delete", "namespace", &self.space, "--wait=false"], "").await;
        ended
    }

    /// Waits until it is as expected; or, where nothing is, until it is twice the same. What is still there after so long is told.
    async fn rests(&self, past: &Past, expected: Option<&Value>) -> Value {
        let latest = Instant::now() + LATEST;
        let mut end = Value::Null;
        loop {
            self.operator.is_quiet().await;
            let found = remains::of(&self.space, &self.images(past)).await;
            if found == *expected.unwrap_or(&end) || Instant::now() > latest {
                return found;
            }
            end = found;
        }
    }

    /// An action that was answered is not answered again by who comes after.
    fn every_answer_was_given_once(&self) {
        let mut given = self.operator.writes();
        given.retain(|line| line.contains("/tengineactions/") && line.ends_with(" 200"));
        let all = given.len();
        given.sort();
        given.dedup();
        assert_eq!((all, given.len()), (2, 2), "{given:#?}");
    }

    fn spec(&self, past: &Past) -> Value {
        let mut spec = self.td.spec(&past.repository);
        spec["source"]["interval"] = json!("5s");
        spec["image"]["repository"] = json!(self.images(past));
        spec["tengine"]["eventQueue"]["vhost"] = json!(self.space);
        spec["tengine"]["database"]["name"] = json!(self.space);
        spec["pod"]["terminationGracePeriodSeconds"] = json!(5);
        let smoke = json!({ "name": "smoke", "job": { "command": ["sh", "smoke.sh"], "timeout": "1m" } });
        spec["checks"] = json!({ "verification": { "minReady": "1s", "checks": [smoke] } });
        spec
    }

    /// A repository in which no earlier play left anything.
    fn images(&self, past: &Past) -> String {
        format!("{}/trials/{}/{}", env("TENGINE_REGISTRY"), self.space, past.commits[0])
    }

    /// Waits until a commit serves and has proven itself.
    async fn proves(&self, commit: &str) {
        self.td.serves(commit).await;
        let proven = |td: &TengineDeployment| json!(td)["status"]["lastVerified"]["commit"] == json!(commit);
        self.is("its proof", proven).await;
    }

    async fn is(&self, what: &str, is_so: impl Fn(&TengineDeployment) -> bool) {
        self.td.until(what, is_so).await;
    }

    async fn decides(&self, verb: &str) {
        let mut object = decision(NAME, verb, "admin", None);
        object["metadata"]["namespace"] = json!(self.space);
        create(&object).await;
    }
}

fn serves(td: &TengineDeployment, commit: &str) -> bool {
    td.status.as_ref().and_then(|status| status.current.as_ref()).is_some_and(|current| current.commit == commit)
}

fn reason(td: &TengineDeployment, kind: &str) -> String {
    condition(td, kind).map(|(_, reason, _)| reason).unwrap_or_default()
}

async fn create(object: &Value) {
    run("kubectl", &["create", "-f", "-"], &object.to_string()).await;
}
