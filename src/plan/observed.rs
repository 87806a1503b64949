//! What is seen: of the cluster, the Git host, the registry, and of work under way.

use super::desired::Problem;
use crate::api::v1alpha1::{Content, TengineDeploymentStatus, TengineRelease, condition::Reason};
use crate::domain::{CommitId, Component, Digest};
use jiff::Timestamp;
use serde_json::Value;
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
    /// Builds by the release's name: under way, or finished and not yet recorded in the release.
    pub builds: BTreeMap<String, Build>,
    /// The releases this deployment controls.
    pub releases: Vec<TengineRelease>,
    /// Deployments and ConfigMaps of names that this deployment needs or that carry its label.
    pub children: Vec<LiveChild>,
    /// The pods that carry this deployment's label.
    pub pods: Vec<Pod>,
    /// Other deployments that use the same queue or database.
    pub neighbours: Vec<Problem>,
    /// The status as it was last written.
    pub status: TengineDeploymentStatus,
}

/// The objects that the spec names.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// What is missing or unusable among them.
    pub problems: Vec<Problem>,
    /// By release: stands for the content of all Secrets and ConfigMaps that its pods read; absent while one is
    /// missing.
    pub hashes: BTreeMap<String, String>,
    /// The content of the file that `configRef` names.
    pub config: Option<String>,
}

/// A question to the outside that is asked again and again: its last answer, and the trouble since.
#[derive(Debug, Clone)]
pub struct Look<T> {
    /// The last answer to this very question, and when it came.
    pub answer: Option<(T, Timestamp)>,
    /// What went wrong since the last answer.
    pub trouble: Option<Trouble>,
    /// Whether the question is being asked right now.
    pub running: bool,
    /// The value of the `reconcile-at` annotation that the last finished look served.
    pub served: Option<String>,
    /// Where an answer from before this process is remembered: when to ask for the first time, so that after a start not all
    /// ask at once.
    pub not_before: Option<Timestamp>,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self { answer: None, trouble: None, running: false, served: None, not_before: None }
    }
}

/// An outside party said no, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub reason: Reason,
    /// In a sentence, with what to do.
    pub message: String,
    /// A definite no, as opposed to being out of reach.
    pub definite: bool,
    /// Since when there is trouble without a success in between.
    pub since: Timestamp,
    /// When to try again.
    pub retry_at: Timestamp,
}

/// What a Git ref points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSeen {
    /// The full name of the ref.
    pub reference: String,
    /// The commit.
    pub commit: CommitId,
}

/// The build of one release.
#[derive(Debug, Clone)]
pub enum Build {
    /// Under way; with what was in the way of the try before, which holds until there is an outcome.
    Running(Option<(Step, Trouble)>),
    /// Its image is in the registry.
    Built(Box<Built>),
    /// The content was refused.
    Refused(Box<Refused>),
    /// Something was in the way; which step, and what.
    Trouble(Step, Trouble),
}

impl Build {
    /// What is in the way, as far as is known.
    pub fn trouble(&self) -> Option<(Step, &Trouble)> {
        match self {
            Self::Trouble(step, trouble) | Self::Running(Some((step, trouble))) => Some((*step, trouble)),
            Self::Running(None) | Self::Built(_) | Self::Refused(_) => None,
        }
    }
}

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Fetch, check and pack.
    Source,
    /// Append and push.
    Image,
}

/// What is known of a commit once it was fetched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CommitFacts {
    /// First line of the message.
    pub subject: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was committed.
    pub committed_at: Option<Timestamp>,
}

/// A finished build.
#[derive(Debug, Clone)]
pub struct Built {
    /// The image by digest.
    pub image: String,
    /// The digest of the packed tree.
    pub tree: Digest,
    /// What Tengine calls this version.
    pub dsl_version: String,
    /// Of the commit.
    pub facts: CommitFacts,
    /// What the definitions hold.
    pub content: Content,
    /// What changed against the release that serves, where that could be told.
    pub changes: Option<Changes>,
    /// What the author should know, as sentences.
    pub notes: Vec<String>,
    /// Findings that stop nothing; empty for none.
    pub evidence: String,
}

/// What changed in the definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// `+3 -1 ~2`.
    pub counts: String,
    /// What is counted, by name.
    pub names: Vec<String>,
}

/// A refused build.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why, in a word.
    pub reason: Reason,
    /// Why, in a sentence.
    pub message: String,
    /// All findings.
    pub evidence: String,
    /// What the definitions hold, where they were read.
    pub content: Option<Content>,
    /// Of the commit, where it was got at all.
    pub facts: CommitFacts,
}

/// A Deployment or ConfigMap in the cluster.
#[derive(Debug, Clone)]
pub struct LiveChild {
    /// `Deployment` or `ConfigMap`.
    pub kind: LiveKind,
    /// Its name.
    pub name: String,
    /// Whether this deployment, by UID, controls it.
    pub ours: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// The object.
    pub object: Value,
    /// Whether the API server acknowledged exactly what is rendered now, though it reads differently.
    pub acknowledged: Option<Acknowledged>,
}

/// What was rendered when the API server last acknowledged a child, and the generation it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The digest of what was sent.
    pub rendered: Digest,
    /// The `resourceVersion` or generation it answered with.
    pub generation: i64,
}

/// The kind of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveKind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `v1` ConfigMap.
    ConfigMap,
}

/// A pod, reduced to what decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// What runs in it.
    pub component: Option<Component>,
    /// The image of its container.
    pub image: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// How often its container ended.
    pub crashes: i32,
    /// What is wrong with it.
    pub trouble: Option<PodTrouble>,
}

/// What is wrong with a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodTrouble {
    /// No node takes it; the scheduler's words.
    Unschedulable(String),
    /// The image cannot be pulled; the kubelet's words.
    Pull(String),
    /// The container cannot be made; the kubelet's words.
    Container(String),
    /// There is no `tengined` in the image.
    PackageMissing,
    /// The process ended; what its log says.
    Crash(Crash),
}

/// How a process ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crash {
    /// The exit code.
    pub exit_code: i32,
    /// The container runtime's word, such as `OOMKilled`.
    pub runtime_reason: Option<String>,
    /// What the log says.
    pub evidence: super::evidence::Evidence,
}
