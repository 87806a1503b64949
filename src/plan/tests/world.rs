//! A world of one deployment: a Git host, a registry and a cluster, each as simple as can be. Time only passes in `tick`.

use super::cluster::{Cluster, DEADLINE};
use super::jobs::Jobs;
use super::schema;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{
    Content, DefinitionCheck, TengineAction, TengineActionSpec, TengineDeployment, TengineRelease,
    TengineReleaseStatus, Verb,
};
use crate::domain::{CommitId, DeploymentName, Digest};
use crate::plan::observed::{
    Build, Built, Changes, CommitFacts, Look, Observed, Presence, QuerySeen, Refused, SourceSeen, Trouble, Upstream,
    UpstreamSeen,
};
use crate::plan::people::Words;
use crate::plan::releases::Releases;
use crate::plan::sight::Sight;
use crate::plan::{Effect, Plan, plan, validate};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
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
    /// The core never gets through with loading it.
    Hangs,
    /// It loads and serves, and the Jobs of checks fail.
    FailsChecks,
    /// It loads, and half a minute later its cores die of it, again and again.
    Breaks,
}

pub struct World {
    pub object: TengineDeployment,
    pub now: Timestamp,
    pub commits: BTreeMap<String, Definition>,
    /// What the branch points at; an error where the host says no.
    pub head: Result<String, (Reason, bool)>,
    pub base: Result<Digest, (Reason, bool)>,
    pub secrets: bool,
    /// What stands for the content of all Secrets in use.
    pub content: &'static str,
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
    /// Whether the registry's retention took all images.
    pub pruned: bool,
    /// Nodes do not try again by themselves, though the image is back.
    pub nodes_wait: bool,
    /// Whether builds end the operator before they come to an end.
    pub crashes: bool,
    /// What decides an image besides its content.
    pub maker: &'static str,
    builds: BTreeMap<String, Build>,
    releases: Vec<TengineRelease>,
    /// Counts what was written, for the `resourceVersion`.
    writes: u32,
    /// What people asked for, and the answers.
    pub actions: Vec<TengineAction>,
    decided: usize,
    /// The deployments that gates ask.
    pub upstreams: BTreeMap<DeploymentName, Upstream>,
    /// How often each outside party was asked.
    pub asked: BTreeMap<&'static str, u32>,
    /// The fewest ready cores since the count began.
    pub fewest_ready: usize,
    /// The most versions of cores at one time.
    pub most_versions: usize,
    /// The most of them that consumed events at one time.
    pub most_consuming: usize,
    /// The operator ends between the word that a turn has come and telling the cores.
    pub dies_while_it_tells: bool,
    /// How many effects of each plan are carried out before the operator ends; all, by default.
    pub effects: usize,
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
        if object["spec"]["strategy"]["progressDeadline"].is_null() {
            object["spec"]["strategy"]["progressDeadline"] = json!(format!("{DEADLINE}s"));
        }
        Self {
            object: serde_json::from_value(object).unwrap(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            commits: [(commit('a'), Definition::Good)].into(),
            head: Ok(commit('a')),
            base: Ok(Digest::of(b"base")),
            secrets: true,
            content: "h",
            same_tree: false,
            cluster: Cluster::default(),
            jobs: Jobs::default(),
            prometheus: Ok(0.0),
            queries: BTreeMap::new(),
            source: Look::default(),
            base_look: Look::default(),
            push: Look::default(),
            image_look: Look::default(),
            pruned: false,
            nodes_wait: false,
            crashes: false,
            maker: "",
            builds: BTreeMap::new(),
            releases: Vec::new(),
            writes: 0,
            actions: Vec::new(),
            decided: 0,
            upstreams: BTreeMap::new(),
            asked: BTreeMap::new(),
            fewest_ready: usize::MAX,
            most_versions: 0,
            most_consuming: 0,
            dies_while_it_tells: false,
            effects: usize::MAX,
        }
    }

    pub fn push(&mut self, digit: char, definition: Definition) {
        self.commits.insert(commit(digit), definition);
        self.head = Ok(commit(digit));
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
            releases: self.releases.iter().cloned().collect::<Releases>().amended(&words),
            actions: self.actions.clone(),
            words,
            upstreams: self.upstreams.clone(),
            status: self.object.status.clone().unwrap_or_default(),
            ..Observed::default()
        };
        observed.jobs = self.jobs.observed(self.now);
        observed.queries = self.queries.clone();
        (observed.children, observed.pods) = self.cluster.observed(self.now);
        if self.secrets {
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
        let desired = validate(&self.object).unwrap();
        plan(&desired, &self.observed(), self.now)
    }

    /// One plan carried out, then the outside does its part, then a second passes.
    pub fn tick(&mut self) -> Plan {
        let plan = self.decide();
        if self.object.status.as_ref() != Some(&plan.status) {
            schema::admit("TengineDeployment", "status", &plan.status);
        }
        self.object.status = Some(plan.status.clone());
        self.names_who_serves();
        assert!(self.carry_out(&plan), "what was decided on what is there is taken");
        let (images, now) = (self.images(), self.now);
        self.cluster.look(now);
        self.cluster.second(&images, now);
        self.jobs.second(&images, now);
        self.fewest_ready = self.fewest_ready.min(self.cluster.ready_cores());
        self.most_versions = self.most_versions.max(self.cluster.versions());
        self.most_consuming = self.most_consuming.max(self.cluster.consuming());
        self.now += SignedDuration::from_secs(1);
        plan
    }

