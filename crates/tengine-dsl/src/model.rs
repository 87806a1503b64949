//! A definition as Tengine runs it: root jobnets, what is in them, and drivers.

mod edges;

use super::source::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything certain that a load path defines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// Root jobnets by order of loading.
    pub jobnets: Vec<Jobnet>,
    /// Event drivers by order of loading.
    pub drivers: Vec<Driver>,
    /// Whether there may be more root jobnets or drivers than these.
    #[serde(skip_serializing_if = "is_closed")]
    pub open: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_closed(open: &bool) -> bool {
    !open
}

/// A name that was written somewhere, like a target of `:to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// What a block of words makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobnetKind {
    /// `jobnet`
    Jobnet,
    /// `hadoop_job_run`
    HadoopJobRun,
    /// `finally`
    Finally,
}

impl JobnetKind {
    /// The word that makes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jobnet => "jobnet",
            Self::HadoopJobRun => "hadoop_job_run",
            Self::Finally => "finally",
        }
    }
}

/// A single job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// `job`: a command run by SSH.
    Job,
    /// `ruby_job`: a block run in the core.
    RubyJob,
    /// `hadoop_job`: a step of a `hadoop_job_run`.
    HadoopJob,
}

impl JobKind {
    /// The word that makes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::RubyJob => "ruby_job",
            Self::HadoopJob => "hadoop_job",
        }
    }
}

/// What a jobnet or job says of itself besides its name and successors; options by name, printed as Ruby prints them.
pub type Options = BTreeMap<String, String>;

/// A jobnet, a Hadoop run or a `finally`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Jobnet {
    /// Which of the three.
    pub kind: JobnetKind,
    /// Its name; `finally` is called that.
    pub name: String,
    /// Its description, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The command of a Hadoop run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Its own options.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: Options,
    /// What `:to` names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Named>,
    /// What is in it, in order.
    pub children: Vec<Vertex>,
    /// What runs after all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finally: Option<Box<Jobnet>>,
    /// How its children follow each other.
    pub order: Order,
    /// Whether there may be more in it than is seen.
    #[serde(skip_serializing_if = "is_closed")]
    pub open: bool,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// How the children of a jobnet follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Order {
    /// One after the other, as written: with `auto_sequence`, and wherever `boot_jobs` is missing.
    Sequence {
        /// Whether `auto_sequence` stands in this jobnet's own block.
        written: bool,
    },
    /// First these, then what `:to` names.
    Boot(Vec<Named>),
}

/// Something in a jobnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Vertex {
    /// A job.
    Job(Job),
    /// A jobnet in the jobnet.
    Jobnet(Jobnet),
    /// Another root jobnet, run in place.
    Expansion(Expansion),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Which sort.
    pub kind: JobKind,
    /// Its name.
    pub name: String,
    /// Its description, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Its own options.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: Options,
    /// What `:to` names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Named>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// A root jobnet run in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expansion {
    /// The root jobnet, and the name it has here.
    pub name: String,
    /// What `:to` names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Named>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// An event driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    /// Its name.
    pub name: String,
    /// Whether activation switches it on; `None` if that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_on_activation: Option<bool>,
    /// The events it handles, one entry a handler.
    pub handlers: Vec<String>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// The start or end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// Where the jobnet starts.
    Start,
    /// Where it ends.
    End,
    /// A child.
    Child(String),
}

impl Vertex {
    /// Its name in the jobnet.
    pub fn name(&self) -> &str {
        match self {
            Self::Job(job) => &job.name,
            Self::Jobnet(jobnet) => &jobnet.name,
            Self::Expansion(expansion) => &expansion.name,
        }
    }

    /// The word that makes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Job(job) => job.kind.word(),
            Self::Jobnet(jobnet) => jobnet.kind.word(),
            Self::Expansion(_) => "expansion",
        }
    }

    /// What its `:to` names.
    pub fn to(&self) -> &[Named] {
        match self {
            Self::Job(job) => &job.to,
            Self::Jobnet(jobnet) => &jobnet.to,
            Self::Expansion(expansion) => &expansion.to,
        }
    }

    /// Where its name stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Job(job) => job.span,
            Self::Jobnet(jobnet) => jobnet.span,
            Self::Expansion(expansion) => expansion.span,
        }
    }
}

impl Definition {
    /// The root jobnet called `name`.
    pub fn jobnet(&self, name: &str) -> Option<&Jobnet> {
        self.jobnets.iter().find(|jobnet| jobnet.name == name)
    }

    /// The number of jobs at any depth.
    pub fn job_count(&self) -> usize {
        self.jobnets.iter().map(Jobnet::job_count).sum()
    }
}
