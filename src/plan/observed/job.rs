//! The Job of a check, reduced to what decides.
//!
//! Only a process that ran and ended by itself, or ran for the whole of its time, says anything about a release. Whatever kept
//! it from that is environment. What else is in its pod, and what becomes of pod and Job for that, says nothing; and how long it
//! ran is read from the two ends of it that its node noted, so that no clock is compared with another.

use super::pod::{cannot_start, condition, unscheduled};
use super::{Obstacle, PodTrouble, Seen};
use crate::api::v1alpha1::condition::Reason;
use crate::manifest;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use kube::ResourceExt as _;

/// How long the Job controller may take to make the pod before that is worth a word.
const POD_IS_MADE: SignedDuration = SignedDuration::from_secs(20);
/// How much later than a Job's end its pod's may be seen: they come by different watches.
const POD_IS_SEEN: SignedDuration = SignedDuration::from_secs(10);
/// Nodes note whole seconds.
const OVERTIME: SignedDuration = SignedDuration::from_secs(1);

/// The Job of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckJob {
    /// Its name.
    pub name: String,
    /// Which one of that name it is: one that did not have its say is followed by another.
    pub seen: Seen,
    /// Whether it is being removed.
    pub deleting: bool,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// What kept the one before it from having its say, if there was one.
    pub after: Option<(Reason, String)>,
    /// When the first of those before it was made, if there was one.
    pub begun: Option<Timestamp>,
    /// The scratch database that it uses, where it uses one.
    pub scratch: Option<String>,
    /// The time of `checks.schedule` that it was made for, where it was made for one.
    pub scheduled: Option<Timestamp>,
    /// How far it is.
    pub state: JobState,
    /// When time alone changes that.
    pub due: Option<Timestamp>,
}

/// How far a Job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Its process does not run yet, and nothing is wrong.
    Waiting,
    /// Its process runs.
    Running,
    /// It ended with 0.
    Passed,
    /// It ran and said no.
    Failed {
        /// In a sentence.
        message: String,
        /// The pod whose log says more.
        pod: String,
        /// The end of that log, once it was read.
        log: String,
        /// Since when.
        at: Timestamp,
    },
    /// Something keeps its process from running.
    Held(Reason, String),
    /// It is over, and its process did not have its say.
    Lost {
        /// Why.
        reason: Reason,
        /// In a sentence.
        message: String,
        /// Since when.
        at: Timestamp,
    },
}

impl JobState {
    /// Whether nothing more comes of it.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Passed | Self::Failed { .. } | Self::Lost { .. })
    }
}

impl CheckJob {
    /// Reads it. The log of a failure is empty: it has to be asked for.
    pub fn read(job: &v1::Job, pods: &[&Pod], now: Timestamp) -> Self {
        let name = job.name_any();
        let mine = pods.iter().filter(|pod| is_of(pod, job));
        let pod = mine.max_by_key(|pod| pod.creation_timestamp().map(|at| at.0)).copied();
        let timeout = SignedDuration::from_secs(manifest::check_timeout(job));
        let (state, due) = match pod.and_then(|pod| said(pod, timeout, now)) {
            Some(state) => (state, None),
            None => state(job, pod, now),
        };
        let (deleting, made) = (job.metadata.deletion_timestamp.is_some(), job.creation_timestamp().map(|at| at.0));
        Self {
            name,
            seen: Seen::of(job),
            deleting,
            made,
            after: manifest::check_after(job),
            begun: manifest::check_begun(job),
            scratch: manifest::check_scratch(job),
            scheduled: manifest::check_scheduled(job),
            state,
            due: due.filter(|at| *at > now),
        }
    }
}

/// What its process said, if it had its say: from then on nothing else counts.
fn said(pod: &Pod, timeout: SignedDuration, now: Timestamp) -> Option<JobState> {
    let end = own(pod)?.state.as_ref()?.terminated.as_ref().filter(|end| is_started(end))?;
    let at = end.finished_at.as_ref().map_or(now, |at| at.0);
    let failed = |message: String| Some(JobState::Failed { message, pod: pod.name_any(), log: String::new(), at });
    let lasted = end.started_at.as_ref().zip(end.finished_at.as_ref()).map(|(from, to)| to.0.duration_since(from.0));
    match end.exit_code {
        _ if end.reason.as_deref() == Some("OOMKilled") => None,
        _ if lasted.is_some_and(|lasted| lasted > timeout + OVERTIME) => {
            failed("it did not end within its timeout".into())
        }
        0 => Some(JobState::Passed),
        // KILL or TERM: the node's doing, or a person's; or its pod was told to end, and it heard that.
        137 | 143 => None,
        _ if pod.metadata.deletion_timestamp.is_some() || is_disrupted(pod) => None,
        code => failed(format!("exit code {code}")),
    }
}

