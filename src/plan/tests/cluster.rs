//! A cluster of the world: Deployments, ReplicaSets, pods, and all that an environment can do to them. It speaks in the real
//! objects, so that what reads them is tried too.

mod counts;
mod environment;
pub mod objects;
mod pod;
mod replica_set;
mod rollout;

pub use environment::{Broker, Environment};
use objects::{Writes, is_seen};

use crate::domain::{ChildName, Component};
use crate::manifest::{self, Child};
use crate::plan::observed::{Ends, LiveChild, LiveKind, Pod, PodTrouble, ReplicaSet, Seen, Unread};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a core may take, in seconds, unless a test says otherwise.
pub const DEADLINE: i64 = 20;
/// How long a core may be without its connection, in seconds, until it is started again.
pub const CUT_OFF: i64 = 15;
/// After so many seconds Kubernetes tells the pods of a node that does not answer to end.
pub const TAINTED: i64 = 300;
const UID: &str = "u-1";

#[derive(Debug, Clone, PartialEq)]
struct Ended {
    started: Timestamp,
    at: Timestamp,
    code: i32,
    reason: &'static str,
    status: &'static str,
    log: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
struct Running {
    number: usize,
    component: Component,
    /// The Deployment that made it.
    owner: String,
    /// The turn in which it consumes events, and whether that has begun for it.
    turn: Option<i64>,
    begun: bool,
    told: bool,
    /// Since when it has loaded the definitions; one that has a turn waits then.
    loaded: Option<Timestamp>,
    /// Since when it has had no connection to the broker, though it served.
    lost: Option<Timestamp>,
    template: Arc<str>,
    /// Of its template.
    hash: String,
    image: String,
    /// Since when the container runs.
    since: Option<Timestamp>,
    core_ready: bool,
    ready: bool,
    turned: Timestamp,
    ends: i32,
    last: Option<Ended>,
    ends_by: Option<Timestamp>,
    evicted: bool,
    /// Since when its node has not answered: it goes on as it was, and nobody sees how.
    silent: Option<Timestamp>,
}

/// A template of a Deployment that there were pods of.
#[derive(Debug, Clone, PartialEq)]
struct Template {
    owner: String,
    uid: String,
    text: Arc<str>,
    hash: String,
    revision: usize,
    release: String,
}

/// By name. What nobody wrote is the same place of memory in each copy of a world.
type Objects = BTreeMap<String, Arc<Value>>;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cluster {
    pub environment: Environment,
    deployments: Objects,
    configs: Objects,
    pub budgets: Objects,
    /// Instances that are told to go stay until their pods are gone.
    pub held: bool,
    /// The deployments that are instances of this one.
    pub instances: Objects,
    writes: Writes,
    /// What Deployments last said of their pods.
    said: BTreeMap<String, Said>,
    /// The generations of Deployments that their controller has heard of.
    noticed: BTreeMap<String, Value>,
    templates: Vec<Template>,
    /// How many pods of each Deployment its controller last knew to be wanted.
    scaled: BTreeMap<String, usize>,
    /// The template of each Deployment in words, and which Deployment that was.
    texts: BTreeMap<String, (Arc<Value>, Arc<str>)>,
    pods: Vec<Running>,
    made: usize,
    /// What the operator read of the ends of pods.
    ends: BTreeMap<usize, Ends>,
    /// What there was a second ago.
    before: Option<Box<Cluster>>,
}

/// The generation that a Deployment speaks of, and its pods, each with whether it is ready.
type Said = (Option<i64>, Vec<(usize, bool)>);

fn texts(labels: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(labels.clone()).unwrap()
}

fn process(deployment: &str) -> Component {
    let is = |component: &Component| deployment == ChildName::of_component("billing", *component).as_ref();
    Component::ALL.into_iter().find(is).unwrap_or(Component::Core)
}

impl Cluster {
    const fn objects(&mut self, kind: LiveKind) -> &mut Objects {
        match kind {
            LiveKind::Deployment => &mut self.deployments,
            LiveKind::ConfigMap => &mut self.configs,
            LiveKind::PodDisruptionBudget => &mut self.budgets,
            LiveKind::Instance => &mut self.instances,
        }
    }

