//! A world of one deployment: a Git host, a registry and a cluster, each as simple as can be. Time only passes in `tick`.

use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Content, DefinitionCheck, TengineDeployment, TengineRelease, TengineReleaseStatus};
use crate::domain::{CommitId, Component, Digest};
use crate::plan::evidence::Evidence;
use crate::plan::observed::{
    Build, Built, Changes, CommitFacts, Crash, LiveChild, LiveKind, Look, Observed, Pod, PodTrouble, Refused,
    SourceSeen, Trouble,
};
use crate::plan::{Action, Plan, plan, validate};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a commit does to a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Definition {
    Good,
    /// Does not parse.
    Wrong,
    /// Parses, and the core raises at start.
    Raises,
    /// The core never gets ready.
    Hangs,
}

/// A pod of the world.
#[derive(Debug, Clone)]
struct Running {
    component: Component,
    template: String,
    image: String,
    ready: bool,
    crashes: i32,
    /// Whether the last crash was for want of the broker.
    for_broker: bool,
}

pub struct World {
    pub object: TengineDeployment,
    pub now: Timestamp,
    pub commits: BTreeMap<String, Definition>,
    /// What the branch points at; an error where the host says no.
    pub head: Result<String, (Reason, bool)>,
    pub base: Result<Digest, (Reason, bool)>,
    pub secrets: bool,
    pub broker: bool,
    source: Look<SourceSeen>,
    base_look: Look<Digest>,
    push: Look<()>,
    builds: BTreeMap<String, Build>,
    releases: Vec<TengineRelease>,
    children: Vec<(LiveKind, String, Value)>,
    pods: Vec<Running>,
    /// How often each outside party was asked.
    pub asked: BTreeMap<&'static str, u32>,
    /// The fewest ready cores since the count began.
    pub fewest_ready: usize,
    /// The most versions of cores at one time.
    pub most_versions: usize,
}

