//! A cluster of the world: Deployments, ReplicaSets, pods, and all that an environment can do to them. It speaks in the real
//! objects, so that what reads them is tried too.

mod environment;
pub mod objects;
mod pod;
mod replica_set;

pub use environment::{Broker, Environment};
use objects::{Writes, is_seen};

use super::world::Definition;
use crate::domain::{ChildName, Component};
use crate::manifest::{self, Child};
use crate::plan::observed::{Ends, LiveChild, LiveKind, Pod, PodTrouble, ReplicaSet, Seen, Unread};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long a core may take, in seconds, unless a test says otherwise.
pub const DEADLINE: i64 = 20;
/// How long a core may be without its connection, in seconds, until it is started again.
pub const CUT_OFF: i64 = 15;
const UID: &str = "u-1";

#[derive(Debug, Clone)]
struct Ended {
    started: Timestamp,
    at: Timestamp,
    code: i32,
    reason: &'static str,
    status: &'static str,
    log: &'static str,
}

#[derive(Debug, Clone)]
struct Running {
    number: usize,
    component: Component,
    /// The Deployment that made it.
    owner: String,
    /// The turn in which it consumes events, and whether that has begun for it.
    turn: Option<i64>,
    begun: bool,
    told: bool,
    /// Whether it has loaded the definitions; one that has a turn waits then.
    loaded: bool,
    /// Since when it has had no connection to the broker, though it served.
    lost: Option<Timestamp>,
    template: String,
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
}

/// A template of a Deployment that there were pods of.
#[derive(Debug, Clone)]
struct Template {
    component: Component,
    owner: String,
    uid: String,
    text: String,
    revision: usize,
    release: String,
}

#[derive(Debug, Clone, Default)]
pub struct Cluster {
    pub environment: Environment,
    deployments: BTreeMap<String, Value>,
    configs: BTreeMap<String, Value>,
    pub budgets: BTreeMap<String, Value>,
    writes: Writes,
    /// What Deployments last said of their pods.
    said: BTreeMap<String, Said>,
    /// The generations of Deployments that their controller has heard of.
    noticed: BTreeMap<String, Value>,
    templates: Vec<Template>,
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
    const fn objects(&mut self, kind: LiveKind) -> &mut BTreeMap<String, Value> {
        match kind {
            LiveKind::Deployment => &mut self.deployments,
            LiveKind::ConfigMap => &mut self.configs,
            LiveKind::PodDisruptionBudget => &mut self.budgets,
        }
    }

    /// Whether it was written: what was decided on is there.
    pub fn apply(&mut self, child: &Child, seen: Option<&Seen>) -> bool {
        let (kind, name) = (LiveKind::from(child.kind), child.name.to_string());
        let before = self.objects(kind).get(&name).cloned();
        if seen.is_some_and(|seen| !before.as_ref().is_some_and(|before| is_seen(before, seen))) {
            return false;
        }
        let mut object = child.object.clone();
        if kind == LiveKind::Deployment {
            let before = before.clone().unwrap_or_default();
            let changed = i64::from(before["spec"] != object["spec"]);
            object["metadata"]["generation"] = json!(before["metadata"]["generation"].as_i64().unwrap_or(0) + changed);
            object["status"] = before["status"].clone();
        }
        let kept = self.writes.keep(before.as_ref(), object);
        self.objects(kind).insert(name, kept);
        true
    }

