//! What is seen: of the cluster, the Git host, the registry, and of work under way. Everything is parsed at the door.

mod build;
mod child;
mod ends;
mod job;
mod look;
mod pod;
mod query;
mod replica_set;
mod upstream;
mod vouching;
mod workload;

pub use build::{Build, Built, Changes, CommitFacts, Refused, Step};
pub use child::{Acknowledged, LiveChild, LiveKind, is_controlled};
pub use ends::Ends;
pub use job::{CheckJob, JobState};
pub use look::{Look, Presence, SourceSeen, Trouble};
pub use pod::{Crash, Ending, Obstacle, Pod, PodTrouble, Unread, own_container};
pub use query::QuerySeen;
pub use replica_set::ReplicaSet;
pub use upstream::{LAST_PHASE, Upstream, UpstreamSeen, phase_word_of, trouble, word_of};
pub use vouching::{Vouched, Vouching};
pub use workload::Workload;

use super::desired::Problem;
use super::people::Words;
use super::releases::Releases;
use crate::api::v1alpha1::{PassedOn, TengineAction, TengineDeploymentStatus};
use crate::domain::{DeploymentName, Digest};
pub use crate::plan::seen::Seen;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// All that `plan` knows of the world.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The objects that the spec names.
    pub references: References,
    /// What the Git host said.
    pub source: Look<SourceSeen>,
    /// What the base image's registry said.
    pub base: Look<Digest>,
    /// What the registry said about the right to push.
    pub push: Look<()>,
    /// Whether the registry still has the image that the cluster was told to run.
    pub image: Look<Presence>,
    /// Builds by the release's name: under way, or finished and not yet recorded in the release.
    pub builds: BTreeMap<String, Build>,
    /// What the Git host said when what was verified was pushed, by the release's name.
    pub passing: BTreeMap<String, Look<PassedOn>>,
    /// The releases this deployment controls, as people's words have them.
    pub releases: Releases,
    /// The actions that name this deployment.
    pub actions: Vec<TengineAction>,
    /// What people decided by them.
    pub words: Words,
    /// Whether a policy proves who makes an action.
    pub vouching: Vouching,
    /// Where ConfigMaps speak of instances: since when they are the same ones, as far as this process saw.
    pub selected_since: Option<Timestamp>,
    /// From when until when nobody led before this process did, as far as its Lease says.
    pub vacancy: Option<(Timestamp, Timestamp)>,
    /// Deployments and ConfigMaps of names that this deployment needs or that carry its label.
    pub children: Vec<LiveChild>,
    /// The pods that carry this deployment's label.
    pub pods: Vec<Pod>,
    /// The Jobs of checks that the releases control.
    pub jobs: Vec<CheckJob>,
    /// The Jobs of connection tests, which the deployment itself controls.
    pub connections: Vec<CheckJob>,
    /// What Prometheus answered, by the identity of the check.
    pub queries: BTreeMap<String, QuerySeen>,
    /// Other deployments that use the same queue or database.
    pub neighbours: Vec<Problem>,
    /// The deployments that gates ask.
    pub upstreams: BTreeMap<DeploymentName, Upstream>,
    /// The releases of instances that go or that nothing speaks of any more, by their names.
    pub leaving: BTreeMap<String, Releases>,
    /// The status as it was last written.
    pub status: TengineDeploymentStatus,
}

/// The objects that the spec names.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// What is missing or unusable among them.
    pub problems: Vec<Problem>,
    /// By release: stands for the content of all Secrets and ConfigMaps that its pods read; absent while one is
    /// missing or unusable.
    pub hashes: BTreeMap<String, String>,
    /// The same of what pods with the settings of the spec would read.
    pub wanted: Option<String>,
    /// The content of the file that `configRef` names.
    pub config: Option<String>,
}
