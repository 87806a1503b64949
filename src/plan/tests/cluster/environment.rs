//! What can be wrong around a core.

use jiff::{SignedDuration, Timestamp};

/// What the broker does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Broker {
    #[default]
    Up,
    /// Refuses connections: the core ends with an exception of its client.
    Refuses,
    /// Says nothing, or hangs on a wrong password: the core waits, loaded.
    Silent,
    /// Holds a message that no core survives.
    Poisoned,
    /// The same, and each core dies of it before its probe sees that it serves.
    PoisonedAtOnce,
    /// Closes the connection of each core that serves, which never comes back by itself.
    Closes,
}

/// What is wrong with the environment; by default, nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that can be wrong, alone or with others")]
pub struct Environment {
    pub broker: Broker,
    pub unschedulable: bool,
    pub unpullable: bool,
    /// Why the kubelet does not start the container: its reason, and its words.
    pub unstarted: Option<(&'static str, &'static str)>,
    /// Nodes are of another kind than the image.
    pub foreign: bool,
    pub init_fails: bool,
    pub sidecar_fails: bool,
    pub quota: bool,
    /// Somebody paused the Deployments (`kubectl rollout pause`).
    pub paused: bool,
    /// A policy that rewrites the names of images in pods.
    pub rewrites: bool,
    /// Several cores that load a new version at once race for its drivers.
    pub races: bool,
    /// Kubernetes says that there was no progress, for whatever reason it once had.
    pub stale_progress: bool,
    /// Nodes do not report: pods that are told to end stay.
    pub node_lost: bool,
    /// So many seconds the event takes that a core has in hand when it is told to end.
    pub in_hand: i64,
    /// What the operator sees of the cluster is of a second ago.
    pub lags: bool,
    /// Somebody else writes the Deployments: their generations move by themselves, and what they say is of the one before.
    pub meddled: bool,
    /// Cores of a limit below this are killed.
    pub hungry: bool,
    /// Deployments are looked at by their controller a second after they changed.
    pub slow: bool,
    /// A pod has the labels of a core, and no Deployment of ours made it.
    pub stranger: bool,
    /// Every other pod goes to a node of another kind than the image.
    pub mixed: bool,
    /// Cores end, and their log says nothing.
    pub mute: bool,
    /// Logs cannot be read: the API server does not reach the kubelets.
    pub unreadable: bool,
    /// The clocks of the nodes are half an hour ahead.
    pub ahead: bool,
}

impl Environment {
    /// A moment, as a node says it.
    pub fn told(&self, moment: Timestamp) -> Timestamp {
        if self.ahead { moment + SignedDuration::from_mins(30) } else { moment }
    }
}