    /// Whether it is gone: another one stays.
    pub fn delete(&mut self, kind: LiveKind, name: &str, seen: &Seen) -> bool {
        let objects = self.objects(kind);
        if objects.get(name).is_some_and(|live| !is_seen(live, seen)) {
            return false;
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

    /// Whether there is a Deployment of this process.
    pub fn has(&self, component: Component) -> bool {
        self.deployments.contains_key(ChildName::of_component("billing", component).as_ref())
    }

    pub fn ready_cores(&self) -> usize {
        self.cores().filter(|pod| pod.ready && pod.ends_by.is_none()).count()
    }

    /// How many cores more than wanted may run.
    pub fn surge(&self) -> Value {
        let core = &self.deployments[ChildName::of_component("billing", Component::Core).as_ref()];
        core["spec"]["strategy"]["rollingUpdate"]["maxSurge"].clone()
    }

    /// How often cores ended.
    pub fn deaths(&self) -> i32 {
        self.cores().map(|pod| pod.ends).sum()
    }

    /// When the containers of the cores began: others where anything was restarted.
    pub fn begun(&self) -> Vec<Option<Timestamp>> {
        self.cores().map(|pod| pod.since).collect()
    }

    pub fn versions(&self) -> usize {
        self.cores().filter(|pod| !pod.evicted).map(|pod| pod.image.as_str()).collect::<BTreeSet<_>>().len()
    }

    /// How many versions consume events, in pods that are told to end, too.
    pub fn consuming(&self) -> usize {
        self.cores()
            .filter(|pod| !pod.evicted && pod.core_ready)
            .map(|pod| pod.image.as_str())
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Somebody writes something of a Deployment that changes nothing else.
    pub fn touch(&mut self, name: &str) {
        self.writes.note(self.deployments.get_mut(name).unwrap());
    }

    /// A Deployment is told to have no pods, unless it is another one.
    pub fn stop(&mut self, name: &str, seen: &Seen) -> bool {
        let Some(object) = self.deployments.get_mut(name) else { return true };
        if !is_seen(object, seen) {
            return false;
        }
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
        object["metadata"]["generation"] = json!(generation + 1);
        object["spec"]["replicas"] = json!(0);
        self.writes.note(object);
        true
    }

    /// The cores of a turn may begin, unless others are there. Half of that is done by an operator that ends meanwhile.
    pub fn begin(&mut self, turn: i64, word: &Child, half: bool) {
        let others = self.environment.stranger || self.cores().any(|pod| !pod.evicted && pod.turn != Some(turn));
        if others || self.serves().is_some_and(|serves| serves > turn) {
            return;
        }
        self.apply(word, None);
        for pod in self.pods.iter_mut().filter(|pod| pod.turn == Some(turn) && !half) {
            pod.told = true;
        }
    }

    fn serves(&self) -> Option<i64> {
        self.configs.values().find_map(|config| config["data"]["serves"].as_str()?.parse().ok())
    }

    pub fn cores_of(&self, images: &[&str]) -> usize {
        self.cores().filter(|pod| pod.counts() && images.contains(&pod.image.as_str())).count()
    }

    /// The cores of these images that are ready; where policies change names, all that are.
    pub fn ready_of(&self, images: &[&str]) -> usize {
        let is_of = |pod: &&Running| self.environment.rewrites || images.contains(&pod.image.as_str());
        self.cores().filter(|pod| pod.ready).filter(is_of).count()
    }

    pub fn wanted_of(&self, images: &[&str]) -> i64 {
        let cores = self.deployments.iter().filter(|(name, _)| process(name) == Component::Core);
        let image = |object: &Value| object["spec"]["template"]["spec"]["containers"][0]["image"].clone();
        let theirs = cores.filter(|(_, object)| image(object).as_str().is_some_and(|image| images.contains(&image)));
        theirs.filter_map(|(_, object)| object["spec"]["replicas"].as_i64()).sum()
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
        let configs = seen
            .configs
            .values()
            .map(|object| LiveChild::config_map(&serde_json::from_value::<ConfigMap>(object.clone()).unwrap(), UID));
        let budgets = seen.budgets.values();
        let budgets = budgets.map(|object| LiveChild::budget(&serde_json::from_value(object.clone()).unwrap(), UID));
        let children = deployments.chain(configs).chain(budgets).collect();
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

    fn filled_in(&self, object: &Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap();
        let template = object["spec"]["template"].to_string();
        let mut object = object.clone();
        if object["status"].is_null() {
            return object;
        }
        let mine: Vec<&Running> = self.pods.iter().filter(|pod| pod.owner == name && pod.counts()).collect();
        let ready = mine.iter().filter(|pod| pod.ready).count();
        let newest = self.templates.iter().filter(|set| set.owner == name).max_by_key(|set| set.revision);
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
            "updatedReplicas": mine.iter().filter(|pod| pod.template == template).count(),
            "readyReplicas": ready, "availableReplicas": ready, "conditions": conditions,
        });
        object
    }

    /// What the Deployment controller, the kubelet and the cores do in a second.
    pub fn second(&mut self, images: &BTreeMap<String, Definition>, now: Timestamp) {
        let before = Self { before: None, ..self.clone() };
        let environment = self.environment;
        self.pods.retain(|pod| pod.ends_by.is_none() || environment.node_lost);
        for pod in self.pods.iter_mut().filter(|pod| !self.deployments.contains_key(&pod.owner)) {
            pod.end(now);
        }
        for name in self.deployments.keys().cloned().collect::<Vec<_>>() {
            self.roll(&name, now);
        }
        let serves = self.serves();
        let starting: Vec<(String, bool)> = self.cores().map(|pod| (pod.image.clone(), pod.core_ready)).collect();
        for pod in self.pods.iter_mut().filter(|pod| pod.counts()) {
            pod.begun = pod.turn.is_none() || pod.told || pod.turn == serves;
            let alone = starting.iter().filter(|(image, _)| *image == pod.image).count() < 2
                || starting.iter().any(|(image, ready)| *image == pod.image && *ready);
            let definition = images.get(&pod.image).copied().unwrap_or(Definition::Good);
            pod.second(definition, Environment { races: environment.races && !alone, ..environment }, now);
        }
        if environment.meddled && now.as_second() % 7 == 0 {
            self.deployments.values_mut().for_each(meddle);
        }
        self.tell_of_pods();
        self.before = Some(Box::new(before));
    }

    /// What Deployments say of their pods is written where it changed.
    fn tell_of_pods(&mut self) {
        for (name, object) in &mut self.deployments {
            let mine = self.pods.iter().filter(|pod| pod.owner == *name && pod.counts());
            let pods = mine.map(|pod| (pod.number, pod.ready)).collect();
            let said = (object["status"]["observedGeneration"].as_i64(), pods);
            if self.said.get(name) != Some(&said) {
                self.writes.note(object);
                self.said.insert(name.clone(), said);
            }
        }
    }

    fn roll(&mut self, name: &str, now: Timestamp) {
        let (component, object) = (process(name), self.deployments[name].clone());
        let generation = object["metadata"]["generation"].clone();
        let noticed = self.noticed.insert(name.to_owned(), generation.clone());
        if self.environment.slow && noticed.as_ref() != Some(&generation) {
            return;
        }
        self.deployments.get_mut(name).unwrap()["status"] = json!({ "observedGeneration": generation });
        let template = object["spec"]["template"].to_string();
        let image = object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
        let wanted = usize::try_from(object["spec"]["replicas"].as_i64().unwrap()).unwrap();
        let count = |cluster: &Self, new: bool| {
            let mine = cluster.pods.iter().filter(|pod| pod.owner == name && pod.counts());
            mine.filter(|pod| (pod.template == template) == new).count()
        };
        if object["spec"]["strategy"]["type"] == "Recreate" {
            // No template is taken up before the pods of the one before are gone (deployment/recreate.go): until then the Deployment
            // speaks of its new generation, and still has the number of the old template. Pods are told to end a moment later.
            let ending = |pod: &Running| pod.owner == name && pod.ends_by.is_some() && !pod.evicted;
            if count(self, false) > 0 {
                if object["status"]["observedGeneration"] != generation {
                    return;
                }
                for pod in self.pods.iter_mut().filter(|pod| pod.owner == name && pod.template != template) {
                    pod.end(now);
                }
                return;
            }
            if self.pods.iter().any(ending) {
                return;
            }
        }
        let release = object["metadata"]["annotations"][manifest::RELEASE_ANNOTATION].as_str();
        self.take_up((name, object["metadata"]["uid"].as_str().unwrap()), component, &template, release);
        let ready = self.pods.iter().filter(|pod| pod.owner == name && pod.counts() && pod.ready).count();
        let (new, old) = (count(self, true), count(self, false));
        if new + old > wanted {
            let is_old = |pod: &&mut Running| pod.owner == name && pod.counts() && pod.template != template;
            // Old pods that never got ready are the first to go.
            let broken = self.pods.iter_mut().filter(is_old).find(|pod| !pod.ready);
            if let Some(pod) = broken {
                pod.end(now);
            } else if ready > wanted || new > wanted {
                let mut mine = self.pods.iter_mut().filter(|pod| pod.owner == name && pod.counts());
                let any = if old > 0 { mine.find(|pod| pod.template != template) } else { mine.next() };
                if let Some(pod) = any {
                    pod.end(now);
                }
            }
        }
        let surge = &object["spec"]["strategy"]["rollingUpdate"]["maxSurge"];
        let surge = surge.as_u64().map_or_else(|| wanted.div_ceil(4).max(1), |one| usize::try_from(one).unwrap());
        if count(self, true) < wanted
            && count(self, true) + count(self, false) < wanted + surge
            && !self.environment.quota
        {
            self.made += 1;
            let turn = manifest::turn_of(texts(&object["spec"]["template"]["metadata"]["labels"]).iter());
            let pod = Running::new(self.made, component, template, image, now);
            self.pods.push(Running { owner: name.into(), turn, ..pod });
        }
    }

    /// A template gets the next number whenever it becomes the present one.
    fn take_up(&mut self, (name, uid): (&str, &str), component: Component, text: &str, release: Option<&str>) {
        let mine = |set: &Template| set.uid == uid;
        let newest = self.templates.iter().filter(|set| mine(set)).map(|set| set.revision).max().unwrap_or(0);
        let release = release.unwrap_or_default().to_owned();
        match self.templates.iter_mut().find(|set| mine(set) && set.text == text) {
            Some(known) if known.revision == newest => known.release = release,
            Some(known) => (known.revision, known.release) = (newest + 1, release),
            None => self.templates.push(Template {
                component,
                owner: name.into(),
                uid: uid.into(),
                text: text.into(),
                revision: newest + 1,
                release,
            }),
        }
    }
}

/// A field that is ours is written by somebody else.
fn meddle(object: &mut Value) {
    object["metadata"]["generation"] = json!(object["metadata"]["generation"].as_i64().unwrap() + 1);
    object["spec"]["minReadySeconds"] = json!(7);
}
