//! What every track is given.

use super::desired::{Desired, WantedInstance};
use super::observed::{LiveChild, LiveKind, Observed, Pod, Workload};
use crate::api::v1alpha1::{Standby, StrategyType};
use crate::domain::{ChildName, Component, Place};
use jiff::Timestamp;
use serde_json::Value;

/// What is wanted, what is seen, and the time: all that a decision may depend on.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What the user wants.
    pub desired: &'a Desired,
    /// What is seen.
    pub observed: &'a Observed,
    /// When.
    pub now: Timestamp,
}

/// A Deployment of cores.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// Where.
    pub place: Place,
    /// Its name.
    pub name: &'a str,
    /// The turn in which they consume events; none of cores that wait for nobody.
    pub turn: Option<i64>,
    /// What it says of its pods.
    pub workload: &'a Workload,
    /// All of it.
    pub object: &'a Value,
}

/// Orders cores by when they came: where they take turns, those of the latest turn came last.
pub fn newness(strategy: StrategyType, place: Place, turn: Option<i64>) -> impl Ord {
    (turn.filter(|_| strategy.takes_turns()), place == Place::First)
}

impl Post<'_> {
    /// Whether it was told to have no cores, and has none.
    pub fn is_empty(&self) -> bool {
        self.workload.is_current && self.workload.wanted == 0 && self.workload.replicas == 0
    }
}

