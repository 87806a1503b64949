//! What is counted in a cluster by those who judge it.

use super::{Cluster, Running, process};
use crate::domain::{ChildName, Component, Place};
use crate::manifest;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

impl Cluster {
    /// Whether there is a Deployment of this process.
    pub fn has(&self, component: Component) -> bool {
        self.deployments.contains_key(ChildName::of_component("billing", component).as_ref())
    }

    /// Whether there is one of cores in this place.
    pub fn has_cores(&self, place: Place) -> bool {
        self.deployments.contains_key(ChildName::of_cores("billing", place).as_ref())
    }

    pub fn ready_cores(&self) -> usize {
        self.cores().filter(|pod| pod.ready && pod.ends_by.is_none()).count()
    }

    /// How many Deployments and ConfigMaps there are.
    pub fn made(&self) -> usize {
        self.deployments.len() + self.configs.len()
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

    /// Whether cores of any Deployment were told to end.
    pub fn is_told_to_end(&self) -> bool {
        self.deployments.values().any(|object| object["spec"]["replicas"] == 0)
    }

    /// How many cores of these images consume events.
    pub fn consuming_of(&self, images: &[&str]) -> usize {
        let consumes = |pod: &&Running| !pod.evicted && pod.core_ready && images.contains(&pod.image.as_str());
        self.cores().filter(consumes).count()
    }

    /// The turns whose cores consume events, in pods that are told to end, too.
    pub fn turns(&self) -> BTreeSet<i64> {
        self.cores().filter(|pod| !pod.evicted && pod.core_ready).filter_map(|pod| pod.turn).collect()
    }

    /// The releases of cores that consume events.
    pub fn consumed_by(&self) -> BTreeSet<String> {
        self.cores().filter(|pod| !pod.evicted && pod.core_ready).filter_map(|pod| self.release_of(pod)).collect()
    }

    fn release_of(&self, pod: &Running) -> Option<String> {
        let mut made = self.templates.iter().filter(|set| set.owner == pod.owner && set.hash == pod.hash);
        Some(made.next_back()?.release.clone())
    }

    /// The turns whose cores consume events, each with an image of theirs.
    pub fn served(&self) -> Vec<(i64, String)> {
        let consume = self.cores().filter(|pod| !pod.evicted && pod.core_ready);
        consume.filter_map(|pod| Some((pod.turn?, pod.image.clone()))).collect()
    }

    /// How many pods of this process there are, those that end not counted.
    pub fn count(&self, component: Component) -> usize {
        self.pods.iter().filter(|pod| pod.component == component && pod.counts()).count()
    }

    /// Whether all pods of this process run one of these images.
    pub fn runs(&self, component: Component, images: &[&str]) -> bool {
        let mut pods = self.pods.iter().filter(|pod| pod.component == component && pod.counts());
        pods.all(|pod| images.contains(&pod.image.as_str()))
    }

    /// How many cores consume events, those that nobody sees included.
    pub fn active_cores(&self) -> usize {
        self.cores().filter(|pod| !pod.evicted && pod.core_ready).count()
    }

    /// The places whose cores consume events: the primary node's is the first.
    pub fn active(&self) -> BTreeSet<Place> {
        let second = ChildName::of_cores("billing", Place::Second);
        let place = |pod: &Running| if pod.owner == second.as_ref() { Place::Second } else { Place::First };
        self.cores().filter(|pod| !pod.evicted && pod.core_ready).map(place).collect()
    }

    /// Whether the word that says whose turn it is lets nobody begin by itself.
    pub fn is_held(&self) -> bool {
        self.configs.values().any(|config| config["data"][manifest::HELD].is_string())
    }

    /// How many cores have loaded the definitions and wait.
    pub fn waiting(&self) -> usize {
        self.cores().filter(|pod| pod.counts() && pod.loaded.is_some() && !pod.core_ready).count()
    }

    pub fn cores_of(&self, images: &[&str]) -> usize {
        self.cores().filter(|pod| pod.counts() && images.contains(&pod.image.as_str())).count()
    }

    /// What stands for the content that cores were started with.
    pub fn contents(&self) -> BTreeSet<String> {
        let content = |pod: &Running| {
            let template: Value = serde_json::from_str(&pod.template).unwrap();
            template["metadata"]["annotations"][manifest::SECRETS_ANNOTATION].as_str().unwrap().to_owned()
        };
        self.cores().filter(|pod| pod.counts()).map(content).collect()
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
}