    /// A version that is said to serve has a core that does, as far as can be seen.
    fn names_who_serves(&self) {
        let message = self.message();
        let words: Vec<&str> = message.split_whitespace().collect();
        for said in
            words.windows(3).filter(|said| ["keeps serving.", "serves, with"].contains(&said[1..].join(" ").as_str()))
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
        self.find_release(number).unwrap()
    }

    /// The same, where there is one.
    pub fn find_release(&self, number: i64) -> Option<TengineReleaseStatus> {
        let found = self.releases.iter().find(|release| release.spec.number == number)?;
        Some(found.status.clone().unwrap_or_default())
    }

    pub fn releases(&self) -> usize {
        self.releases.len()
    }

    /// The releases, as people's words have them.
    pub fn releases_as_seen(&self) -> Releases {
        self.observed().releases
    }

    /// The release that the cluster was last told to run.
    pub fn told(&self) -> Option<String> {
        let (desired, observed) = (validate(&self.object).unwrap(), self.observed());
        Sight { desired: &desired, observed: &observed, now: self.now }.told().map(ToOwned::to_owned)
    }

    /// What another deployment may see of this one.
    pub fn seen(&self) -> Upstream {
        Upstream::Seen(Box::new(UpstreamSeen {
            uid: self.object.metadata.uid.clone().unwrap(),
            environment: self.object.spec.environment.as_ref().map(|environment| environment.name.clone()),
            releases: self.releases.iter().cloned().collect(),
        }))
    }

    /// The same, if these commits had been verified here at these times.
    pub fn proven(&self, commits: impl Iterator<Item = (String, Timestamp)>, now: Timestamp) -> Upstream {
        let mut seen = self.releases.clone();
        for (number, (commit, at)) in commits.enumerate().filter(|(_, (_, at))| *at <= now) {
            let mut release = self.releases[0].clone();
            release.metadata.name = Some(format!("billing-{:04}-{}", number + 10, &commit[..7]));
            release.spec.number = i64::try_from(number + 10).unwrap();
            let digest = Digest::of(format!("{commit}{}", release.spec.build.base_digest).as_bytes());
            release.spec.commit = commit;
            let status = release.status.get_or_insert_default();
            status.image = Some(format!("{}@{digest}", release.spec.build.repository));
            status.verified_at = Some(Time(at));
            status.statuses[0].since = Time(at);
            seen.push(release);
        }
        let Upstream::Seen(mut upstream) = self.seen() else { unreachable!() };
        upstream.releases = seen.into_iter().collect();
        Upstream::Seen(upstream)
    }

    /// The release of this number is as `change` leaves it.
    pub fn record(&mut self, number: i64, change: impl FnOnce(&mut TengineReleaseStatus)) {
        self.writes += 1;
        let version = self.writes.to_string();
        let found = self.releases.iter_mut().find(|release| release.spec.number == number).unwrap();
        found.metadata.resource_version = Some(version);
        change(found.status.get_or_insert_default());
    }

    /// A person creates an action; its place in the list.
    pub fn decided(&mut self, verb: Verb, release: Option<&str>) -> usize {
        let spec = json!({ "deployment": "billing", "action": verb.word(), "by": { "user": "alice" } });
        let mut spec: TengineActionSpec = serde_json::from_value(spec).unwrap();
        spec.release = release.map(ToOwned::to_owned);
        let mut action = TengineAction::new(&format!("act-{:03}", self.decided), spec);
        self.decided += 1;
        action.metadata.creation_timestamp = Some(Time(self.now));
        self.actions.push(action);
        self.actions.len() - 1
    }

    /// A person says something at a gate about the release of this number; its place in the list.
    pub fn said(&mut self, verb: Verb, who: &str, number: i64, gate: Option<&str>) -> usize {
        let release = self.name_of(number);
        let action = self.decided(verb, Some(&release));
        let spec = &mut self.actions[action].spec;
        let (user, groups) =
            who.split_once('/').map_or((who, Vec::new()), |(user, group)| (user, vec![group.to_owned()]));
        (spec.by.user, spec.by.groups) = (user.to_owned(), groups);
        spec.gate = gate.map(ToOwned::to_owned);
        spec.reason = (verb != Verb::Approve).then(|| "it has to be".to_owned());
        action
    }

    /// `Done: message`: the answer to an action.
    pub fn answer(&self, action: usize) -> String {
        let status = self.actions[action].status.clone().unwrap_or_default();
        format!("{:?}: {}", status.outcome.unwrap(), status.message.unwrap_or_default())
    }

    /// The name of a release.
    pub fn name_of(&self, number: i64) -> String {
        self.releases.iter().find(|release| release.spec.number == number).unwrap().name_any()
    }

