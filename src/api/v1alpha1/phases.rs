//! How far a version is with several engines.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// How far a version is through the four phases: of all instances, or of the one whose release this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phases {
    /// Counts up with each time that a version begins to go through them.
    pub passage: i64,
    /// The last phase that has begun: instances may go so far.
    #[schemars(range(min = 0, max = 4))]
    pub begun: i32,
    /// The last one that has ended.
    #[schemars(range(min = 0, max = 4))]
    pub done: i32,
    /// The last one that there is in this passage.
    #[schemars(range(min = 1, max = 4))]
    pub last: i32,
    /// Since when it is so.
    pub since: Time,
    /// Where no cores were wanted meanwhile, or no operator led: that time counts against no instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood_still: Option<StoodStill>,
}

/// Time in which no cores were wanted (`replicas: 0`), or no operator led.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
pub struct StoodStill {
    /// Since when. Where it happened more than once, as if all of it had been one time that ends last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Until when; not given as long as no cores are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}
