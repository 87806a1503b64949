//! A deployment with instances, and a world for each of them.

use super::world::{Definition, World, commit};
use crate::api::v1alpha1::{
    ActiveStandby, Outcome, PhaseName, Standby, TengineAction, TengineDeployment, TengineDeploymentSpec, Verb,
};
use crate::domain::DeploymentName;
use crate::plan::observed::Upstream;
use crate::plan::people::Words;
use crate::plan::releases::Releases;
use crate::plan::sight::Sight;
use crate::plan::{fleet, validate};
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// All of it.
#[derive(Clone)]
pub struct FleetWorld {
    /// The deployment that has the instances.
    pub fleet: World,
    /// They, by their ids.
    pub instances: BTreeMap<String, World>,
    /// What commits do in one instance alone.
    pub odd: BTreeMap<(String, String), Definition>,
    /// Instances that somebody is removing, and whose finalizers stay: nobody reconciles them, and they do not count as made.
    pub removed: BTreeSet<String>,
    /// What was seen of the releases of the others a second ago is all that instances and fleet know.
    pub lags: bool,
    before: SeenOfOthers,
    /// The words that the version of each commit had, in their order.
    pub words: BTreeMap<String, Vec<String>>,
    /// What was said of each release in each passage, in that order.
    said: BTreeMap<(String, i64), Vec<String>>,
    /// The versions that instances were let to take over with, some time.
    let_over: BTreeSet<String>,
    /// Instances in which both nodes may serve, or may not have ended yet since they might.
    both: BTreeSet<String>,
    /// What each instance serves in each turn.
    turns: BTreeMap<(String, i64), String>,
    /// The last phase that any instance has been through with each version, some time.
    reached: BTreeMap<String, i32>,
    /// What was done that must never be.
    pub crimes: Vec<String>,
}

/// What each may see of the others.
#[derive(Default, Clone)]
struct SeenOfOthers {
    upstreams: BTreeMap<DeploymentName, Upstream>,
    leaving: BTreeMap<String, Releases>,
}

/// Three instances, of one core each.
pub fn spec() -> Value {
    of(3)
}

/// So many.
pub fn of(instances: usize) -> Value {
    let instance = |number: usize| {
        let id = format!("{number:03}");
        json!({ "id": id, "tengine": { "eventQueue": { "vhost": id }, "database": { "name": id } } })
    };
    let instances: Vec<Value> = (1..=instances).map(instance).collect();
    json!({
        "replicas": 1,
        "environment": { "name": "Production" },
        "strategy": { "type": "ActiveStandby", "activeStandby": { "instances": instances } },
    })
}

/// The id of the instance that an object is; none of somebody else's.
fn id_of(object: &Value) -> Option<String> {
    Some(object["metadata"]["labels"]["tengine.dev/instance"].as_str()?.to_owned())
}

fn named(name: &str) -> DeploymentName {
    DeploymentName { namespace: "production".into(), name: name.into() }
}

impl FleetWorld {
    pub fn new(spec: &Value) -> Self {
        let mut fleet = World::new(spec);
        fleet.object.metadata.name = Some("fleet".into());
        Self {
            fleet,
            instances: BTreeMap::new(),
            odd: BTreeMap::new(),
            removed: BTreeSet::new(),
            lags: false,
            before: SeenOfOthers::default(),
            words: BTreeMap::new(),
            said: BTreeMap::new(),
            let_over: BTreeSet::new(),
            both: BTreeSet::new(),
            turns: BTreeMap::new(),
            reached: BTreeMap::new(),
            crimes: Vec::new(),
        }
    }

    /// All instances serve the first commit with the primary nodes, and the secondary ones wait. What leads there is lived through once for each spec.
    pub fn live(spec: &Value) -> Self {
        static KNOWN: Mutex<BTreeMap<String, FleetWorld>> = Mutex::new(BTreeMap::new());
        // One that ended in a panic is no part of it.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(spec.to_string()).or_insert_with(|| Self::made_live(spec)).clone()
    }

    fn made_live(spec: &Value) -> Self {
        let mut world = Self::new(spec);
        world.pass(200);
        assert_eq!(world.fleet.line(), "True UpToDate main@aaaaaaa", "{}", world.fleet.message());
        world.instances.values_mut().for_each(|instance| instance.most_turns = 0);
        world
    }

    /// `strategy.activeStandby` is changed.
    pub fn change(&mut self, change: impl FnOnce(&mut ActiveStandby)) {
        self.fleet.edit(|spec| change(spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap()));
    }

