//! Deterministic names of what the operator makes.

use super::{CommitId, KeyHasher, Malformed, text_value};
use serde::{Deserialize, Serialize};

/// One of the processes that Tengine consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// `tengined`, the core.
    Core,
    /// `tengine_heartbeat_watchd`, which declares daemons dead.
    HeartbeatWatchd,
    /// `tengine_atd`, which fires scheduled events.
    Atd,
}

impl Component {
    /// All of them, the core first.
    pub const ALL: [Self; 3] = [Self::Core, Self::HeartbeatWatchd, Self::Atd];

    /// The value of the `app.kubernetes.io/component` label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::HeartbeatWatchd => "heartbeat-watchd",
            Self::Atd => "atd",
        }
    }

    const fn infix(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::HeartbeatWatchd => "watchd",
            Self::Atd => "atd",
        }
    }
}

/// Where cores of a deployment can stand: there are two places, so that one version can load while another one serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The one that every deployment has.
    #[default]
    First,
    /// The one beside it, while and after a version was handed over there.
    Second,
}

impl Place {
    /// Both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// The one that this is not.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// The name of a Kubernetes object that belongs to one deployment, at most 45 characters:
/// `<deployment>-<what>-<hash>`. The hash is of the deployment's whole name (or of the object's content),
/// so that no two deployments of a namespace can ever mean the same object.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildName(String);
text_value!(ChildName);

/// A pod's name adds a ReplicaSet's hash and a suffix, 17 characters, and should fit a host name's 63.
const LONGEST_CHILD: usize = 45;

impl ChildName {
    /// The name of the Deployment that runs `component`.
    pub fn of_component(deployment: &str, component: Component) -> Self {
        Self::of_hashed(deployment, component.infix())
    }

    /// The name of the Deployment of the cores in this place.
    pub fn of_cores(deployment: &str, place: Place) -> Self {
        match place {
            Place::First => Self::of_component(deployment, Component::Core),
            Place::Second => Self::of_hashed(deployment, "core2"),
        }
    }

    /// The name of the ConfigMap that says whose turn it is.
    pub fn of_turn(deployment: &str) -> Self {
        Self::of_hashed(deployment, "turn")
    }

    /// The name of the `TengineDeployment` that is this instance of `deployment`; an id has 32 characters at most.
    pub fn of_instance(deployment: &str, id: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).part("instance", id).digits();
        Self::join(deployment, id, &hash[..8])
    }

    fn of_hashed(deployment: &str, what: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).digits();
        Self::join(deployment, what, &hash[..8])
    }

    /// The name of the ConfigMap with this content.
    pub fn of_config(deployment: &str, content: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).part("content", content).digits();
        Self::join(deployment, "config", &hash)
    }

    /// The name of the `PodDisruptionBudget` of the cores.
    pub fn of_budget(deployment: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).digits();
        Self::join(deployment, "budget", &hash[..8])
    }

    /// The name of the Job that makes a check; `identity` stands for all that makes it this one and no other.
    pub fn of_check(deployment: &str, identity: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).part("check", identity).digits();
        Self::join(deployment, "check", &hash)
    }

    /// The name of the Job in which Tengine itself is asked; `identity` as for a check.
    pub fn of_preflight(deployment: &str, identity: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).part("preflight", identity).digits();
        Self::join(deployment, "preflight", &hash)
    }

    /// The name of the Job that tests the connection to broker and database; `identity` as for a check.
    pub fn of_connection(deployment: &str, identity: &str) -> Self {
        let hash = KeyHasher::default().part("deployment", deployment).part("connection", identity).digits();
        Self::join(deployment, "connection", &hash)
    }

    fn join(deployment: &str, what: &str, hash: &str) -> Self {
        let room = LONGEST_CHILD.saturating_sub(what.len() + hash.len() + 2);
        let stem = deployment[..deployment.len().min(room)].trim_end_matches(['-', '.']).replace('.', "-");
        Self(format!("{stem}-{what}-{hash}"))
    }
}

impl std::str::FromStr for ChildName {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fine = (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fine.then(|| Self(text.into())).ok_or_else(|| Malformed::new("the name of a child", text, "use a DNS label"))
    }
}

/// The name of a release: `<deployment>-<number>-<short commit>`, such as `billing-0041-4f2c1a9`.
///
/// The number counts up within a deployment, has at least four digits, and is what people say: "release 41".
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseName(String);
text_value!(ReleaseName);

impl ReleaseName {
    /// The name of release `number` of `deployment`, which holds `commit`.
    pub fn new(deployment: &str, number: i64, commit: &CommitId) -> Self {
        Self(format!("{deployment}-{number:04}-{}", commit.short()))
    }

    /// The number in a release's name, if it is one.
    pub fn number(&self) -> Option<i64> {
        self.0.rsplit('-').nth(1)?.parse().ok()
    }
}

impl std::str::FromStr for ReleaseName {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let name = Self(text.into());
        let fine = text.len() <= 253 && name.number().is_some();
        fine.then_some(name)
            .ok_or_else(|| Malformed::new("the name of a release", text, "give DEPLOYMENT-NUMBER-COMMIT"))
    }
}
