//! How one release takes the place of another.

use crate::api::door;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one release takes the place of another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// Default RollingUpdate.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<StrategyType>,

    /// How long a new release may take until its pods are ready; also the start-up allowance of a core that loads
    /// long. Default 10m, at least 10s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("10s", "8760h"))]
    pub progress_deadline: Option<String>,
}

/// How one release takes the place of another. `RollingUpdate` (the default): never fewer ready cores than wanted and at
/// most a quarter more (up to four: one by one), and the first of a new version alone until it runs; two versions of the definitions share the queue for that time.
/// `Recreate`: all old pods end, then the new ones start; the queue keeps the events meanwhile.
/// `HandOver`: the new pods start and load the definitions while the old ones serve; once all of them wait, the old ones
/// finish the event in hand and end, and then the new ones begin: never two versions at once, and a gap of a second or two.
/// `ActiveStandby`: as `HandOver`, with as many pods again that have loaded the same release and wait beside those that serve; they
/// take over within seconds where those die.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StrategyType {
    /// A few pods at a time, never fewer than wanted; two DSL versions share the queue for that time.
    #[default]
    RollingUpdate,
    /// All old pods end, then the new ones start: never two versions at once. The queue keeps the events meanwhile.
    Recreate,
    /// The new pods load and wait while the old ones serve, and begin once those have ended: never two versions at once, and
    /// hardly a gap. Twice as many pods for that time.
    HandOver,
    /// As `HandOver`, and what was handed over from is not removed: it loads the same release, once that is verified, and waits. It
    /// takes over where what serves dies. Twice as many pods, all the time.
    ActiveStandby,
}

impl StrategyType {
    /// Whether cores wait for their turn to consume events, and never two turns consume at once.
    pub const fn takes_turns(self) -> bool {
        matches!(self, Self::HandOver | Self::ActiveStandby)
    }
}
