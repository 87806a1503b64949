//! A world of one deployment: a Git host, a registry and a cluster, each as simple as can be. Time only passes in `tick`.

mod outside;
mod people;
mod quiet;
mod told;
mod told_to;

use super::cluster::{Cluster, DEADLINE};
use super::jobs::Jobs;
use super::release_states;
use super::schema;
use super::states;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{
    Content, DefinitionCheck, PassedOn, TengineAction, TengineDeployment, TengineDeploymentStatus, TengineRelease,
    TengineReleaseStatus,
};
use crate::domain::{CommitId, DeploymentName, Digest, HostRelease};
use crate::plan::observed::{
    Build, Built, Changes, CommitFacts, Look, Observed, Presence, QuerySeen, Refused, Seen, SourceSeen, Step, Trouble,
    Upstream, UpstreamSeen, Vouching, trouble,
};
use crate::plan::people::Words;
use crate::plan::releases::Releases;
use crate::plan::sight::Sight;
use crate::plan::{Effect, Plan, Problem, Turns, invalid, plan, turns, validate};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Resource, ResourceExt as _};
use quiet::Quiet;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use told_to::ToldTo;

/// What a commit does to a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Definition {
    Good,
    /// Does not parse.
    Wrong,
    /// Parses, and the core raises at start.
    Raises,
    /// The core never gets through with loading it.
    Hangs,
    /// The core cannot read the configuration file that it is given.
    Misreads,
    /// It loads and serves, and the Jobs of checks fail.
    FailsChecks,
    /// It loads, and half a minute later its cores die of it, again and again.
    Breaks,
}

#[derive(Clone, PartialEq)]
pub struct World {
    pub object: TengineDeployment,
    pub now: Timestamp,
    pub commits: BTreeMap<String, Definition>,
    /// Commits that the host does not give out (any more).
    pub left: BTreeSet<String>,
    /// What the branch points at; an error where the host says no.
    pub head: Result<String, (Reason, bool)>,
    /// Tags, of which the newest is told where the spec follows tags.
    pub tags: BTreeMap<String, String>,
    /// Releases on the Git host, by their tags.
    pub host_releases: BTreeMap<String, HostRelease>,
    pub base: Result<Digest, (Reason, bool)>,
    pub secrets: bool,
    /// What stands for the content of all Secrets in use.
    pub content: &'static str,
    /// The configuration file that the spec names.
    pub config: Option<&'static str>,
    /// Whether what is built from now on packs to what the first commit packed to.
    pub same_tree: bool,
    pub cluster: Cluster,
    /// Jobs of checks.
    pub jobs: Jobs,
    /// What Prometheus answers.
    pub prometheus: Result<f64, String>,
    queries: BTreeMap<String, QuerySeen>,
    source: Look<SourceSeen>,
    base_look: Look<Digest>,
    push: Look<()>,
    image_look: Look<Presence>,
    /// Whether the registry refuses who pushes.
    pub registry_refuses: bool,
    /// Whether the registry's retention took all images.
    pub pruned: bool,
    /// Nodes do not try again by themselves, though the image is back.
    pub nodes_wait: bool,
    /// Whether builds end the operator before they come to an end.
    pub crashes: bool,
    /// What decides an image besides its content.
    pub maker: &'static str,
    builds: BTreeMap<String, Build>,
    pub releases: Vec<TengineRelease>,
    /// Counts what was written, for the `resourceVersion`.
    writes: u32,
    /// What people asked for, and the answers.
    pub actions: Vec<TengineAction>,
    decided: usize,
    /// Whether a policy proves who makes an action.
    pub vouching: Vouching,
    /// Since when the ConfigMaps that speak of instances are the same ones.
    pub selected_since: Option<Timestamp>,
    /// When nobody led, before the operator did.
    pub vacancy: Option<(Timestamp, Timestamp)>,
    /// The deployments that gates ask.
    pub upstreams: BTreeMap<DeploymentName, Upstream>,
    /// The releases of instances that leave.
    pub leaving: BTreeMap<String, Releases>,
    /// Where verified commits are pushed to.
    pub told_to: ToldTo,
    passing: BTreeMap<String, Look<PassedOn>>,
    /// How often each outside party was asked.
    pub asked: BTreeMap<&'static str, u32>,
    /// The fewest ready cores since the count began.
    pub fewest_ready: usize,
    /// The most versions of cores at one time.
    pub most_versions: usize,
    /// The most of them that consumed events at one time.
    pub most_consuming: usize,
    /// The most turns whose cores consumed events at one time.
    pub most_turns: usize,
    /// The operator ends between the word that a turn has come and telling the cores.
    pub dies_while_it_tells: bool,
    /// The types of events that what is built from now on handles and what was built before did not; and the other way round.
    pub events: (Vec<String>, Vec<String>),
    /// How many effects of each plan are carried out before the operator ends; all, by default.
    pub effects: usize,
    /// How many writes there were, the status included.
    pub written: usize,
    /// After which of them the operator is killed.
    pub killed: Option<usize>,
    /// Nobody can carry out what the spec has become; what stands here is the last one that could be.
    pub invalid: bool,
    /// The operator plans each second, and where nothing changed and it is not yet time, it must have nothing to do.
    pub each_second: bool,
    /// So far the operator's clock is beyond one of the API server's seconds.
    pub between: SignedDuration,
    quiet: Option<Quiet>,
}

