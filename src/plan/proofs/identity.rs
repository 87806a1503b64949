//! What a check of a release is known by.

use super::proof::Stage;
use crate::domain::{ChildName, KeyHasher};
use crate::plan::desired::{Probe, WantedCheck};
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use jiff::Timestamp;
use serde_json::json;

/// Stands for a check of a release, since it was last told to be tried again; of a verification that is made again, for the one of
/// this time of its schedule.
pub fn identity(release: &Release, (stage, scheduled): (Stage, Option<Timestamp>), check: &WantedCheck) -> String {
    let asked = match &check.probe {
        Probe::Job(job) => json!([job.command, job.env, job.resources, job.timeout.as_secs()]),
        Probe::Query(query) => json!([query.url, query.expression, query.at_least, query.at_most]),
    };
    let key = KeyHasher::default()
        .part("release", &release.name)
        .part("key", &release.spec.key)
        .part("uid", &release.seen.uid)
        .part("stage", format!("{stage:?}"))
        .part("check", &check.name)
        .part("asked", asked.to_string())
        .part("retried", release.retried.map(|at| at.as_second().to_string()).unwrap_or_default());
    match scheduled {
        Some(at) => key.part("scheduled", at.as_second().to_string()).digits(),
        None => key.digits(),
    }
}

/// The name of the Job of a check.
pub fn job_name(sight: Sight<'_>, identity: &str) -> ChildName {
    ChildName::of_check(&sight.desired.name, identity)
}