    /// Whether it was written: what was decided on is there.
    pub fn apply(&mut self, child: &Child, seen: Option<&Seen>) -> bool {
        let (kind, name) = (LiveKind::from(child.kind), child.name.to_string());
        let before = self.objects(kind).get(&name).cloned();
        let before = before.as_deref();
        if seen.is_some_and(|seen| !before.is_some_and(|before| is_seen(before, seen))) {
            return false;
        }
        let mut object = child.object.clone();
        if kind == LiveKind::Deployment {
            let before = before.unwrap_or(&Value::Null);
            let changed = i64::from(before["spec"] != object["spec"]);
            object["metadata"]["generation"] = json!(before["metadata"]["generation"].as_i64().unwrap_or(0) + changed);
            object["status"] = before["status"].clone();
        }
        let kept = self.writes.keep(before, object);
        self.objects(kind).insert(name, Arc::new(kept));
        true
    }

    /// Instances that were told to go are gone.
    pub fn let_go(&mut self) {
        self.held = false;
        self.instances.retain(|_, object| object["metadata"]["deletionTimestamp"].is_null());
    }

    /// Whether it is gone: another one stays.
    pub fn delete(&mut self, kind: LiveKind, name: &str, seen: &Seen) -> bool {
        let held = self.held && kind == LiveKind::Instance;
        let objects = self.objects(kind);
        if objects.get(name).is_some_and(|live| !is_seen(live, seen)) {
            return false;
        }
        if held {
            let object = Arc::make_mut(self.instances.get_mut(name).unwrap());
            object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
            self.writes.note(object);
            return true;
        }
        objects.remove(name);
        true
    }

    /// One core pod of the newest is evicted: it ends, stays as what it was, and another takes its place.
    pub fn evict(&mut self) {
        let found = self.pods.iter_mut().find(|pod| pod.component == Component::Core && pod.ready && !pod.evicted);
        if let Some(pod) = found {
            (pod.evicted, pod.ready, pod.core_ready) = (true, false, false);
            let (started, log) = (pod.since.take().unwrap_or(pod.turned), "");
            pod.last = Some(Ended { started, at: pod.turned, code: 1, reason: "Error", status: "running", log });
        }
    }

    /// Somebody tells a core to end, by a signal in its container: it does so without a word, and is started again.
    pub fn tell(&mut self, now: Timestamp) {
        let Some(pod) = self.pods.iter_mut().find(|pod| pod.component == Component::Core && pod.ready) else { return };
        let started = pod.since.take().unwrap_or(now);
        pod.last = Some(Ended { started, at: now, code: 0, reason: "Completed", status: "running", log: "" });
        (pod.core_ready, pod.ready, pod.turned, pod.ends) = (false, false, now, pod.ends + 1);
    }

    /// The node of a core that serves does not answer any more; there are others.
    pub fn fall_silent(&mut self, now: Timestamp) {
        let serves = |pod: &&mut Running| pod.component == Component::Core && pod.ready && pod.counts();
        if let Some(pod) = self.pods.iter_mut().find(serves) {
            (pod.ready, pod.turned, pod.silent) = (false, now, Some(now));
        }
    }

    /// All nodes answer: what was told to end does.
    pub fn answers(&mut self) {
        self.pods.iter_mut().for_each(|pod| pod.silent = None);
    }

    /// One of the cores that wait is lost; another one takes its place.
    pub fn lose_one_that_waits(&mut self) {
        let waits = |pod: &Running| pod.component == Component::Core && !pod.told && !pod.ready;
        let lost = self.pods.iter().position(waits).expect("somebody waits");
        self.pods.remove(lost);
    }

    /// All cores that are ready are told to end, as by a drain.
    pub fn drain(&mut self, now: Timestamp) {
        let ready = |pod: &&mut Running| pod.component == Component::Core && pod.ready;
        self.pods.iter_mut().filter(ready).for_each(|pod| pod.end(now));
    }