fn is_disrupted(pod: &Pod) -> bool {
    condition(pod, "DisruptionTarget").is_some_and(|said| said.status == "True")
}

fn is_of(pod: &Pod, job: &v1::Job) -> bool {
    pod.metadata.owner_references.iter().flatten().any(|owner| Some(&owner.uid) == job.metadata.uid.as_ref())
}

fn state(job: &v1::Job, pod: Option<&Pod>, now: Timestamp) -> (JobState, Option<Timestamp>) {
    let ended = |kind: &str| {
        let all = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let found = all.into_iter().find(|said| said.type_ == kind && said.status == "True")?;
        Some(found.last_transition_time.as_ref().map_or(now, |at| at.0))
    };
    if ended("Complete").is_some() {
        return (JobState::Passed, None);
    }
    if let Some(at) = ended("Failed") {
        return of_failed(pod, at, now);
    }
    let Some(pod) = pod else {
        let made = job.creation_timestamp().map_or(now, |at| at.0);
        let patience = made.checked_add(POD_IS_MADE).unwrap_or(now);
        let message = format!("no pod is made for Job {0}: kubectl describe job {0} tells why", job.name_any());
        let state = if patience <= now { JobState::Held(Reason::PodsRefused, message) } else { JobState::Waiting };
        return (state, Some(patience));
    };
    let own = own(pod);
    let trouble = unscheduled(pod).or_else(|| own.and_then(cannot_start));
    let state = match trouble {
        Some(PodTrouble::Obstacle(obstacle, words)) => JobState::Held(held_by(obstacle), words),
        Some(PodTrouble::PackageMissing | PodTrouble::Crash(_) | PodTrouble::Disconnected) | None => {
            let runs = own.and_then(|own| own.state.as_ref()?.running.as_ref()).is_some();
            if runs { JobState::Running } else { JobState::Waiting }
        }
    };
    (state, None)
}

fn of_failed(pod: Option<&Pod>, at: Timestamp, now: Timestamp) -> (JobState, Option<Timestamp>) {
    let lost = |reason, message: String| JobState::Lost { reason, message, at };
    let shown = at.checked_add(POD_IS_SEEN).unwrap_or(now);
    let end = pod.and_then(own).and_then(|own| own.state.as_ref()?.terminated.as_ref());
    let Some(pod) = pod else {
        let state = if shown <= now { lost(Reason::CheckNotRun, "its pod is gone".into()) } else { JobState::Waiting };
        return (state, Some(shown));
    };
    let too_long = pod.status.as_ref().and_then(|status| status.reason.as_deref()) == Some("DeadlineExceeded");
    let state = match end {
        Some(end) if is_started(end) => of_end(pod, end, too_long, at),
        Some(end) => {
            let words = end.message.clone().or_else(|| end.reason.clone()).unwrap_or_default();
            lost(Reason::CheckNotRun, format!("its command cannot be started: {words}"))
        }
        None if too_long => {
            let words = match own(pod).and_then(cannot_start) {
                Some(PodTrouble::Obstacle(_, words)) => words,
                _ => "its container was not started".into(),
            };
            lost(Reason::CheckNotRun, format!("it was not started in time: {words}"))
        }
        None if shown > now => JobState::Running,
        None => lost(Reason::CheckNotRun, "its pod ended without its process".into()),
    };
    (state, Some(shown))
}

/// Its process ran, and was not let finish.
fn of_end(pod: &Pod, end: &ContainerStateTerminated, too_long: bool, at: Timestamp) -> JobState {
    let lost = |reason, message: String| JobState::Lost { reason, message, at };
    if end.reason.as_deref() == Some("OOMKilled") {
        return lost(Reason::OutOfMemory, "it was killed at its memory limit (job.resources.limits.memory)".into());
    }
    let message = match end.exit_code {
        _ if is_disrupted(pod) => "its pod was evicted".into(),
        _ if pod.metadata.deletion_timestamp.is_some() => "its pod was deleted".into(),
        _ if too_long => "its pod took so long to start that it had less than its timeout left".into(),
        code => format!("it was ended from outside (exit code {code})"),
    };
    lost(Reason::CheckNotRun, message)
}

/// Whether a process ran at all, and its end is known: after a node's hard end it is `Unknown`.
fn is_started(end: &ContainerStateTerminated) -> bool {
    !matches!(end.reason.as_deref(), Some("StartError" | "ContainerCannotRun" | "ContainerStatusUnknown" | "Unknown"))
}

fn own(pod: &Pod) -> Option<&ContainerStatus> {
    let all = pod.status.as_ref()?.container_statuses.as_ref()?;
    all.iter().find(|status| status.name == manifest::CHECK_CONTAINER)
}

fn held_by(obstacle: Obstacle) -> Reason {
    match obstacle {
        Obstacle::ContainerStart | Obstacle::Shell => Reason::CheckNotRun,
        other => other.reason(),
    }
}
