//! The preflight of a release: `tengined -k load` in its image.
//!
//! The core's own words say whose fault an end is. A place in the definitions is content; broker, database, machine and rights are not,
//! nor is what nothing explains: it is said, and tried again.

use super::attempt::{Attempt, judge, last_line, started};
use super::job::begun;
use super::proof::{Proof, Stage};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{ChildName, KeyHasher};
use crate::manifest::{self, PreflightPod};
use crate::plan::effect::{Effect, Track};
use crate::plan::evidence::Evidence;
use crate::plan::releases::Release;
use crate::plan::sight::Sight;

/// What it says, or its start.
pub fn of_load(sight: Sight<'_>, release: &Release) -> Track<Proof> {
    let name = job_name(sight, release);
    let is_there = sight.observed.jobs.iter().any(|job| job.name == name.as_ref());
    if !is_there && is_in_use(sight, &name) {
        return Track::found(Proof::Running("waits for another one to leave the scratch database".into()));
    }
    let attempt = Attempt {
        what: "load",
        running: "loads the definitions",
        name: &name,
        since: None,
        begun: begun(release, Stage::Preflight),
        starts: true,
        lasts: false,
        start: &|after| start(sight, release, &name, after),
        failed: &|message, log| judged(sight, message, log),
    };
    judge(&sight.observed.jobs, sight.now, &attempt)
}

/// Whether another one is in the scratch database: two at a time would file each other's drivers.
pub fn is_in_use(sight: Sight<'_>, name: &ChildName) -> bool {
    let mine = scratch(sight);
    let all = sight.observed.jobs.iter().chain(&sight.observed.connections);
    let mut others = all.filter(|job| job.name != name.as_ref());
    others.any(|job| job.scratch.as_ref() == Some(&mine) && !job.state.is_over())
}

fn scratch(sight: Sight<'_>) -> String {
    manifest::scratch(&sight.desired.namespace, &sight.desired.name)
}

/// The name of its Job, since it was last told to be tried again.
pub fn job_name(sight: Sight<'_>, release: &Release) -> ChildName {
    let identity = KeyHasher::default()
        .part("release", &release.name)
        .part("key", &release.spec.key)
        .part("uid", &release.seen.uid)
        .part("timeout", sight.desired.checks.preflight.timeout.as_secs().to_string())
        .part("retried", release.retried.map(|at| at.as_second().to_string()).unwrap_or_default())
        .digits();
    ChildName::of_preflight(&sight.desired.name, &identity)
}

/// What an end other than 0 says.
fn judged(sight: Sight<'_>, end: &str, log: &str) -> Proof {
    let evidence = Evidence::read(log, &[]);
    let said = evidence.sentence().or_else(|| last_line(log));
    let words = said.map_or_else(String::new, |said| format!(": {said}"));
    if evidence.is_refused_by_the_database() {
        let message = format!("load: database {} is refused{words}", scratch(sight));
        return Proof::Held(Reason::ScratchDatabaseRefused, message);
    }
    if let Some(reason) = evidence.environment() {
        return Proof::Held(reason, format!("load{words}"));
    }
    match evidence.place {
        Some(_) => Proof::Failed { message: words.trim_start_matches(": ").to_owned(), evidence: log.to_owned() },
        None => Proof::Held(unexplained(&evidence), format!("load: {end}{words}")),
    }
}

/// An end that nothing explains: of the configuration, of the image, or of nobody knows what.
pub fn unexplained(evidence: &Evidence) -> Reason {
    if evidence.text.lines().any(|line| line.starts_with("the scratch database ")) {
        return Reason::ScratchDatabaseRefused;
    }
    let class = evidence.class.as_deref().unwrap_or_default();
    if class.starts_with("Psych::") || evidence.text.contains("(erb):") {
        Reason::ConfigurationInvalid
    } else if evidence.text.trim_end().ends_with("tengined: not found") {
        Reason::PackageMissing
    } else {
        Reason::CheckNotRun
    }
}

fn start(sight: Sight<'_>, release: &Release, name: &ChildName, after: Option<(Reason, &str)>) -> Option<Effect> {
    if is_in_use(sight, name) {
        return None;
    }
    let platform = release.platform();
    let object = manifest::load_job(
        &PreflightPod {
            namespace: &sight.desired.namespace,
            deployment: &sight.desired.name,
            owner: (&release.name, &release.seen.uid),
            image: release.image()?,
            platform: platform.as_ref(),
            settings: &release.spec.settings,
            timeout: sight.desired.checks.preflight.timeout,
            after,
        },
        name,
    );
    Some(started(release, name, object))
}