    /// All that is only in memory is gone.
    pub fn restart(&mut self) {
        self.source = Look::default();
        self.base_look = Look::default();
        self.push = Look::default();
        self.image_look = Look::default();
        self.builds.clear();
        self.queries.clear();
        self.cluster.forget();
    }

    pub fn delete_release(&mut self, number: i64) {
        self.releases.retain(|release| release.spec.number != number);
    }

    pub fn pods_of(&self, digit: char) -> usize {
        self.cluster.cores_of(&self.images_of(&commit(digit)))
    }

    /// How many cores of this commit the Deployments want.
    pub fn wanted_of(&self, digit: char) -> i64 {
        self.cluster.wanted_of(&self.images_of(&commit(digit)))
    }

    fn images_of(&self, commit: &str) -> Vec<&str> {
        let of_commit = |release: &&TengineRelease| release.spec.commit.starts_with(commit);
        self.releases.iter().filter(of_commit).filter_map(|release| release.status.as_ref()?.image.as_deref()).collect()
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

    /// What is decided now is carried out at once, but for what was decided on a record of before and all that comes after it.
    /// Says whether all was done.
    pub fn carry_out(&mut self, plan: &Plan) -> bool {
        plan.effects.iter().take(self.effects).all(|effect| self.act(effect))
    }

    /// Whether it was done: the API server refuses what was decided on an object of before.
    fn act(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::LookAtSource => {
                let seen = self.head.clone().map(|commit| SourceSeen {
                    reference: "refs/heads/main".into(),
                    commit: commit.parse::<CommitId>().unwrap(),
                });
                self.source = self.ask("git", seen, &self.source.clone());
            }
            Effect::LookAtBase => self.base_look = self.ask("base", self.base.clone(), &self.base_look.clone()),
            Effect::CheckPush => self.push = self.ask("push", Ok(()), &self.push.clone()),
            Effect::LookForImage => {
                let seen = if self.pruned { Presence::Gone("the image".into()) } else { Presence::Whole };
                self.image_look = self.ask("image", Ok(seen), &self.image_look.clone());
            }
            Effect::CreateRelease(release) => {
                schema::admit("TengineRelease", "spec", &release.spec);
                assert!(!self.releases.iter().any(|other| other.spec.key == release.spec.key), "one key, one release");
                let mut made = release.as_ref().clone();
                self.writes += 1;
                made.metadata.resource_version = Some(self.writes.to_string());
                self.releases.push(made);
            }
            Effect::Build { release, against } => self.build(release, against.as_deref()),
            Effect::RecordRelease { release, seen, status } => {
                schema::admit("TengineRelease", "status", status);
                let found = self.releases.iter_mut().find(|found| found.name_any() == *release).unwrap();
                if found.metadata.resource_version != *seen {
                    return false;
                }
                self.writes += 1;
                found.metadata.resource_version = Some(self.writes.to_string());
                let before = found.status.clone().unwrap_or_default();
                assert!(before.image.is_none() || before.image == status.image, "an image is written once");
                found.status = Some(status.as_ref().clone());
                self.builds.remove(release);
            }
            Effect::Apply { child, .. } => self.cluster.apply(child),
            Effect::Stop { name, .. } => self.cluster.stop(name),
            Effect::Begin { turn, word } => self.cluster.begin(*turn, word, self.dies_while_it_tells),
            Effect::Delete { name, .. } => self.cluster.delete(name),
            Effect::DeleteRelease { release } => self.releases.retain(|other| other.name_any() != *release),
            Effect::AnswerAction { action, status } => {
                schema::admit("TengineAction", "status", status);
                let found = self.actions.iter_mut().find(|found| found.name_any() == *action).unwrap();
                assert!(found.status.is_none(), "an action is answered once");
                found.status = Some(status.as_ref().clone());
            }
            Effect::StartJob { name, object, .. } => self.jobs.start(name, object, self.now),
            Effect::DeleteJob { name } => self.jobs.delete(name),
            Effect::Ask(query) => {
                *self.asked.entry("prometheus").or_default() += 1;
                let answer = Some((self.prometheus.clone(), self.now));
                self.queries.insert(query.identity.clone(), QuerySeen { answer, running: false });
            }
            Effect::DeleteAction { action } => self.actions.retain(|other| other.name_any() != *action),
        }
        true
    }

    fn build(&mut self, release: &str, against: Option<&str>) {
        *self.asked.entry("build").or_default() += 1;
        if self.crashes {
            self.restart();
            return;
        }
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
            let packed = if self.same_tree { commit('a') } else { of.spec.commit.clone() };
            let digest = Digest::of(format!("{packed}{}{}", of.spec.build.base_digest, self.maker).as_bytes());
            let image = format!("{}@{digest}", of.spec.build.repository);
            if self.pruned && of.status.as_ref().and_then(|status| status.image.as_ref()) == Some(&image) {
                self.pruned = false;
                self.cluster.environment.unpullable = self.nodes_wait;
            }
            Build::Built(Box::new(Built {
                image,
                platform: "linux/amd64".parse().unwrap(),
                tree: Digest::of(packed.as_bytes()),
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
}
