//! One TengineDeployment, what happens to it, and what must not.

use crate::repository::Repository;
use crate::stage::{SPACE, STORY, Stage, condition, env, secret};
use crate::story::TOLD;
use crate::wait::await_condition;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::ResourceExt as _;
use kube::api::{Api, ListParams, LogParams, Patch, PatchParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tengine_operator::api::v1alpha1::TengineDeployment;

/// Long enough for a busy machine; nothing waits for it to pass.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// A TengineDeployment in the operator's namespace.
#[derive(Clone)]
pub struct Subject {
    pub stage: Arc<Stage>,
    pub name: String,
    pub api: Api<TengineDeployment>,
}

/// What a condition has to say.
#[derive(Clone)]
pub struct Sign {
    kind: &'static str,
    status: &'static str,
    reason: &'static str,
    words: Vec<String>,
}

impl Sign {
    /// `Ready` is `False` for this reason, and its message has these words.
    pub fn new(reason: &'static str, words: &[&str]) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: "Ready", status: "False", reason, words }
    }

    /// The same of another condition.
    pub fn of(self, kind: &'static str, status: &'static str) -> Self {
        Self { kind, status, ..self }
    }
}

/// The core's pods: by UID, how often their containers ended.
pub type Running = BTreeMap<String, i32>;

impl Subject {
    /// Queue, database and Secrets for a deployment of this name. It is not there yet.
    pub async fn prepare(stage: &Arc<Stage>, name: &str) -> Self {
        Self::prepare_in(stage, SPACE, name).await
    }

    /// The same in another namespace, into which the operator of the chart does not look.
    pub async fn prepare_in(stage: &Arc<Stage>, space: &str, name: &str) -> Self {
        let own = format!("trials-{name}");
        tokio::join!(stage.broker(&own), stage.database(&own));
        let login = |user: &str, password: &str| json!({ "username": user, "password": password });
        let git = login(&env("TENGINE_GIT_ADMIN"), &env("TENGINE_GIT_PASSWORD"));
        for (what, login) in [("mq", login(&own, &own)), ("db", login(&own, &own)), ("git", git)] {
            Stage::apply_in(space, secret(&format!("{name}-{what}"), &login)).await;
        }
        let api = Api::namespaced(stage.client.clone(), space);
        Self { stage: Arc::clone(stage), name: name.to_owned(), api }
    }

    /// Its namespace.
    pub fn space(&self) -> &str {
        self.api.namespace().unwrap()
    }

    /// A healthy spec: one core and nothing beside it.
    pub fn spec(&self, repository: &Repository) -> Value {
        let (name, off) = (&self.name, json!({ "enabled": false }));
        let secret = |what: &str| json!({ "name": format!("{name}-{what}") });
        let database = format!("{}:{}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"));
        json!({
            "source": {
                "git": { "url": repository.url(), "ref": { "branch": "main" }, "secretRef": secret("git") },
                "interval": "5s",
            },
            "image": {
                "base": { "reference": env("TENGINE_CORE_IMAGE") },
                "repository": format!("{}/trials/{name}", env("TENGINE_REGISTRY")),
            },
            "tengine": {
                "eventQueue": { "host": env("TENGINE_AMQP_HOST"), "vhost": format!("trials-{name}"), "secretRef": secret("mq") },
                "database": { "hosts": [database], "name": format!("trials-{name}"), "secretRef": secret("db") },
                "heartbeatWatchd": off,
                "atd": off,
            },
            "replicas": 1,
            "pod": { "terminationGracePeriodSeconds": 20 },
            "strategy": { "progressDeadline": "2m" },
        })
    }

    /// A deployment of this name with its repository, whose good commit serves.
    pub async fn healthy(stage: &Arc<Stage>, name: &str) -> (Self, Repository, String) {
        let (td, repository) = (Self::prepare(stage, name).await, Repository::create(stage, name).await);
        let commit = repository.push("Trials", repository.good()).await;
        td.starts(&td.spec(&repository), &commit).await;
        (td, repository, commit)
    }

    /// Creates it and waits until this commit serves. Not all at once: a core takes a second of processor time to start.
    pub async fn starts(&self, spec: &Value, commit: &str) -> TengineDeployment {
        let _turn = self.stage.starts.acquire().await.unwrap();
        self.create(spec).await;
        self.serves(commit).await
    }

    pub async fn create(&self, spec: &Value) {
        let labels = TOLD.with(|story| json!({ STORY: story }));
        let (kind, metadata) = ("TengineDeployment", json!({ "name": self.name, "labels": labels }));
        let object = json!({ "apiVersion": "tengine.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec });
        let object = serde_json::from_value(object).unwrap();
        self.api.create(&kube::api::PostParams::default(), &object).await.unwrap();
    }

    /// A merge patch of the spec.
    pub async fn patch(&self, spec: Value) {
        let patch = Patch::Merge(json!({ "spec": spec }));
        self.api.patch(&self.name, &PatchParams::default(), &patch).await.unwrap();
    }

    /// Waits until the object is so.
    pub async fn until(&self, what: &str, is_so: impl Fn(&TengineDeployment) -> bool) -> TengineDeployment {
        let waiting = await_condition(self.api.clone(), &self.name, |object: Option<&TengineDeployment>| {
            object.is_some_and(&is_so)
        });
        let Ok(found) = tokio::time::timeout(PATIENCE, waiting).await else {
            panic!("{}: waited in vain for {what}; {}", self.name, self.state().await)
        };
        found.unwrap()
    }

    /// Waits until a condition says what is expected of it, of the present spec.
    pub async fn says(&self, sign: &Sign) {
        let Sign { kind, status, reason, words } = sign;
        let is_so = |object: &TengineDeployment| {
            let said = condition(object, kind);
            let same = said.is_some_and(|(is, why, text)| {
                is == *status && why == *reason && words.iter().all(|word| text.contains(word.as_str()))
            });
            same && is_current(object)
        };
        self.until(&format!("{kind} {status} {reason} {words:?}"), is_so).await;
    }

    /// Waits until it is well, of the present spec: what is wanted serves, or nothing is wanted.
    pub async fn is_well(&self) -> TengineDeployment {
        let well = |object: &TengineDeployment| {
            condition(object, "Ready").is_some_and(|(status, reason, _)| {
                status == "True" && ["UpToDate", "Stopped"].contains(&reason.as_str())
            }) && is_current(object)
        };
        self.until("Ready True", well).await
    }

    /// Waits until this commit serves.
    pub async fn serves(&self, commit: &str) -> TengineDeployment {
        let serves = |object: &TengineDeployment| {
            let current = object.status.as_ref().and_then(|status| status.current.as_ref());
            current.is_some_and(|current| current.commit == commit)
        };
        self.until(&format!("commit {commit}"), serves).await;
        self.is_well().await
    }

    /// Pods of the core.
    pub async fn cores(&self) -> Vec<Pod> {
        self.pods().list(&ListParams::default().labels(&self.of_cores())).await.unwrap().items
    }

    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.stage.client.clone(), self.space())
    }

    fn of_cores(&self) -> String {
        format!("tengine.dev/deployment={},app.kubernetes.io/component=core", self.name)
    }

    /// Waits until the pods of the core are so.
    pub async fn cores_are(&self, what: &str, is_so: impl Fn(&[Pod]) -> bool) {
        let ours = watcher::Config::default().labels(&self.of_cores());
        let mut changes = std::pin::pin!(watcher::watcher(self.pods(), ours).default_backoff());
        let so = async {
            while !is_so(&self.cores().await) {
                changes.next().await;
            }
        };
        let so = tokio::time::timeout(PATIENCE, so).await;
        assert!(so.is_ok(), "{}: waited in vain for {what}; {}", self.name, self.state().await);
    }

    /// Waits until so many cores are ready, and this pod is none of them.
    pub async fn is_replaced(&self, pod: &str, wanted: usize) {
        let is_other = |core: &&Pod| is_ready(core) && ends(core).is_some() && core.name_any() != pod;
        let what = format!("{wanted} cores that are ready without {pod}");
        self.cores_are(&what, |cores| cores.iter().filter(is_other).count() == wanted).await;
    }

    /// The pods that are ready.
    pub async fn running(&self) -> Running {
        ready(&self.cores().await)
    }

    /// Something is broken: that is told, what runs is left alone, the operator keeps quiet; once it is repaired, all is
    /// well again by itself, and the same pods run.
    pub async fn endures(&self, sign: Sign, broken: impl Future<Output = ()>, repaired: impl Future<Output = ()>) {
        let before = self.running().await;
        self.told(sign, broken).await;
        repaired.await;
        self.is_well().await;
        assert_eq!(self.running().await, before, "{}: pods were restarted by the repair", self.name);
    }

    /// The first half of [`Subject::endures`].
    pub async fn told(&self, sign: Sign, broken: impl Future<Output = ()>) {
        let before = self.running().await;
        broken.await;
        self.says(&sign).await;
        self.is_quiet().await;
        self.says(&sign).await;
        self.left_alone(&before).await;
    }

    /// Pods that ran are still there, and were not restarted; whether they are ready is their own affair.
    async fn left_alone(&self, before: &Running) {
        let now: Running = self.cores().await.iter().filter_map(ends).collect();
        for (pod, ends) in before {
            assert_eq!(now.get(pod), Some(ends), "{}: a pod was restarted or removed", self.name);
        }
    }

    /// What there is to see, for who wonders.
    pub async fn state(&self) -> String {
        let object = self.api.get_opt(&self.name).await.unwrap();
        let conditions = object.iter().flat_map(|object| object.status.iter()).flat_map(|status| &status.conditions);
        let conditions: Vec<_> = conditions
            .map(|condition| {
                format!("  {} {} {}: {}", condition.type_, condition.status, condition.reason, condition.message)
            })
            .collect();
        let mut pods = vec![];
        for pod in self.cores().await {
            let statuses = pod.status.as_ref().and_then(|status| status.container_statuses.clone());
            let words = self.last_words(&pod).await;
            pods.push(format!("  {}: {}{words}", pod.name_any(), serde_json::to_string(&statuses).unwrap()));
        }
        format!("there is\n{}\n{}", conditions.join("\n"), pods.join("\n"))
    }

    /// What a core said before it ended and was started again, each line indented; empty for one that never ended.
    pub async fn last_words(&self, pod: &Pod) -> String {
        if container(pod).is_none_or(|container| container.restart_count == 0) {
            return String::new();
        }
        let ended = LogParams { previous: true, tail_lines: Some(15), ..LogParams::default() };
        let said = self.pods().logs(&pod.name_any(), &ended).await.unwrap_or_else(|error| error.to_string());
        said.lines().fold(String::new(), |text, line| format!("{text}\n    {line}"))
    }
}

/// Those of them that are ready, and how often each ended.
pub fn ready(pods: &[Pod]) -> Running {
    pods.iter().filter(|pod| is_ready(pod)).filter_map(ends).collect()
}

/// The UID of a pod that is to stay, and how often its container ended.
fn ends(pod: &Pod) -> Option<(String, i32)> {
    let stays = pod.metadata.deletion_timestamp.is_none();
    stays.then(|| Some((pod.uid()?, container(pod)?.restart_count))).flatten()
}

/// Whether its core serves.
pub fn is_ready(pod: &Pod) -> bool {
    container(pod).is_some_and(|container| container.ready)
}

/// What is told of its core.
pub fn container(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.first()
}

/// Whether the status speaks of the present spec.
fn is_current(object: &TengineDeployment) -> bool {
    object.status.as_ref().and_then(|status| status.observed_generation) == object.metadata.generation
}