    /// Somebody writes something of a Deployment that changes nothing else.
    pub fn touch(&mut self, name: &str) {
        self.writes.note(Arc::make_mut(self.deployments.get_mut(name).unwrap()));
    }

    /// A Deployment is told to have no pods, unless it is another one.
    pub fn stop(&mut self, name: &str, seen: &Seen) -> bool {
        let Some(object) = self.deployments.get_mut(name) else { return true };
        if !is_seen(object, seen) {
            return false;
        }
        let object = Arc::make_mut(object);
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
        object["metadata"]["generation"] = json!(generation + 1);
        object["spec"]["replicas"] = json!(0);
        self.writes.note(object);
        true
    }

    /// Somebody has a Deployment have so many pods, or removes it.
    pub fn by_hand(&mut self, name: &str, pods: Option<i32>) {
        let Some(pods) = pods else { return drop(self.deployments.remove(name)) };
        let object = Arc::make_mut(self.deployments.get_mut(name).unwrap());
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
        (object["metadata"]["generation"], object["spec"]["replicas"]) = (json!(generation + 1), json!(pods));
        self.writes.note(object);
    }

    /// Somebody removes what says whose turn it is.
    pub fn forget_turn(&mut self) {
        self.configs.retain(|_, config| manifest::turn_of(texts(&config["metadata"]["labels"]).iter()).is_none());
    }