pub fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl World {
    #[expect(clippy::too_many_lines, reason = "all that a world starts with")]
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
        if object["spec"]["strategy"]["progressDeadline"].is_null() {
            object["spec"]["strategy"]["progressDeadline"] = json!(format!("{DEADLINE}s"));
        }
        Self {
            object: serde_json::from_value(object).unwrap(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            commits: [(commit('a'), Definition::Good)].into(),
            left: BTreeSet::new(),
            head: Ok(commit('a')),
            tags: BTreeMap::new(),
            host_releases: BTreeMap::new(),
            base: Ok(Digest::of(b"base")),
            secrets: true,
            content: "h",
            config: None,
            same_tree: false,
            cluster: Cluster::default(),
            jobs: Jobs::default(),
            prometheus: Ok(0.0),
            queries: BTreeMap::new(),
            source: Look::default(),
            base_look: Look::default(),
            push: Look::default(),
            image_look: Look::default(),
            registry_refuses: false,
            pruned: false,
            nodes_wait: false,
            crashes: false,
            maker: "",
            builds: BTreeMap::new(),
            releases: Vec::new(),
            writes: 0,
            actions: Vec::new(),
            decided: 0,
            vouching: Vouching::NotAsked,
            selected_since: None,
            vacancy: None,
            upstreams: BTreeMap::new(),
            leaving: BTreeMap::new(),
            told_to: ToldTo::default(),
            passing: BTreeMap::new(),
            asked: BTreeMap::new(),
            fewest_ready: usize::MAX,
            most_versions: 0,
            most_consuming: 0,
            most_turns: 0,
            dies_while_it_tells: false,
            events: (Vec::new(), Vec::new()),
            effects: usize::MAX,
            written: 0,
            killed: None,
            invalid: false,
            each_second: false,
            between: SignedDuration::ZERO,
            quiet: None,
        }
    }

    pub fn push(&mut self, digit: char, definition: Definition) {
        self.commits.insert(commit(digit), definition);
        self.head = Ok(commit(digit));
    }

    /// A tag is pushed on this commit, by force where it is there.
    pub fn tag(&mut self, name: &str, digit: char) {
        self.commits.entry(commit(digit)).or_insert(Definition::Good);
        self.tags.insert(name.into(), commit(digit));
    }

    /// The registry loses its images, and a pod has to be made anew.
    pub fn prune(&mut self) {
        self.pruned = true;
        self.cluster.environment.unpullable = true;
        self.cluster.evict();
    }

    pub fn edit(&mut self, change: impl FnOnce(&mut crate::api::v1alpha1::TengineDeploymentSpec)) {
        change(&mut self.object.spec);
        *self.object.metadata.generation.get_or_insert(0) += 1;
    }

    pub fn observed(&self) -> Observed {
        let words = Words::of(&self.actions, self.object.metadata.uid.as_deref().unwrap());
        let mut observed = Observed {
            source: self.source.clone(),
            base: self.base_look.clone(),
            push: self.push.clone(),
            image: self.image_look.clone(),
            builds: self.builds.clone(),
            passing: self.passing.clone(),
            releases: self.releases_as_seen(),
            actions: self.actions.clone(),
            words,
            vouching: self.vouching.clone(),
            selected_since: self.selected_since,
            vacancy: self.vacancy,
            upstreams: self.upstreams.clone(),
            leaving: self.leaving.clone(),
            status: self.object.status.clone().unwrap_or_default(),
            ..Observed::default()
        };
        observed.references.config = self.config.map(str::to_owned);
        observed.jobs = self.jobs.observed(self.now);
        observed.connections = self.jobs.connections(self.now);
        observed.queries = self.queries.clone();
        (observed.children, observed.pods) = self.cluster.observed(self.now);
        if self.secrets {
            observed.references.wanted = Some(self.content.into());
            observed.references.hashes =
                self.releases.iter().map(|release| (release.name_any(), self.content.into())).collect();
        } else {
            observed
                .references
                .problems
                .push(crate::plan::Problem::new(Reason::SecretMissing, "Secret mq is not there"));
        }
        observed
    }

    /// What the definitions of each image do.
    fn images(&self) -> BTreeMap<String, Definition> {
        let of = |release: &TengineRelease| {
            Some((release.status.as_ref()?.image.clone()?, *self.commits.get(&release.spec.commit)?))
        };
        self.releases.iter().filter_map(of).collect()
    }

    /// What is decided now; nothing changes.
    pub fn decide(&self) -> Plan {
        let (desired, now) = (validate(&self.object).unwrap(), self.now + self.between);
        if self.invalid {
            let Turns { effects, next, nodes, .. } = turns(&desired, &self.observed(), now);
            let (before, problem) =
                (self.object.status.clone().unwrap_or_default(), Problem::new(Reason::InvalidSpec, "x"));
            let told = invalid(&[problem], desired.generation, &before, now);
            let status = TengineDeploymentStatus { nodes, ..told };
            return Plan { effects, status, next };
        }
        plan(&desired, &self.observed(), now)
    }

    /// One plan carried out, if it is time for one, then the outside does its part, then a second passes.
    pub fn tick(&mut self) -> Plan {
        let plan = self.planned();
        if let Some(plan) = &plan {
            self.follow(plan);
        }
        self.second();
        plan.unwrap_or_else(|| Plan {
            effects: Vec::new(),
            status: self.object.status.clone().unwrap_or_default(),
            next: Duration::ZERO,
        })
    }

    fn follow(&mut self, plan: &Plan) {
        let before = self.object.status.clone();
        if before.as_ref() != Some(&plan.status) {
            schema::admit("TengineDeployment", "status", &plan.status);
            states::admit(&plan.status);
            // As it comes back from the API server, with times of whole seconds.
            let written = serde_json::to_value(&plan.status).unwrap();
            self.object.status = Some(serde_json::from_value(written).unwrap());
        }
        let lags = self.cluster.environment.lags || self.jobs.cached.is_some();
        assert!(self.carry_out(plan) || lags, "what was decided on what is there is taken: {:?}", plan.effects);
        self.names_who_serves();
        if self.killed.is_some_and(|killed| killed == self.written) && !plan.effects.is_empty() {
            // It is written last.
            self.object.status = before;
        } else if before != self.object.status {
            self.is_killed();
        }
    }

    /// All but the operator.
    fn second(&mut self) {
        let (images, now) = (self.images(), self.now);
        self.cluster.look(now);
        self.cluster.second(&images, now);
        self.jobs.second(&images, now);
        self.fewest_ready = self.fewest_ready.min(self.cluster.ready_cores());
        self.most_versions = self.most_versions.max(self.cluster.versions());
        self.most_consuming = self.most_consuming.max(self.cluster.consuming());
        self.most_turns = self.most_turns.max(self.cluster.turns().len());
        self.now += SignedDuration::from_secs(1);
    }

    /// Whether the operator is killed after one more write.
    pub(super) fn is_killed(&mut self) -> bool {
        self.written += 1;
        let killed = self.killed == Some(self.written);
        if killed {
            self.restart();
        }
        killed
    }

    /// A version that is said to serve has a core that does, as far as can be seen.
    fn names_who_serves(&self) {
        // One with instances has no cores, and repeats what instances say of theirs.
        if self.object.spec.strategy.as_ref().is_some_and(|strategy| strategy.active_standby.is_some()) {
            return;
        }
        let message = self.message();
        let words: Vec<&str> = message.split_whitespace().collect();
        for said in words
            .windows(3)
            .filter(|said| ["keeps serving.", "serves again.", "serves, with"].contains(&said[1..].join(" ").as_str()))
        {
            let serves = self.cluster.ready_of(&self.images_of(said[0])) > 0;
            assert!(serves || self.cluster.environment.lags, "no core of {} is ready: {message}", said[0]);
        }
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
            if plan.effects.is_empty() && !moving && self.decide().status == plan.status {
                return ticks;
            }
        }
        panic!("does not settle: {}", self.line());
    }

    /// The release of this number is as `change` leaves it.
    pub fn record(&mut self, number: i64, change: impl FnOnce(&mut TengineReleaseStatus)) {
        self.writes += 1;
        let version = self.writes.to_string();
        let found = self.releases.iter_mut().find(|release| release.spec.number == number).unwrap();
        found.metadata.resource_version = Some(version);
        change(found.status.get_or_insert_default());
    }

    /// The name of a release.
    pub fn name_of(&self, number: i64) -> String {
        self.releases.iter().find(|release| release.spec.number == number).unwrap().name_any()
    }

    pub fn delete_release(&mut self, number: i64) {
        self.releases.retain(|release| release.spec.number != number);
    }

    pub fn pods_of(&self, digit: char) -> usize {
        self.cluster.cores_of(&self.images_of(&commit(digit)))
    }

    /// How many cores of a commit consume events.
    pub fn consume(&self, digit: char) -> usize {
        self.cluster.consuming_of(&self.images_of(&commit(digit)))
    }

    /// What stands for the content that cores were started with.
    pub fn contents_of_pods(&self) -> BTreeSet<String> {
        self.cluster.contents()
    }

    /// How many cores of this commit the Deployments want.
    pub fn wanted_of(&self, digit: char) -> i64 {
        self.cluster.wanted_of(&self.images_of(&commit(digit)))
    }

    pub fn images_of(&self, commit: &str) -> Vec<&str> {
        let of_commit = |release: &&TengineRelease| release.spec.commit.starts_with(commit);
        self.releases.iter().filter(of_commit).filter_map(|release| release.status.as_ref()?.image.as_deref()).collect()
    }
}