    /// A commit is pushed that does this in all instances.
    pub fn push(&mut self, digit: char, definition: Definition) {
        self.fleet.push(digit, definition);
    }

    /// A person begins a phase; the action's place in the list.
    pub fn started(&mut self, phase: PhaseName, release: Option<&str>) -> usize {
        let action = self.fleet.decided(Verb::StartPhase, release);
        self.fleet.actions[action].spec.phase = Some(phase);
        action
    }

    /// What a commit does in one instance.
    pub fn oddly(&mut self, id: &str, digit: char, definition: Definition) {
        self.odd.insert((id.into(), commit(digit)), definition);
    }

    pub fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.tick();
        }
    }

    /// Nothing happens for so long.
    pub fn jump(&mut self, time: SignedDuration) {
        self.fleet.now += time;
        self.instances.values_mut().for_each(|instance| instance.now += time);
    }

    /// Until this is so; the world where it is not within this time.
    pub fn until(&mut self, seconds: u32, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..seconds {
            if is_so(self) {
                return;
            }
            self.tick();
        }
        panic!("not within {seconds} s: {what}: {} {}\n{}", self.fleet.line(), self.fleet.message(), self.lines());
    }

    /// One second.
    pub fn tick(&mut self) {
        let now = self.seen();
        let known = if self.lags { std::mem::replace(&mut self.before, now) } else { now };
        let of_fleet = named("fleet");
        self.fleet.upstreams = known.upstreams.clone();
        self.fleet.leaving = known.leaving;
        self.fleet.upstreams.remove(&of_fleet);
        let (before, may_follow) = (self.phases(), self.may_follow());
        self.fleet.tick();
        self.judge_start(before);
        if self.phases().0 > before.0 && !may_follow && !self.is_brought_back() {
            self.crimes.push(format!("a version begins at {}, and {before:?} are under way", self.fleet.now));
        }
        self.follow();
        let going = self.going();
        let told = known.upstreams.get(&of_fleet).cloned().unwrap_or(Upstream::NotRead);
        for (id, instance) in &mut self.instances {
            for (commit, definition) in &self.fleet.commits {
                let odd = self.odd.get(&(id.clone(), commit.clone()));
                instance.commits.insert(commit.clone(), *odd.unwrap_or(definition));
            }
            instance.upstreams = [(of_fleet.clone(), told.clone())].into();
            if !self.removed.contains(id) && !going.contains(id) {
                instance.tick();
            }
        }
        self.judge();
        self.note();
    }

    /// What each may see of the others.
    fn seen(&self) -> SeenOfOthers {
        let wanted = validate(&self.fleet.object).unwrap();
        let is_there = |id: &&str| !self.removed.contains(*id);
        let found = |id: &str| Some(id).filter(is_there).and_then(|id| self.instances.get(id));
        let of = |id: &str| found(id).map_or(Upstream::Missing, World::seen);
        let instances = wanted.instances().map(|instance| (instance.deployment.clone(), of(&instance.id)));
        let upstreams = instances.chain([(named("fleet"), self.fleet.seen())]).collect();
        let stays = |name: &str, object: &Value| {
            object["metadata"]["deletionTimestamp"].is_null()
                && wanted.instances().any(|instance| instance.deployment.name == name)
        };
        let objects = self.fleet.cluster.instances.iter().filter(|(name, object)| !stays(name, object));
        let leaving = objects.filter_map(|(name, object)| {
            let id = id_of(object)?;
            // Its records go at once, and its cores when they have ended.
            let goes = self.going().contains(&id);
            let kept = self.instances.get(&id)?.releases.iter().filter(|_| !goes);
            Some((name.clone(), kept.cloned().collect()))
        });
        SeenOfOthers { upstreams, leaving: leaving.collect() }
    }

    /// The ids of those that are being removed.
    fn going(&self) -> BTreeSet<String> {
        let objects = self.fleet.cluster.instances.values();
        let goes = objects.filter(|object| !object["metadata"]["deletionTimestamp"].is_null());
        goes.filter_map(|object| id_of(object)).collect()
    }

    /// Instances come, change and go as the objects do.
    fn follow(&mut self) {
        let objects = self.fleet.cluster.instances.values();
        let wanted: BTreeMap<String, TengineDeployment> = objects
            .filter_map(|object| Some((id_of(object)?, serde_json::from_value(object.as_ref().clone()).unwrap())))
            .collect();
        self.instances.retain(|id, _| wanted.contains_key(id));
        for (id, object) in wanted {
            let (now, each_second, between) = (self.fleet.now, self.fleet.each_second, self.fleet.between);
            let instance = self.instances.entry(id).or_insert_with(|| {
                let mut made = World::new(&json!({}));
                made.object.metadata.creation_timestamp = Some(Time(now));
                (made.each_second, made.between) = (each_second, between);
                made
            });
            instance.now = now;
            instance.object.metadata.owner_references = object.metadata.owner_references;
            // That is a person's, and no field that the operator writes.
            let wanted = TengineDeploymentSpec { suspend: instance.object.spec.suspend, ..object.spec };
            if instance.object.spec != wanted {
                instance.edit(|spec| *spec = wanted);
            }
        }
    }

    /// What must never be: two active nodes, and a version that serves though no instance was ever let to take over with it.
    fn judge(&mut self) {
        for release in self.fleet.releases_as_seen().iter() {
            if release.status.phases.as_ref().is_some_and(|phases| phases.begun >= 2) {
                self.let_over.insert(release.spec.commit[..7].to_owned());
            }
        }
        for digit in 'a'..='f' {
            let commit = commit(digit)[..7].to_owned();
            if self.serving(digit) > 0 && !self.let_over.contains(&commit) {
                self.crimes.push(format!("{commit} serves, and was never let to, at {}", self.fleet.now));
            }
        }
        if !self.fleet.cluster.instances.is_empty() && self.fleet.cluster.ready_cores() > 0 {
            self.crimes.push(format!("cores of its own serve beside instances at {}", self.fleet.now));
        }
        for (id, instance) in &mut self.instances {
            let turns = std::mem::take(&mut instance.most_turns);
            let both = instance.object.spec.strategy.as_ref().and_then(|it| it.active_standby.as_ref()?.standby);
            if both == Some(Standby::Serves) {
                self.both.insert(id.clone());
            } else if turns <= 1 {
                self.both.remove(id);
            }
            if turns > 1 + usize::from(self.both.contains(id)) || instance.most_consuming > 1 {
                self.crimes.push(format!("two of {id} are active at {}", instance.now));
            }
        }
        self.judge_turns();
        self.judge_words();
        self.judge_queues();
    }

    /// What must never be: that two engines serve on one queue.
    fn judge_queues(&mut self) {
        let mut of: BTreeMap<String, &str> = BTreeMap::new();
        for (id, instance) in &self.instances {
            let consumes = instance.cluster.consumed_by();
            // Of one that goes the records are gone, and the cores are not: they serve as they did.
            for release in instance.releases.iter().filter(|release| consumes.contains(&release.name_any())) {
                let queue = release.spec.settings.tengine.event_queue.as_ref().and_then(|queue| queue.vhost.clone());
                let queue = queue.unwrap_or_default();
                if let Some(other) = of.insert(queue.clone(), id).filter(|other| other != id) {
                    self.crimes.push(format!("{other} and {id} serve on queue {queue} at {}", self.fleet.now));
                }
            }
        }
    }

    /// What must never be: that a node gets another version while it is active.
    fn judge_turns(&mut self) {
        self.turns.retain(|(id, _), _| self.instances.contains_key(id));
        for (id, instance) in &self.instances {
            for (turn, image) in instance.cluster.served() {
                let before = self.turns.entry((id.clone(), turn)).or_insert_with(|| image.clone());
                if *before != image {
                    self.crimes.push(format!("{id} is upgraded while it is active, at {}", instance.now));
                }
            }
        }
    }

    /// What must never be: a word for a phase that no instance has been through.
    fn judge_words(&mut self) {
        for release in self.instances.values().flat_map(|instance| &instance.releases) {
            let own = release.status.as_ref().and_then(|status| status.phases.as_ref());
            let reached = self.reached.entry(release.spec.commit[..7].to_owned()).or_default();
            *reached = own.map_or(0, |own| own.done).max(*reached);
        }
        for release in self.fleet.releases_as_seen().iter() {
            let commit = &release.spec.commit[..7];
            // Cores of its own go through no phases.
            if release.is_live() && self.fleet.cluster.ready_cores() > 0 {
                self.reached.insert(commit.to_owned(), 4);
            }
            let reached = self.reached.get(commit).copied().unwrap_or_default();
            let phase = |word: &str| word.strip_prefix("Production_Phase")?.strip_suffix("_OK")?.parse::<i32>().ok();
            let words = release.status.statuses.iter().map(|word| phase(&word.name).unwrap_or(3));
            if words.max().is_some_and(|said| said > reached) {
                self.crimes.push(format!("{commit} is said to be further than phase {reached} at {}", self.fleet.now));
            }
        }
    }

    /// Whether another version may begin: none is under way that instances have changed over to, or nothing more comes of it.
    fn may_follow(&self) -> bool {
        let releases = self.fleet.releases_as_seen();
        let Some(told) = releases.told_to_instances() else { return true };
        let Some(phases) = &told.status.phases else { return true };
        if phases.begun < 2 || phases.done >= phases.last || !told.is_eligible() {
            return true;
        }
        let (desired, observed) = (validate(&self.fleet.object).unwrap(), self.fleet.observed());
        fleet::is_stuck(Sight { desired: &desired, observed: &observed, now: self.fleet.now }, told, phases)
    }

    /// Whether a person wants what the instances are told.
    fn is_brought_back(&self) -> bool {
        let releases = self.fleet.releases_as_seen();
        let words = Words::of(&self.fleet.actions, &self.fleet.object.uid().unwrap_or_default());
        let told = releases.told_to_instances().map(|told| told.name.clone());
        words.pin.is_some_and(|pin| Some(pin.release) == told)
    }

    /// What must never be: that a phase begins which a person should begin, and nobody did.
    fn judge_start(&mut self, before: (i64, i32, i32)) {
        let (passage, begun, _) = self.phases();
        let wanted = validate(&self.fleet.object).unwrap().fleet.map(|fleet| fleet.pause_before).unwrap_or_default();
        let Some(phase) =
            wanted.into_iter().find(|phase| phase.number() == begun && before == (passage, begun - 1, begun - 1))
        else {
            return;
        };
        let releases = self.fleet.releases_as_seen();
        let told = releases.told_to_instances().map(|told| told.name.clone()).unwrap_or_default();
        let is_this = |action: &TengineAction| {
            let status = action.status.clone().unwrap_or_default();
            let said = (status.outcome, status.passage, status.release.as_deref())
                == (Some(Outcome::Done), Some(passage), Some(&told));
            said && action.spec.phase == Some(phase)
        };
        let is_pinned = self.is_brought_back();
        let served = releases.named(&told).is_some_and(|told| told.is_live() && told.has_served());
        if !is_pinned && !served && !self.fleet.actions.iter().any(is_this) {
            self.crimes.push(format!("nobody began {} of {told} at {}", phase.word(), self.fleet.now));
        }
    }

    fn note(&mut self) {
        for release in self.fleet.releases_as_seen().iter() {
            let words = release.status.statuses.iter().map(|word| word.name.clone());
            let words: Vec<String> = words.collect();
            let so_far = self.words.entry(release.spec.commit[..7].to_owned()).or_default();
            let now = if words.is_empty() { "none".to_owned() } else { words.join("+") };
            if so_far.last() != Some(&now) {
                so_far.push(now.clone());
            }
            let passage = release.status.phases.as_ref().map_or(0, |phases| phases.passage);
            let said = self.said.entry((release.name.clone(), passage)).or_default();
            if said.last() != Some(&now) {
                if now.contains("_Phase") && said.contains(&now) {
                    self.crimes.push(format!("{} has {now} again, at {}", release.name, self.fleet.now));
                }
                said.push(now);
            }
        }
    }

    /// The passage, and the phases that have begun and are done, of what the instances were told last.
    pub fn phases(&self) -> (i64, i32, i32) {
        let releases = self.fleet.releases_as_seen();
        let told = releases.told_to_instances().and_then(|told| told.status.phases.clone());
        told.map_or((0, 0, 0), |phases| (phases.passage, phases.begun, phases.done))
    }

    /// How many instances consume events with this commit.
    pub fn serving(&self, digit: char) -> usize {
        self.instances.values().filter(|instance| instance.is_serving(digit)).count()
    }

    /// A line for each instance.
    pub fn lines(&self) -> String {
        let line = |(id, instance): (&String, &World)| {
            let releases = instance.releases_as_seen();
            let phases = releases.iter().filter_map(|release| {
                let phases = release.status.phases.as_ref()?;
                Some(format!("{} {}/{}", release.short(), phases.passage, phases.done))
            });
            format!(
                "{id}: {} {} phases {:?} active {:?} standby {}\n",
                instance.line(),
                instance.message(),
                phases.collect::<Vec<_>>(),
                instance.cluster.active(),
                instance.condition("StandbyReady")
            )
        };
        self.instances.iter().map(line).collect()
    }
}
