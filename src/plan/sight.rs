//! What every track is given.

use super::desired::Desired;
use super::observed::{LiveChild, LiveKind, Observed, Workload};
use crate::domain::{ChildName, Component};
use jiff::Timestamp;

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

impl<'a> Sight<'a> {
    /// The Deployment of a process, where it is ours.
    pub fn deployment(self, component: Component) -> Option<&'a LiveChild> {
        let name = ChildName::of_component(&self.desired.name, component);
        let mut mine = self.observed.children.iter().filter(|child| child.ours && child.kind == LiveKind::Deployment);
        mine.find(|child| child.name == name.as_ref())
    }

    /// What the Deployment of a process says.
    pub fn workload(self, component: Component) -> Option<&'a Workload> {
        self.deployment(component)?.workload.as_ref()
    }

    /// The release that the cluster was last told to run.
    pub fn told(self) -> Option<&'a str> {
        self.workload(Component::Core)?.release.as_deref()
    }
}
