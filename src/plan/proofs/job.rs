//! A check that runs as a Job.

use super::attempt::{Attempt, judge, last_line, started};
use super::identity::{identity, job_name};
use super::proof::{Proof, Round, Stage};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::ChildName;
use crate::manifest::{self, CheckPod};
use crate::plan::desired::{WantedCheck, WantedJob};
use crate::plan::effect::{Effect, Track};
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use jiff::Timestamp;

/// What the Job says, or its start.
pub fn of_job(sight: Sight<'_>, release: &Release, check: (&WantedCheck, &WantedJob), round: Round) -> Track<Proof> {
    let (check, wanted) = check;
    let name = job_name(sight, &identity(release, (round.stage, round.scheduled), check));
    let attempt = Attempt {
        what: &format!("check {}", check.name),
        running: &check.name,
        name: &name,
        since: round.since,
        begun: round.scheduled.or_else(|| begun(release, round.stage)),
        starts: true,
        lasts: false,
        start: &|after| render(sight, release, (wanted, round.scheduled), &name, after),
        failed: &|message, log| failed(check, message, log),
    };
    judge(&sight.observed.jobs, sight.now, &attempt)
}

/// Since when its step has been tried.
pub fn begun(release: &Release, stage: Stage) -> Option<Timestamp> {
    let step = release.status.steps.iter().find(|step| step.name == stage.step());
    step.and_then(|step| step.since.as_ref()).map(|since| since.0)
}

fn failed(check: &WantedCheck, message: &str, log: &str) -> Proof {
    let said = last_line(log).map_or_else(String::new, |last| format!(": {last}"));
    Proof::Failed { message: format!("check {} failed: {message}{said}", check.name), evidence: log.to_owned() }
}

fn render(
    sight: Sight<'_>,
    release: &Release,
    (job, scheduled): (&WantedJob, Option<Timestamp>),
    name: &ChildName,
    after: Option<(Reason, &str)>,
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
            after,
            scheduled,
        },
        name,
    );
    Some(started(release, name, object))
}