pub fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl World {
    pub fn new(spec: &Value) -> Self {
        let mut object: Value = json!({
            "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment",
            "metadata": { "name": "billing", "namespace": "production", "uid": "u-1", "generation": 1 },
            "spec": {
                "source": { "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } } },
                "image": { "base": { "reference": "r.example.com/core:1" }, "repository": "r.example.com/ops/billing" },
                "tengine": { "eventQueue": { "host": "mq" }, "database": { "hosts": ["db:1"], "name": "t" } },
                "replicas": 2
            }
        });
        for (key, value) in spec.as_object().into_iter().flatten() {
            object["spec"][key] = value.clone();
        }
        Self {
            object: serde_json::from_value(object).unwrap(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            commits: [(commit('a'), Definition::Good)].into(),
            head: Ok(commit('a')),
            base: Ok(Digest::of(b"base")),
            secrets: true,
            broker: true,
            source: Look::default(),
            base_look: Look::default(),
            push: Look::default(),
            builds: BTreeMap::new(),
            releases: Vec::new(),
            children: Vec::new(),
            pods: Vec::new(),
            asked: BTreeMap::new(),
            fewest_ready: usize::MAX,
            most_versions: 0,
        }
    }

    pub fn push(&mut self, digit: char, definition: Definition) {
        self.commits.insert(commit(digit), definition);
        self.head = Ok(commit(digit));
    }

    pub fn edit(&mut self, change: impl FnOnce(&mut crate::api::v1alpha1::TengineDeploymentSpec)) {
        change(&mut self.object.spec);
        *self.object.metadata.generation.get_or_insert(0) += 1;
    }

    pub fn observed(&self) -> Observed {
        let mut observed = Observed {
            source: self.source.clone(),
            base: self.base_look.clone(),
            push: self.push.clone(),
            builds: self.builds.clone(),
            releases: self.releases.clone(),
            children: self.children.iter().map(|(kind, name, object)| self.child(*kind, name, object)).collect(),
            pods: self.pods.iter().enumerate().map(|(number, pod)| Self::pod(number, pod)).collect(),
            status: self.object.status.clone().unwrap_or_default(),
            ..Observed::default()
        };
        if self.secrets {
            observed.references.hashes = self.releases.iter().map(|release| (release.name_any(), "h".into())).collect();
        } else {
            observed
                .references
                .problems
                .push(crate::plan::Problem::new(Reason::SecretMissing, "Secret mq is not there"));
        }
        observed
    }

    fn child(&self, kind: LiveKind, name: &str, object: &Value) -> LiveChild {
        let mut object = object.clone();
        if kind == LiveKind::Deployment {
            let template = object["spec"]["template"].to_string();
            let wanted = object["spec"]["replicas"].as_i64().unwrap();
            let mine: Vec<&Running> = self.pods.iter().filter(|pod| pod_of(name) == Some(pod.component)).collect();
            let updated = mine.iter().filter(|pod| pod.template == template).count();
            let ready = mine.iter().filter(|pod| pod.ready).count();
            let hangs =
                mine.iter().any(|pod| pod.template == template && self.does(&pod.image) == Some(Definition::Hangs));
            object["metadata"]["generation"] = json!(1);
            object["status"] = json!({
                "observedGeneration": 1, "replicas": mine.len(), "updatedReplicas": updated,
                "readyReplicas": ready, "availableReplicas": ready.min(usize::try_from(wanted).unwrap()),
                "conditions": [{ "type": "Progressing", "status": if hangs { "False" } else { "True" } }]
            });
        }
        LiveChild { kind, name: name.into(), ours: true, deleting: false, object, acknowledged: None }
    }

    fn pod(number: usize, pod: &Running) -> Pod {
        let evidence = if pod.for_broker {
            Evidence::read("bunny.rb:1:in `x': refused (Bunny::TCPConnectionFailed)", &[])
        } else {
            Evidence::read("/var/lib/tengine/dsl/a.rb:3:in `x': boom (NameError)", &[])
        };
        let crash = || PodTrouble::Crash(Crash { exit_code: 1, runtime_reason: None, evidence });
        Pod {
            name: format!("pod-{number}"),
            component: Some(pod.component),
            image: pod.image.clone(),
            ready: pod.ready,
            deleting: false,
            crashes: pod.crashes,
            trouble: (pod.crashes > 0 && !pod.ready).then(crash),
        }
    }

    fn does(&self, image: &str) -> Option<Definition> {
        let release = self
            .releases
            .iter()
            .find(|release| release.status.as_ref().is_some_and(|status| status.image.as_deref() == Some(image)))?;
        self.commits.get(&release.spec.commit).copied()
    }

    /// What is decided now; nothing changes.
    pub fn decide(&self) -> Plan {
        let desired = validate(&self.object).unwrap();
        plan(&desired, &self.observed(), self.now)
    }

    /// One plan carried out, then the outside does its part, then a second passes.
    pub fn tick(&mut self) -> Plan {
        let plan = self.decide();
        self.object.status = Some(plan.status.clone());
        for action in &plan.actions {
            self.act(action);
        }
        self.cluster();
        self.now += SignedDuration::from_secs(1);
        plan
    }

    /// So many seconds pass.
    pub fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.tick();
        }
    }

    /// Ticks until nothing is left to do and `Ready` rests; the number of ticks.
    pub fn settle(&mut self) -> u32 {
        for ticks in 0..200 {
            let plan = self.tick();
            let moving = plan.status.conditions.iter().any(|condition| condition.type_ == "Reconciling");
            if plan.actions.is_empty() && !moving && self.decide().status == plan.status {
                return ticks;
            }
        }
        panic!("does not settle: {}", self.line());
    }

    /// `True UpToDate main@aaaaaaa`: what `kubectl get td` shows.
    pub fn line(&self) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready");
        let (truth, reason) = ready.map_or(("", ""), |ready| (ready.status.as_str(), ready.reason.as_str()));
        let running = status.current.map_or("-".into(), |running| running.revision);
        let next = status.next.map_or(String::new(), |next| format!(" next {}", next.revision));
        format!("{truth} {reason} {running}{next}")
    }

    pub fn message(&self) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        status.conditions.into_iter().find(|condition| condition.type_ == "Ready").unwrap().message
    }

    /// The condition of this type: `False DefinitionInvalid: message`.
    pub fn condition(&self, kind: &str) -> String {
        let status = self.object.status.clone().unwrap_or_default();
        let found = status.conditions.into_iter().find(|condition| condition.type_ == kind);
        found.map_or_else(String::new, |found| format!("{} {}: {}", found.status, found.reason, found.message))
    }

    /// What the release of this number says.
    pub fn release(&self, number: i64) -> TengineReleaseStatus {
        let found = self.releases.iter().find(|release| release.spec.number == number).unwrap();
        found.status.clone().unwrap_or_default()
    }

    pub fn releases(&self) -> usize {
        self.releases.len()
    }

    /// All that is only in memory is gone.
    pub fn restart(&mut self) {
        self.source = Look::default();
        self.base_look = Look::default();
        self.push = Look::default();
        self.builds.clear();
    }

    pub fn delete_release(&mut self, number: i64) {
        self.releases.retain(|release| release.spec.number != number);
    }

    pub fn pods_of(&self, digit: char) -> usize {
        let of_commit = |pod: &&Running| {
            self.releases.iter().any(|release| {
                release.spec.commit == commit(digit)
                    && release.status.as_ref().and_then(|status| status.image.as_ref()) == Some(&pod.image)
            })
        };
        self.pods.iter().filter(|pod| pod.component == Component::Core).filter(of_commit).count()
    }

    fn ask<T: Clone>(&mut self, who: &'static str, answer: Result<T, (Reason, bool)>, before: &Look<T>) -> Look<T> {
        *self.asked.entry(who).or_default() += 1;
        let served = self.object.annotations().get(crate::plan::desired::RECONCILE_AT).cloned();
        match answer {
            Ok(answer) => {
                Look { answer: Some((answer, self.now)), trouble: None, running: false, served, not_before: None }
            }
            Err((reason, definite)) => {
                let since = before.trouble.as_ref().map_or(self.now, |trouble| trouble.since);
                let retry_at = self.now + SignedDuration::from_secs(5);
                let trouble = Trouble { reason, message: format!("{who} said no"), definite, since, retry_at };
                Look { trouble: Some(trouble), served, ..before.clone() }
            }
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::LookAtSource => {
                let seen = self.head.clone().map(|commit| SourceSeen {
                    reference: "refs/heads/main".into(),
                    commit: commit.parse::<CommitId>().unwrap(),
                });
                self.source = self.ask("git", seen, &self.source.clone());
            }
            Action::LookAtBase => self.base_look = self.ask("base", self.base.clone(), &self.base_look.clone()),
            Action::CheckPush => self.push = self.ask("push", Ok(()), &self.push.clone()),
            Action::CreateRelease(release) => {
                assert!(!self.releases.iter().any(|other| other.spec.key == release.spec.key), "one key, one release");
                self.releases.push(release.as_ref().clone());
            }
            Action::Build { release, against } => self.build(release, against.as_deref()),
            Action::RecordRelease { release, status } => {
                let found = self.releases.iter_mut().find(|found| found.name_any() == *release).unwrap();
                let before = found.status.clone().unwrap_or_default();
                assert!(before.image.is_none() || before.image == status.image, "an image is written once");
                found.status = Some(status.as_ref().clone());
                self.builds.remove(release);
            }
            Action::Apply(child) => {
                let kind = match child.kind {
                    crate::manifest::ChildKind::Deployment(_) => LiveKind::Deployment,
                    crate::manifest::ChildKind::ConfigMap => LiveKind::ConfigMap,
                };
                self.children.retain(|(_, name, _)| name != child.name.as_ref());
                self.children.push((kind, child.name.to_string(), child.object.clone()));
            }
            Action::Delete { name, .. } => self.children.retain(|(_, other, _)| other != name),
            Action::DeleteRelease { release } => self.releases.retain(|other| other.name_any() != *release),
        }
    }

    fn build(&mut self, release: &str, against: Option<&str>) {
        *self.asked.entry("build").or_default() += 1;
        let of = self.releases.iter().find(|other| other.name_any() == release).unwrap();
        let facts = CommitFacts { subject: Some("a change".into()), ..CommitFacts::default() };
        let wrong = self.commits[&of.spec.commit] == Definition::Wrong;
        let message = "a.rb:1:5: unexpected end".to_owned();
        let check = of.spec.build.definition_check.unwrap_or_default();
        let content = Content { errors: Some(i64::from(wrong)), ..Content::default() };
        let build = if wrong && matches!(check, DefinitionCheck::Error | DefinitionCheck::Strict) {
            Build::Refused(Box::new(Refused {
                reason: Reason::DefinitionInvalid,
                evidence: message.clone(),
                message,
                facts,
                content: Some(content),
            }))
        } else {
            let digest = Digest::of(format!("{}{}", of.spec.commit, of.spec.build.base_digest).as_bytes());
            Build::Built(Box::new(Built {
                image: format!("{}@{digest}", of.spec.build.repository),
                tree: Digest::of(of.spec.commit.as_bytes()),
                dsl_version: of.spec.commit.clone(),
                facts,
                changes: against.map(|against| Changes { counts: format!("since {against}"), names: Vec::new() }),
                notes: (wrong && check == DefinitionCheck::Warning).then(|| message.clone()).into_iter().collect(),
                evidence: if wrong && check == DefinitionCheck::Warning { message } else { String::new() },
                content,
            }))
        };
        self.builds.insert(release.into(), build);
    }

    /// What the Deployment controller, the kubelet and the cores do in a second.
    fn cluster(&mut self) {
        let deployments: Vec<(Component, Value)> =
            self.children.iter().filter_map(|(_, name, object)| Some((pod_of(name)?, object.clone()))).collect();
        self.pods.retain(|pod| deployments.iter().any(|(component, _)| *component == pod.component));
        for (component, object) in deployments {
            self.roll(component, &object);
        }
        for number in 0..self.pods.len() {
            let starts = self.does(&self.pods[number].image).unwrap_or(Definition::Good);
            let pod = &mut self.pods[number];
            match starts {
                _ if !self.broker && !pod.ready => (pod.crashes, pod.for_broker) = (pod.crashes + 1, true),
                Definition::Raises if pod.component == Component::Core => {
                    (pod.crashes, pod.for_broker) = (pod.crashes + 1, false);
                }
                // It runs, so how it ended before says nothing any more.
                Definition::Hangs if pod.component == Component::Core => pod.crashes = 0,
                _ => pod.ready = true,
            }
        }
        let cores = || self.pods.iter().filter(|pod| pod.component == Component::Core);
        self.fewest_ready = self.fewest_ready.min(cores().filter(|pod| pod.ready).count());
        let versions: std::collections::BTreeSet<&str> = cores().map(|pod| pod.image.as_str()).collect();
        self.most_versions = self.most_versions.max(versions.len());
    }

    fn roll(&mut self, component: Component, object: &Value) {
        let template = object["spec"]["template"].to_string();
        let image = object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
        let wanted = usize::try_from(object["spec"]["replicas"].as_i64().unwrap()).unwrap();
        let recreate = object["spec"]["strategy"]["type"] == "Recreate";
        let count = |world: &Self, new: bool| {
            world.pods.iter().filter(|pod| pod.component == component && (pod.template == template) == new).count()
        };
        if recreate && count(self, false) > 0 {
            self.pods.retain(|pod| pod.component != component || pod.template == template);
            return;
        }
        let ready = self.pods.iter().filter(|pod| pod.component == component && pod.ready).count();
        let surplus = count(self, true) + count(self, false) > wanted;
        if surplus && (ready > wanted || count(self, true) > wanted) {
            let old = self.pods.iter().position(|pod| pod.component == component && pod.template != template);
            let any = self.pods.iter().position(|pod| pod.component == component);
            if let Some(number) = old.or(any) {
                self.pods.remove(number);
            }
        } else if surplus && ready <= wanted && count(self, false) > 0 {
            // Old pods that never got ready are the first to go.
            let broken =
                self.pods.iter().position(|pod| pod.component == component && pod.template != template && !pod.ready);
            if let Some(number) = broken {
                self.pods.remove(number);
            }
        }
        if count(self, true) < wanted && count(self, true) + count(self, false) <= wanted {
            self.pods.push(Running { component, template, image, ready: false, crashes: 0, for_broker: false });
        }
    }
}

fn pod_of(deployment: &str) -> Option<Component> {
    Component::ALL
        .into_iter()
        .find(|component| deployment == crate::domain::ChildName::of_component("billing", *component).as_ref())
}