impl<'a> Sight<'a> {
    /// The places where cores stand, with Deployments of ours.
    pub fn posts(self) -> impl Iterator<Item = Post<'a>> {
        let name = |place| ChildName::of_cores(&self.desired.name, place);
        Place::ALL.into_iter().filter_map(move |place| {
            let child = self.named(name(place).as_ref()).filter(|child| !child.deleting)?;
            let workload = child.workload.as_ref()?;
            Some(Post { place, name: &child.name, turn: workload.turn, workload, object: &child.object })
        })
    }

    /// Whose turn it is to consume events; 0 as long as nobody had to wait for one. Where what says so was removed, the cores know that were
    /// told: of those that serve beside others, the others are of a later turn.
    pub fn turn(self) -> i64 {
        let told = || self.cores().filter(|pod| pod.is_told).filter_map(|pod| pod.turn).min();
        self.said().or_else(told).unwrap_or(0)
    }

    /// Whether nothing says any more whose turn it is, though it is somebody's: cores that are started later would not know.
    pub fn is_unsaid(self) -> bool {
        self.said().is_none() && self.turn() > 0
    }

    /// Whether cores of the turn that has come begin only where they are told so one by one.
    pub fn is_held(self) -> bool {
        self.word().is_some_and(|map| map.is_held)
    }

    /// The turn that is said to have come.
    fn said(self) -> Option<i64> {
        self.word()?.serves
    }

    /// What says whose turn it is.
    fn word(self) -> Option<&'a LiveChild> {
        let name = ChildName::of_turn(&self.desired.name);
        let ours = |child: &&LiveChild| child.kind == LiveKind::ConfigMap && child.ours && !child.deleting;
        self.observed.children.iter().filter(ours).find(|child| child.name == name.as_ref())
    }

    /// The core pods there are, those that end included.
    pub fn cores(self) -> impl Iterator<Item = &'a Pod> {
        self.observed.pods.iter().filter(|pod| pod.component == Some(Component::Core) && !pod.is_over)
    }

    /// The cores of a turn that serve, and were not told to end.
    pub fn ready_in(self, turn: Option<i64>) -> impl Iterator<Item = &'a Pod> {
        self.cores().filter(move |pod| pod.turn == turn && pod.ready && !pod.is_deleting())
    }

    /// The cores that came last; where they are a standby of what serves, that.
    fn newest(self) -> Option<Post<'a>> {
        let newest = self.posts().max_by_key(|post| newness(self.desired.strategy, post.place, post.turn))?;
        let serves = self.serving().filter(|serving| {
            newest.turn > serving.turn
                && newest.workload.release == serving.workload.release
                && serving.workload.wanted > 0
        });
        Some(serves.filter(|_| self.desired.strategy == StrategyType::ActiveStandby).unwrap_or(newest))
    }

    /// The turn of the cores that serve, where others wait beside them all the time.
    pub fn active_turn(self) -> Option<i64> {
        self.serving().filter(|_| self.desired.strategy == StrategyType::ActiveStandby)?.turn
    }

    /// Whether cores of the other place serve beside those whose turn it is, or will again: no other version waits there.
    pub fn both_serve(self) -> bool {
        let active = self.active_turn();
        let serves = self.posts().find(|post| post.turn == active).and_then(|post| post.workload.release.as_deref());
        let is_other = |post: &Post<'_>| post.turn > active && post.workload.release.as_deref() != serves;
        self.desired.standby == Standby::Serves && !self.posts().any(|post| is_other(&post))
    }

    /// The cores whose turn it is.
    fn serving(self) -> Option<Post<'a>> {
        let turn = self.turn();
        self.posts().find(|post| post.turn == Some(turn))
    }

    /// The Deployment of ours that has this name, be it that it goes.
    pub fn named(self, name: &str) -> Option<&'a LiveChild> {
        let mut mine = self.observed.children.iter().filter(|child| child.ours && child.kind == LiveKind::Deployment);
        mine.find(|child| child.name == name)
    }

    /// The Deployment of a process, where it is ours.
    pub fn deployment(self, component: Component) -> Option<&'a LiveChild> {
        match (component, self.newest()) {
            (Component::Core, Some(newest)) => self.named(newest.name),
            _ => self.named(ChildName::of_component(&self.desired.name, component).as_ref()),
        }
    }

    /// What the Deployment of a process says.
    pub fn workload(self, component: Component) -> Option<&'a Workload> {
        self.deployment(component)?.workload.as_ref()
    }

    /// The release that the cluster was last told to run. Where no cores were ever wanted, nothing was made that could say so: the record does.
    pub fn told(self) -> Option<&'a str> {
        if self.desired.fleet.is_some() {
            return self.told_to_instances();
        }
        match self.workload(Component::Core) {
            Some(core) => core.release.as_deref(),
            None => self.observed.releases.live_without_cores().map(|release| release.name.as_str()),
        }
    }

    /// What the instances were told last. Where the record of that was removed by hand, it is a name that no release has: who goes by the
    /// records that are left would take the instances back. Who could not be told for long may name one that was removed long ago.
    fn told_to_instances(self) -> Option<&'a str> {
        let releases = &self.observed.releases;
        let told = releases.told_to_instances();
        let newest = told.and_then(|told| told.status.phases.as_ref()).map(|phases| phases.passage);
        let is_wanted = |name: &str| self.desired.instances().any(|instance| instance.deployment.name == name);
        let mut said = self.named_to_instances().filter(|(child, ..)| !child.deleting && is_wanted(&child.name));
        let lost = said.find(|(_, name, passage)| releases.named(name).is_none() && Some(*passage) > newest);
        lost.map(|(_, name, _)| name).or_else(|| told.map(|told| told.name.as_str()))
    }

    /// Each instance with the release that it was told, and in which passage.
    pub fn named_to_instances(self) -> impl Iterator<Item = (&'a LiveChild, &'a str, i64)> {
        self.instances().filter_map(|child| {
            let promotion = child.object.pointer("/spec/source/promotion")?;
            Some((child, promotion["release"].as_str()?, promotion["passage"].as_i64()?))
        })
    }

    /// The instances that there are, those that go included.
    pub fn instances(self) -> impl Iterator<Item = &'a LiveChild> {
        self.observed.children.iter().filter(|child| child.ours && child.kind == LiveKind::Instance)
    }

    /// Whether somebody else's stands where an instance is to be.
    pub fn is_taken(self, instance: &WantedInstance) -> bool {
        let mut others = self.observed.children.iter().filter(|child| !child.ours && child.kind == LiveKind::Instance);
        others.any(|child| child.name == instance.deployment.name)
    }

    /// Whether the record of the release that the cluster was last told to run was removed.
    pub fn is_told_lost(self) -> bool {
        self.told().is_some_and(|name| self.observed.releases.named(name).is_none())
    }
}