    /// Somebody puts a Deployment of his own, without pods, in the place of ours.
    pub fn take(&mut self, name: &str) {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "uid": "u-9", "generation": 1 },
            "spec": { "replicas": 0, "selector": {}, "template": {} },
        });
        self.deployments.insert(name.to_owned(), object.into());
    }

    /// Somebody removes all there is.
    pub fn wiped(&mut self) {
        self.deployments.clear();
        self.configs.clear();
        self.pods.clear();
    }

    /// The cores of a turn may begin, unless others are there. Half of that is done by an operator that ends meanwhile.
    pub fn begin(&mut self, turn: i64, word: &Child, half: bool) {
        let told = self.cores().filter(|pod| !pod.evicted && pod.told).filter_map(|pod| pod.turn).min();
        let was_removed = self.said().is_none() && told == Some(turn);
        let others = self.environment.stranger || self.cores().any(|pod| !pod.evicted && pod.turn != Some(turn));
        if others && self.said() != Some(turn) && !was_removed || self.said().is_some_and(|said| said > turn) {
            return;
        }
        self.apply(word, None);
        for pod in self.pods.iter_mut().filter(|pod| pod.turn == Some(turn) && !half) {
            pod.told = true;
        }
    }

    /// Cores of a turn that are started later do not begin by themselves.
    pub fn hold(&mut self, turn: i64, word: &Child) {
        if self.said() == Some(turn) {
            self.apply(word, None);
        }
    }

    /// These may begin, as long as fewer than `most` of their turn were told so.
    pub fn tell_some(&mut self, turn: i64, names: &[String], most: usize) {
        for name in names {
            let told = self.pods.iter().filter(|pod| pod.turn == Some(turn) && pod.told && !pod.evicted).count();
            let mut pods = self.pods.iter_mut();
            if let Some(pod) = pods.find(|pod| pod.name() == *name).filter(|_| told < most) {
                pod.told = true;
            }
        }
    }

    /// The cores of a turn may serve beside others.
    pub fn join(&mut self, turn: i64) {
        for pod in self.pods.iter_mut().filter(|pod| pod.turn == Some(turn)) {
            pod.told = true;
        }
    }

    fn said(&self) -> Option<i64> {
        self.configs.values().find_map(|config| manifest::turn_of(texts(&config["metadata"]["labels"]).iter()))
    }

    fn serves(&self) -> Option<i64> {
        self.configs.values().find_map(|config| config["data"]["serves"].as_str()?.parse().ok())
    }

    fn cores(&self) -> impl Iterator<Item = &Running> {
        self.pods.iter().filter(|pod| pod.component == Component::Core)
    }

    pub fn observed(&self, now: Timestamp) -> (Vec<LiveChild>, Vec<Pod>) {
        let seen = self.before.as_deref().filter(|_| self.environment.lags).unwrap_or(self);
        let sets: Vec<ReplicaSet> = seen.templates.iter().filter_map(Template::read).collect();
        let deployments = seen.deployments.values().map(|object| {
            let object: Deployment = serde_json::from_value(seen.filled_in(object)).unwrap();
            LiveChild::deployment(&object, &sets, UID)
        });
        let configs = seen.configs.values().map(|object| {
            LiveChild::config_map(&serde_json::from_value::<ConfigMap>(object.as_ref().clone()).unwrap(), UID)
        });
        let budgets = seen.budgets.values();
        let budgets =
            budgets.map(|object| LiveChild::budget(&serde_json::from_value(object.as_ref().clone()).unwrap(), UID));
        let instances = seen.instances.values();
        let instances =
            instances.map(|object| LiveChild::instance(&serde_json::from_value(object.as_ref().clone()).unwrap(), UID));
        let children = deployments.chain(configs).chain(budgets).chain(instances).collect();
        let unread = self
            .environment
            .unreadable
            .then(|| Unread { why: "no route to the kubelet".into(), again: now + SignedDuration::from_secs(1) });
        let pods = seen.pods.iter().map(|pod| {
            let known = self.ends.get(&pod.number);
            pod.read(&sets, &seen.environment, known, unread.as_ref(), now)
        });
        let stranger =
            Pod { name: "left-over".to_owned(), component: Some(Component::Core), ready: true, ..Pod::default() };
        let strangers = seen.environment.stranger.then_some(stranger);
        (children, pods.chain(strangers).collect())
    }

    /// The operator reads the logs of what ended.
    pub fn look(&mut self, now: Timestamp) {
        if self.pods.iter().all(|pod| pod.last.is_none()) {
            return;
        }
        let (_, pods) = self.observed(now);
        for pod in pods {
            let Some(PodTrouble::Crash(crash)) = pod.trouble else { continue };
            if crash.unread.is_none() {
                let number: usize = pod.name.rsplit_once('-').unwrap().1.parse().unwrap();
                self.ends.entry(number).or_default().note(pod.crashes, *crash);
            }
        }
    }

    /// The operator starts anew, and knows of no end but the present ones.
    pub fn forget(&mut self) {
        self.ends.clear();
    }

    /// Those of the present Deployment of this name, and not of one before it.
    fn templates_of(&self, name: &str) -> impl Iterator<Item = &Template> {
        let uid = self.deployments.get(name).and_then(|object| object["metadata"]["uid"].as_str()).unwrap_or_default();
        self.templates.iter().filter(move |set| set.uid == uid)
    }

    fn filled_in(&self, object: &Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap();
        let template = object["spec"]["template"].to_string();
        let mut object = object.clone();
        object["spec"]["paused"] = json!(self.environment.paused);
        if object["status"].is_null() {
            return object;
        }
        let mine: Vec<&Running> = self.pods.iter().filter(|pod| pod.owner == name && pod.counts()).collect();
        let ready = mine.iter().filter(|pod| pod.ready).count();
        let newest = self.templates_of(name).max_by_key(|set| set.revision);
        if let Some(newest) = newest {
            object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!(newest.revision.to_string());
        }
        let progress = if self.environment.stale_progress { "False" } else { "True" };
        let mut conditions = vec![json!({ "type": "Progressing", "status": progress })];
        if self.environment.quota {
            conditions.push(json!({ "type": "ReplicaFailure", "status": "True", "message": "exceeded quota" }));
        }
        object["status"] = json!({
            "observedGeneration": object["status"]["observedGeneration"], "replicas": mine.len(),
            "updatedReplicas": mine.iter().filter(|pod| *pod.template == *template).count(),
            "readyReplicas": ready, "availableReplicas": ready, "conditions": conditions,
        });
        object
    }
}
