//! A check that runs as a Job.

use super::identity::{identity, job_name};
use super::proof::{Proof, Stage};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::ChildName;
use crate::manifest::{self, CheckPod};
use crate::plan::desired::{WantedCheck, WantedJob};
use crate::plan::effect::{Effect, Track};
use crate::plan::observed::{CheckJob, JobState};
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use jiff::{SignedDuration, Timestamp};

/// The shortest time after a Job that did not have its say until another one is started, and the longest.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// What the Job says, or its start. What was made before `since` says nothing.
pub fn of_job(
    sight: Sight<'_>,
    release: &Release,
    check: (&WantedCheck, &WantedJob),
    (stage, since): (Stage, Option<Timestamp>),
) -> Track<Proof> {
    let (check, wanted) = check;
    let name = job_name(sight, &identity(release, stage, check));
    let running = || Proof::Running(check.name.clone());
    let Some(job) = sight.observed.jobs.iter().find(|job| job.name == name.as_ref()) else {
        let started = render(sight, release, wanted, &name, None);
        return Track { effects: started.into_iter().collect(), ..Track::found(running()) };
    };
    let found = match &job.state {
        _ if job.deleting => running(),
        _ if job.made < since => {
            let effects = vec![gone(job)];
            return Track { effects, ..Track::found(running()) };
        }
        // Until its process runs it got no further than the one before it.
        JobState::Waiting => job.after.clone().map_or_else(running, |(reason, words)| Proof::Held(reason, words)),
        JobState::Running => running(),
        JobState::Passed => Proof::Passed,
        JobState::Failed { message, log, .. } => failed(check, message, log),
        JobState::Held(reason, words) => Proof::Held(*reason, format!("check {}: Job {name}: {words}", check.name)),
        JobState::Lost { reason, message, at } => {
            let held = (*reason, format!("check {}: Job {name}: {message}", check.name));
            let again = at.checked_add(pause(release, stage, job)).unwrap_or(sight.now);
            // Another one takes its place, under its name, and tells what came of this one until it gets further.
            let next = || render(sight, release, wanted, &name, Some(&held));
            let restart = || [Some(gone(job)), next()].into_iter().flatten().collect();
            let effects = if again > sight.now { Vec::new() } else { restart() };
            let due = Some(again).filter(|again| *again > sight.now);
            return Track { effects, due, ..Track::found(Proof::Held(held.0, held.1)) };
        }
    };
    Track { due: job.due, ..Track::found(found) }
}

fn failed(check: &WantedCheck, message: &str, log: &str) -> Proof {
    let last = log.lines().rev().find(|line| !line.trim().is_empty()).map_or("", str::trim);
    let last: String = last.chars().take(300).collect();
    let said = if last.is_empty() { String::new() } else { format!(": {last}") };
    Proof::Failed { message: format!("check {} failed: {message}{said}", check.name), evidence: log.to_owned() }
}

/// How long after a Job that did not have its say another one is started: as long as its step had been tried for when it was made,
/// so that each pause is about double the one before.
fn pause(release: &Release, stage: Stage, job: &CheckJob) -> SignedDuration {
    let step = release.status.steps.iter().find(|step| step.name == stage.step());
    let begun = step.and_then(|step| step.since.as_ref()).map(|since| since.0);
    let tried = job.made.zip(begun).map_or(SignedDuration::ZERO, |(made, begun)| made.duration_since(begun));
    tried.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}

/// Its removal.
pub fn gone(job: &CheckJob) -> Effect {
    Effect::DeleteJob { name: job.name.clone(), seen: job.seen.clone() }
}

fn render(
    sight: Sight<'_>,
    release: &Release,
    job: &WantedJob,
    name: &ChildName,
    after: Option<&(Reason, String)>,
) -> Option<Effect> {
    let platform = release.platform();
    let object = manifest::check_job(
        &CheckPod {
            namespace: &sight.desired.namespace,
            deployment: &sight.desired.name,
            release: &release.name,
            release_uid: &release.seen.uid,
            commit: &release.spec.commit,
            image: release.image()?,
            platform: platform.as_ref(),
            version: release.status.dsl_version.as_deref().unwrap_or(&release.spec.commit),
            settings: &release.spec.settings,
            command: &job.command,
            env: &job.env,
            resources: job.resources.as_ref(),
            timeout: job.timeout,
            after: after.map(|(reason, words)| (*reason, words.as_str())),
        },
        name,
    );
    Some(Effect::StartJob { name: name.to_string(), owner: release.seen.uid.clone(), object: Box::new(object) })
}
